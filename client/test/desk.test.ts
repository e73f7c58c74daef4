import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page as Tab } from 'playwright-core';
import { launchChromium } from './chromium.js';
import { FakeEdge, position, World } from './fake-edge.js';
import { eventually } from './support.js';

const FILES = process.env.DESK_FILES ?? '../edge-node/src/main/resources/io/switchboard/edge';
const AXE = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
const MINUTE = 60_000;

let browser: Browser;
let world: World;
let edge: FakeEdge;
let contexts: BrowserContext[] = [];
/** What the browser complained about. */
let complaints: string[] = [];

before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

beforeEach(async () => {
  world = new World();
  complaints = [];
  edge = await FakeEdge.start(world, { files: FILES });
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await edge.kill().catch(() => {});
});

async function desk(fragment = '#token=t', options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, locale: 'en-US', ...options });
  contexts.push(context);
  context.on('page', watch);
  const tab = await context.newPage();
  await tab.goto(`http://127.0.0.1:${edge.port}/desk/${fragment}`);
  return tab;
}

function watch(tab: Tab): void {
  tab.setDefaultTimeout(15_000);
  tab.on('pageerror', (error) => complaints.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
}

const online = (tab: Tab): Promise<void> => tab.locator('#status', { hasText: /Online|在线/ }).waitFor();
const texts = (tab: Tab): Promise<string[]> => tab.locator('#unread .text').allTextContents();

async function shown(tab: Tab, expected: string[]): Promise<void> {
  await tab.locator('#unread .card').nth(expected.length - 1).waitFor();
  assert.deepEqual(await texts(tab), expected);
}

async function title(tab: Tab, expected: string): Promise<void> {
  await tab.waitForFunction((wanted) => document.title === wanted, expected);
}

test('a token in the fragment signs in, leaves the address bar, and a reload stays signed in', async () => {
  const tab = await desk();
  await online(tab);

  assert.equal(new URL(tab.url()).hash, '');
  assert.equal(await tab.locator('#me-name').textContent(), 'helpdesk/ada');
  assert.equal(await tab.locator('#me-roles').textContent(), 'second-line');

  await tab.reload();
  await online(tab);
  assert.equal(world.said.filter(({ event }) => event === 'CONNECT').at(-1)!.data.client_token, 't');
  assert.deepEqual(complaints, []);
});

test('signing in by hand, and out', async () => {
  const tab = await desk('');
  await tab.getByLabel('Token').fill('t');
  await tab.getByRole('button', { name: 'Sign in' }).click();
  await online(tab);

  await tab.getByRole('button', { name: 'Sign out' }).click();

  await tab.getByLabel('Token').waitFor();
  assert.equal(await tab.evaluate(() => sessionStorage.length), 0);
  await eventually('the edge sees it', () => edge.connections.size === 0);
});

test('a refused token leads back to signing in, and says so', async () => {
  const tab = await desk('#token=bad');

  await tab.getByRole('alert').filter({ hasText: 'not accepted' }).waitFor();
  assert.ok(await tab.getByLabel('Token').isVisible());
});

test('worksheets come newest first, with type, text, age and latency, as text and never as markup', async () => {
  world.send({ type: 'new_worksheet_to_deal', infos: '你有一条新工单待处理' }, { sent: Date.now() - 5 * MINUTE });
  const tab = await desk();
  await online(tab);
  const evil = '<img src=x onerror="document.title=1"><b>bold</b>';
  world.send({ type: evil, infos: evil, [evil]: { [evil]: evil } }, { sent: Date.now() - 3 });

  await shown(tab, [evil, '你有一条新工单待处理']);

  const [newest, oldest] = [tab.locator('#unread .card').nth(0), tab.locator('#unread .card').nth(1)];
  assert.equal(await newest.locator('img, b').count(), 0);
  assert.match((await newest.locator('.latency').textContent())!, /^delivered in \d+ ms$/);
  assert.equal(await newest.locator('.age').textContent(), 'now');
  assert.equal(await oldest.locator('.type').textContent(), 'New worksheet');
  assert.equal(await oldest.locator('.age').textContent(), '5 min. ago');
  assert.equal(await oldest.locator('.latency').textContent(), 'waited 5 min for you');
  assert.deepEqual(complaints, []);
});

test('the count is in the heading, the title and the icon', async () => {
  const tab = await desk();
  await online(tab);
  const icon = (): Promise<string> => tab.locator('link[rel=icon]').evaluate((link) => (link as HTMLLinkElement).href);
  const plain = await icon();
  world.send({ infos: 'one' });
  world.send({ infos: 'two' });

  await title(tab, '(2) Agent desk');
  assert.equal(await tab.getByRole('heading', { level: 1 }).textContent(), '2 to deal with');
  assert.match(await icon(), /^data:image\/png/);
  await tab.getByRole('button', { name: 'Acknowledge all' }).click();

  await title(tab, 'Agent desk');
  assert.equal(await icon(), plain);
  assert.deepEqual(complaints, [], 'the content security policy lets the icon be drawn');
});

test('acknowledging one: what is newer waits for the older ones and says so', async () => {
  const tab = await desk();
  await online(tab);
  ['one', 'two', 'three'].forEach((infos) => world.send({ infos }));
  await shown(tab, ['three', 'two', 'one']);

  await tab.locator('.card', { hasText: 'two' }).getByRole('button').click();
  await shown(tab, ['three', 'one']);
  await tab.locator('#done-section summary').click();
  await tab.locator('#done .held').waitFor();
  assert.equal(world.acked.agent, undefined);

  await tab.locator('#unread .card').nth(1).getByRole('button').click();
  await eventually('one and two', () => world.acked.agent === 42);
  assert.equal(await tab.locator('#done .held:visible').count(), 0);
});

test('a reload shows what is not acknowledged, and only that', async () => {
  const tab = await desk();
  await online(tab);
  ['one', 'two', 'three'].forEach((infos) => world.send({ infos }));
  await shown(tab, ['three', 'two', 'one']);
  await tab.locator('.card', { hasText: 'two' }).getByRole('button').click();

  await tab.reload();

  await shown(tab, ['three', 'one']);
});

test('a duplicated tab shows what is not acknowledged; a reload of either is not taken for a copy', async () => {
  const tab = await desk();
  await online(tab);
  world.send({ infos: 'one' });
  await shown(tab, ['one']);
  await tab.keyboard.press('A');
  await eventually('acknowledged', () => world.acked.agent === 41);
  world.acked.agent = 40; // the edge has forgotten: only positions of its own would hide it from the copy

  // As "Duplicate tab" does, a window opened from here starts with a copy of sessionStorage.
  const [copy] = await Promise.all([tab.waitForEvent('popup'), tab.evaluate(() => void window.open(location.href))]);
  await shown(copy, ['one']);
  assert.equal(await copy.evaluate(() => sessionStorage.length), 2);

  await tab.reload();
  await online(tab);
  world.send({ infos: 'two' });
  await shown(tab, ['two']);
});

test('the keyboard: j and k move, a acknowledges and goes on, A acknowledges all, ? explains', async () => {
  const tab = await desk();
  await online(tab);
  ['one', 'two', 'three', 'four'].forEach((infos) => world.send({ infos }));
  await shown(tab, ['four', 'three', 'two', 'one']);
  const focused = (): Promise<string> => tab.evaluate(() => document.activeElement!.querySelector('.text')?.textContent ?? document.activeElement!.id);

  await tab.keyboard.press('j');
  await tab.keyboard.press('j');
  assert.equal(await focused(), 'three');
  await tab.keyboard.press('k');
  assert.equal(await focused(), 'four');
  await tab.keyboard.press('a');
  assert.equal(await focused(), 'three');
  await tab.keyboard.press('Shift+A');
  await tab.locator('#empty').waitFor();
  assert.equal(await focused(), 'unread-title');
  await eventually('all acknowledged', () => world.acked.agent === 44);

  await tab.keyboard.press('?');
  await tab.locator('#help[open]').waitFor();
  await tab.keyboard.press('Escape');
});

test('a broken connection is shown plainly, and mends', async () => {
  const tab = await desk();
  await online(tab);
  const { port } = edge;
  await edge.kill();

  await tab.locator('#trouble', { hasText: 'nothing is lost' }).waitFor();
  assert.match((await tab.locator('#status').textContent())!, /Reconnecting|Connecting/);
  world.send({ infos: 'meanwhile' });
  edge = await FakeEdge.start(world, { port, files: FILES });

  await shown(tab, ['meanwhile']);
  await tab.locator('#trouble').waitFor({ state: 'hidden' });
});

test('without a network the desk says offline; when it is back, it is back', async () => {
  const tab = await desk();
  await online(tab);
  await tab.context().setOffline(true);
  world.connections.forEach((connection) => connection.close(4001));

  await tab.locator('#status[data-state=offline]').waitFor();
  await tab.locator('#trouble', { hasText: 'no network' }).waitFor();
  world.send({ infos: 'meanwhile' });
  await tab.context().setOffline(false);

  await shown(tab, ['meanwhile']);
  await online(tab);
});

test('what will not come any more is said; what another device acknowledged goes', async () => {
  const tab = await desk();
  await online(tab);
  world.send({ infos: 'one' });
  await shown(tab, ['one']);
  const lost = { to: 'agent', expired: 2, overflow: 0, acknowledged_elsewhere: false, through: position('agent', 42) };
  world.connections[0]!.write({ event: 'LOST', data: lost });
  await tab.locator('.notice', { hasText: '2 worksheets expired' }).waitFor();

  world.connections[0]!.write({
    event: 'LOST',
    data: { ...lost, expired: 0, acknowledged_elsewhere: true, through: position('agent', 43) },
  });

  await tab.locator('#empty').waitFor();
  await tab.locator('.notice', { hasText: 'another of your devices' }).getByRole('button').click();
  assert.equal(await tab.locator('.notice').count(), 1);
});

test('an operator who ends the session is not answered with a reconnect', async () => {
  const tab = await desk();
  await online(tab);
  world.connections[0]!.close(4503, 'kicked');

  await tab.getByRole('alert').filter({ hasText: 'operator' }).waitFor();
});

test("Chinese for who reads Chinese, English for the others, and it can be changed for good", async () => {
  const tab = await desk('#token=t', { locale: 'zh-CN' });
  await online(tab);
  world.send({ type: 'new_worksheet_to_deal', infos: '你有一条新工单待处理' });
  await title(tab, '(1) 坐席工作台');
  assert.equal(await tab.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await tab.locator('#unread .type').textContent(), '新工单');

  await tab.getByRole('button', { name: 'English' }).click();
  await title(tab, '(1) Agent desk');
  await tab.reload();
  await title(tab, '(1) Agent desk');
});

test('light or dark by the system, until it is chosen', async () => {
  const tab = await desk('#token=t', { colorScheme: 'dark' });
  const background = (): Promise<string> => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await background(), 'rgb(20, 23, 26)');

  await tab.getByRole('button', { name: 'Light or dark' }).click();
  assert.equal(await background(), 'rgb(245, 244, 240)');
  await tab.reload();
  assert.equal(await background(), 'rgb(245, 244, 240)');
});

