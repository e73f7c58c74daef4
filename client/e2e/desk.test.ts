import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { launchChromium } from '../test/chromium.js';
import { Cluster, tokenFor } from './cluster.js';

const SHOTS = '.cache/screenshots';

let cluster: Cluster;
let browser: Browser;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launchChromium();
  cluster = await Cluster.start(2);
}, { timeout: 360_000 });

after(async () => {
  await browser?.close();
  await cluster?.stop();
});

async function desk(uuid: string, edge: number, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, locale: 'en-US', ...options });
  context.setDefaultTimeout(60_000);
  const tab = await context.newPage();
  const complaints: string[] = [];
  tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await tab.goto(cluster.desk(edge, tokenFor(uuid)));
  await tab.locator('#status[data-state=online]').waitFor();
  assert.deepEqual(complaints, [], "the edge's headers let the desk work");
  return tab;
}

const texts = (tab: Tab): Promise<string[]> => tab.locator('#unread .text').allTextContents();

test('a worksheet that is sent appears on the desk, and what is acknowledged is gone for good', async () => {
  const uuid = 'badf677b-23df-2a5b-23ds-81d18g23ec69';
  const tab = await desk(uuid, 0);
  await cluster.send(uuid, [{ type: 'new_worksheet_to_deal', infos: '你有一条新工单待处理' }]);
  await tab.locator('#unread .text', { hasText: '你有一条新工单待处理' }).waitFor();
  assert.match((await tab.locator('#unread .latency').textContent())!, /^delivered in \d/);
  await cluster.send(uuid, [{ type: 'new_worksheet_to_deal', infos: 'the second' }]);
  await tab.locator('#unread .card').nth(1).waitFor();

  await tab.locator('#unread .card').nth(1).getByRole('button').click();
  await tab.locator('#done .card').waitFor({ state: 'attached' });
  await tab.waitForTimeout(2_000);
  const other = await desk(uuid, 1);
  await other.locator('#unread .card').waitFor();

  assert.deepEqual(await texts(other), ['the second'], 'on another device, at another edge node');
});

test('when every edge node is killed the desk has everything once one is back', async () => {
  const uuid = 'desk-moves';
  const tab = await desk(uuid, 0);
  await cluster.send(uuid, [{ infos: 'before' }]);
  await tab.locator('#unread .card').waitFor();

  const restarted = cluster.edges.map((edge) => cluster.restart(edge));
  await cluster.send(uuid, [{ infos: 'while all edges are away' }]);

  await tab.locator('#unread .card').nth(1).waitFor();
  assert.deepEqual(await texts(tab), ['while all edges are away', 'before']);
  await Promise.all(restarted);
});

for (const [name, options] of Object.entries({
  light: {},
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
  chinese: { locale: 'zh-CN' },
} as Record<string, BrowserContextOptions>)) {
  test(`screenshot: ${name}`, async () => {
    const uuid = `shot-${name}`;
    const tab = await desk(uuid, 0, options);
    await cluster.send(uuid, [
      { type: 'new_worksheet_to_deal', infos: '你有一条新工单待处理' },
      { type: 'new_worksheet_to_deal', infos: 'Printer on the third floor prints blank pages', worksheet: 'W-20931', priority: 'high' },
      { type: 'worksheet_escalated', infos: 'VPN drops every 20 minutes for the whole Lisbon office.', worksheet: 'W-20944' },
    ]);
    await tab.locator('#unread .card').nth(2).waitFor();
    await tab.screenshot({ path: `${SHOTS}/desk-${name}.png`, animations: 'disabled' });
  });
}
