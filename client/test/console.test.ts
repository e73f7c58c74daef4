// The operator's console on answers that are made up: what it shows, what it asks before it acts,
// and that it can be used by everybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { launchChromium } from './chromium.js';
import { eventually } from './support.js';

const FILES = '../operator/src/main/resources/io/switchboard/operator/console';
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const TYPES: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
const EVIL = '<img src=x onerror="document.title=1">';

interface Answer {
  code: number;
  lines: Record<string, unknown>[];
  error: string;
}

let browser: Browser;
let server: Server;
let context: BrowserContext | undefined;
let answers: Record<string, Answer>;
let asked: [path: string, said: unknown][];
let complaints: string[];

const lines = (...all: Record<string, unknown>[]): Answer => ({ code: 0, lines: all, error: '' });

before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

beforeEach(async () => {
  asked = [];
  complaints = [];
  answers = {
    edges: lines(
      { edge: 'edge-1', since: '2026-01-01T10:00:00.123Z', address: 'ws://127.0.0.1:9081/ws', admin: 'http://127.0.0.1:9181', connections: 1234, draining: false, state: 'ready' },
      { edge: 'edge-2', since: '2026-01-01T10:00:00.123Z', address: 'ws://127.0.0.1:9082/ws', admin: null, draining: true, state: 'draining' },
    ),
    lanes: {
      code: 1,
      error: '',
      lines: [
        { lane: 'aB3_-x.0', owner: 'dispatcher-1', end: 10, lag: 0, lag_ms: 0, open: 0, delayed: 0, healthy: true, note: '' },
        { lane: 'aB3_-x.1', owner: null, end: 20, lag: 7, lag_ms: 8_400, open: 3, delayed: 1, healthy: false, note: 'no dispatcher has it' },
      ],
    },
    'dead-letters': lines({ key: 'worksheet.events-6-2', at: '2026-01-01T10:00:00.123Z', msg: 'url is unknown', detail: EVIL, app: 'helpdesk' }),
    agents: lines({ address: 'agent:helpdesk/ada', online: true, edges: ['edge-1'], since: '2026-01-01T10:00:00.123Z', unread: 2, oldest_unread: '2026-01-01T10:00:00Z', oldest_unread_id: 'w-1' }),
    trace: lines(
      { hop: 'produced', at: '2026-01-01T10:00:00.100Z', where: 'aB3_-x.1.5', detail: EVIL },
      { hop: 'written', at: '2026-01-01T10:00:00.120Z', where: 'edge-1', detail: 'connection c' },
      { event: 'w-1', fate: 'sent', verdict: 'in the inbox' },
    ),
    drain: lines(),
    'dead-letters/drop': lines({ key: 'worksheet.events-6-2', dropped: true }),
  };
  server = createServer((request, response) => void answer(request).then(({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await context?.close();
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage): Promise<{ status: number; type: string; body: string | Buffer }> {
  const path = request.url!.slice(1);
  if (!path.startsWith('api/')) {
    const file = path || 'index.html';
    return { status: 200, type: TYPES[file.split('.').pop()!]!, body: readFileSync(`${FILES}/${file}`) };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const said = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as unknown) : undefined;
  const type = 'application/json';
  if (request.headers.authorization !== 'Bearer secret') {
    return { status: 401, type, body: '{"error":"the token is wrong"}' };
  }
  if (request.method === 'POST') asked.push([path.slice(4), said]);
  return { status: 200, type, body: JSON.stringify(answers[path.slice(4)]) };
}

async function open(options: BrowserContextOptions = {}, token = 'secret'): Promise<Tab> {
  context = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-US', ...options });
  const tab = await context.newPage();
  tab.setDefaultTimeout(15_000);
  tab.on('pageerror', (error) => complaints.push(String(error)));
  await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/#token=${token}`);
  await tab.locator('#status:not([data-state=waiting])').waitFor();
  return tab;
}

test('it shows what the tools say, and every value as text', async () => {
  const tab = await open();

  await tab.locator('#agents', { hasText: 'agent:helpdesk/ada' }).waitFor();
  assert.match((await tab.locator('#edges-sum').textContent())!, /2, 1,234 connections/);
  assert.match((await tab.locator('#lanes').textContent())!, /nobody.*7 \(8\.4 s\).*no dispatcher has it/s);
  assert.ok((await tab.locator('#letters').textContent())!.includes(EVIL));
  assert.equal(await tab.locator('main img').count(), 0);
  assert.equal(await tab.evaluate(() => location.hash), '', 'the token does not stay in the address');
  assert.equal(await tab.title(), 'Switchboard console');
  assert.deepEqual(complaints, []);
});

test('one event is traced by the keyboard alone', async () => {
  const tab = await open();

  await tab.keyboard.press('/');
  await tab.keyboard.type('w-1');
  await tab.keyboard.press('Enter');

  await tab.locator('.verdict[data-fate=sent]').waitFor();
  assert.deepEqual(await tab.locator('.what').allTextContents(), ['produced', 'written']);
  assert.ok((await tab.locator('.path').textContent())!.includes(EVIL));
  assert.match((await tab.locator('.took').last().textContent())!, /\+20 ms/);
  assert.deepEqual(asked, [['trace', { id: 'w-1' }]]);
});

test('it asks before it drains, and does not drain twice', async () => {
  const tab = await open();
  assert.ok(await tab.getByRole('button', { name: 'Drain edge-2' }).isDisabled());

  await tab.getByRole('button', { name: 'Drain edge-1' }).click();
  await tab.keyboard.press('Escape');
  assert.deepEqual(asked, []);
  await tab.getByRole('button', { name: 'Drain edge-1' }).click();
  await tab.locator('#sure-yes').click();

  await eventually('asked', () => asked.length > 0);
  assert.deepEqual(asked, [['drain', { edge: 'edge-1' }]]);
});

test('a dead letter is dropped with a reason only', async () => {
  const tab = await open();

  await tab.getByRole('button', { name: 'Drop worksheet.events-6-2' }).click();
  await tab.locator('#sure-yes').click();
  assert.ok(await tab.locator('#sure').isVisible(), 'the reason is missing');
  await tab.locator('#reason').fill('an old test');
  await tab.keyboard.press('Enter');

  await eventually('asked', () => asked.length > 0);
  assert.deepEqual(asked, [['dead-letters/drop', { key: 'worksheet.events-6-2', reason: 'an old test' }]]);
});

test('a wrong token is said, and nothing is shown', async () => {
  const tab = await open({}, 'guess');

  await tab.locator('#problem', { hasText: 'the token is wrong' }).waitFor();
  assert.equal(await tab.locator('table').count(), 0);
});

for (const [name, options] of [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 360, height: 740 } }],
] as [string, BrowserContextOptions][]) {
  test(`axe finds nothing, ${name}, and nothing is wider than the page`, async () => {
    const tab = await open(options);
    await tab.locator('#trace-id').fill('w-1');
    await tab.keyboard.press('Enter');
    await tab.locator('.verdict').waitFor();
    await tab.evaluate(AXE);

    const found = await tab.evaluate(async () => {
      const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
      return (await axe.run()).violations.map((each) => [each.id, each.nodes.map((node) => node.html)]);
    });

    assert.deepEqual(found, []);
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  });
}