test('sound and notifications are asked for, never assumed', async () => {
  const tab = await desk();
  await online(tab);
  const sound = tab.getByRole('button', { name: 'Sound for new worksheets' });
  assert.equal(await sound.getAttribute('aria-pressed'), 'false');
  await sound.click();
  assert.equal(await sound.getAttribute('aria-pressed'), 'true');
  const notify = tab.getByRole('button', { name: 'Desktop notifications' });
  await tab.context().grantPermissions(['notifications']);
  await notify.click();
  await tab.locator('#notify[aria-pressed=true]').waitFor();
  world.send({ infos: 'one' });
  await shown(tab, ['one']);
  assert.deepEqual(complaints, []);
});

test('a thousand worksheets at once are all there, in order', async () => {
  const tab = await desk();
  await online(tab);
  for (let i = 0; i < 1_000; i++) {
    world.send({ infos: `w${i}` });
  }

  await title(tab, '(1000) Agent desk');
  assert.deepEqual(
    await texts(tab),
    Array.from({ length: 1_000 }, (_, i) => `w${999 - i}`),
  );
  await tab.keyboard.press('A');
  await eventually('all acknowledged', () => world.acked.agent === 1_040);
});

test('nothing keeps anybody out: axe finds no violation', async () => {
  const phone = { viewport: { width: 390, height: 844 } };
  for (const options of [{}, { colorScheme: 'dark' }, phone, { ...phone, locale: 'zh-CN', colorScheme: 'dark' }] as BrowserContextOptions[]) {
    const signIn = await desk('', options);
    await audit(signIn, 'sign in');

    const tab = await desk('#token=t', options);
    await online(tab);
    await audit(tab, 'empty');
    world.send({ type: 'new_worksheet_to_deal', infos: 'agent', worksheet: 'W-1' });
    world.send({ infos: 'role' }, { to: 'role:second-line', redelivered: 'r-1' });
    world.send({ infos: 'newer' });
    await tab.locator('#unread .card').nth(2).waitFor();
    await tab.keyboard.press('j');
    await tab.keyboard.press('a');
    await tab.locator('#done-section summary').click();
    world.connections.at(-1)!.write({
      event: 'LOST',
      data: { to: 'app', expired: 2, overflow: 0, acknowledged_elsewhere: false, through: position('app', 99) },
    });
    await tab.locator('.notice').waitFor();
    await audit(tab, 'worksheets');
    await tab.evaluate(() => document.querySelector<HTMLDialogElement>('#help')!.showModal());
    await audit(tab, 'help');
    await tab.keyboard.press('Escape');
    world.connections.at(-1)!.close(4001);
    await tab.locator('#trouble').waitFor();
    await audit(tab, 'reconnecting');
    world.log.length = 0;
  }
});

async function audit(tab: Tab, what: string): Promise<void> {
  // Playwright evaluates outside of the page's content security policy; animations would blur the colours.
  await tab.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.effect?.getComputedTiming().iterations === Infinity ? animation.cancel() : animation.finished)));
  await tab.evaluate(AXE);
  const found = await tab.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  });
  assert.deepEqual(found, [], what);
}
