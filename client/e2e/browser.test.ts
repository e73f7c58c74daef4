import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page as Tab } from 'playwright-core';
import { launchChromium } from '../test/chromium.js';
import { Cluster, proxyWithoutWebSockets, servePage } from './cluster.js';
import type {} from './page.js';

const PATIENCE_MS = 60_000;

let cluster: Cluster;
let browser: Browser;
let page: { url: string; close(): void };
let contexts: BrowserContext[] = [];
let agents = 0;

before(async () => {
  const { outputFiles } = await build({ entryPoints: ['e2e/page.ts'], bundle: true, format: 'esm', target: 'es2022', write: false });
  page = await servePage(outputFiles[0]!.text);
  browser = await launchChromium();
  cluster = await Cluster.start(2);
}, { timeout: 360_000 });

after(async () => {
  await browser?.close();
  page?.close();
  await cluster?.stop();
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

const agent = (): string => `e2e-${process.pid}-${++agents}`;

async function context(): Promise<BrowserContext> {
  const opened = await browser.newContext();
  opened.setDefaultTimeout(PATIENCE_MS);
  contexts.push(opened);
  return opened;
}

async function open(
  uuid: string,
  { urls = cluster.edges, within, ...options }: { urls?: readonly string[]; within?: BrowserContext; seconds?: number; ack?: 'auto' | 'manual' } = {},
): Promise<Tab> {
  const tab = await (within ?? (await context())).newPage();
  await tab.goto(page.url);
  await tab.evaluate(([to, who, more]) => window.probe.start(to, who, more), [[...urls], uuid, options] as const);
  await online(tab);
  return tab;
}

const online = (tab: Tab): Promise<unknown> => tab.waitForFunction(() => window.probe?.online() !== undefined, undefined, { timeout: PATIENCE_MS });
const edgeOf = (tab: Tab): Promise<string> => tab.evaluate(() => window.probe.online()!.url);
const numbers = (from: number, count: number): { n: number }[] => Array.from({ length: count }, (_, i) => ({ n: from + i }));

async function seen(tab: Tab, from: number, count: number): Promise<void> {
  const last = from + count - 1;
  try {
    await tab.waitForFunction((wanted) => window.probe.seen.includes(wanted), last, { timeout: PATIENCE_MS });
  } catch (error) {
    throw new Error(`saw ${JSON.stringify(await tab.evaluate(() => window.probe))}`, { cause: error });
  }
  assert.deepEqual(
    await tab.evaluate(() => window.probe.seen),
    numbers(from, count).map(({ n }) => n),
  );
}

test('two tabs on two edge nodes, one killed -9 during a burst: each handler is called once per event, in order', async () => {
  const uuid = agent();
  const first = await open(uuid, { urls: [cluster.edges[0]!] });
  const second = await open(uuid, { urls: [cluster.edges[1]!] });
  await first.close();
  const moving = await open(uuid);
  const victim = await edgeOf(moving);

  let killed: Promise<unknown> | undefined;
  for (let i = 0; i < 40; i++) {
    await cluster.send(uuid, numbers(i * 10, 10));
    if (i === 15) {
      killed = cluster.restart(victim);
    }
  }

  await seen(moving, 0, 400);
  await seen(second, 0, 400);
  await killed;
  assert.ok((await moving.evaluate(() => window.probe.states)).some(({ state }) => state === 'waiting'), 'the tab did lose its edge');
});

test('an edge node that is stopped tells its browsers to go, and they lose nothing', async () => {
  const uuid = agent();
  const tab = await open(uuid);
  await cluster.send(uuid, numbers(0, 10));
  const restarted = cluster.restart(await edgeOf(tab), 'SIGTERM');
  await cluster.send(uuid, numbers(10, 10));

  await seen(tab, 0, 20);
  await restarted;
  await cluster.send(uuid, numbers(20, 1));
  await seen(tab, 0, 21);
});

test('a laptop that slept: offline, and back with everything', async () => {
  const uuid = agent();
  const tab = await open(uuid);
  await cluster.send(uuid, numbers(0, 5));
  await seen(tab, 0, 5);

  await tab.context().setOffline(true);
  await cluster.send(uuid, numbers(5, 5));
  await tab.context().setOffline(false);

  await seen(tab, 0, 10);
});

test('a token that expires under way is replaced, and nobody notices', async () => {
  const uuid = agent();
  const tab = await open(uuid, { seconds: 6 });
  for (let i = 0; i < 5; i++) {
    await cluster.send(uuid, numbers(i, 1));
    await tab.waitForTimeout(3_000);
  }

  await seen(tab, 0, 5);
  const { states, problems } = await tab.evaluate(() => window.probe);
  assert.equal(states.filter(({ state }) => state === 'online').length, 1, JSON.stringify({ states, problems }));
});

test('WebSocket blocked on the way: SSE brings events, and takes acknowledgements and publishes', async () => {
  const uuid = agent();
  const proxy = await proxyWithoutWebSockets(cluster.edges[0]!);
  try {
    const tab = await open(uuid, { urls: [proxy.url] });
    assert.equal(await tab.evaluate(() => window.probe.online()!.transport), 'sse');
    await cluster.send(uuid, numbers(0, 50));
    await seen(tab, 0, 50);
    assert.equal(await tab.evaluate(() => window.probe.switchboard!.publish({ type: 'seen' }, 'p-1')), 'p-1');
    await tab.waitForTimeout(1_000);
    await tab.reload();
    await online(tab);
    await cluster.send(uuid, numbers(50, 1));
    await seen(tab, 50, 1);

    // What was acknowledged by POST is acknowledged for the agent's other browsers.
    const elsewhere = await open(uuid);
    await cluster.send(uuid, numbers(51, 1));
    await elsewhere.waitForFunction(() => window.probe.seen.includes(51));
    assert.ok((await elsewhere.evaluate(() => window.probe.seen)).length <= 2);
  } finally {
    proxy.close();
  }
});

test('a publish is answered when Kafka has it', async () => {
  const tab = await open(agent());
  const ids = await tab.evaluate(() => Promise.all([1, 2, 3].map((n) => window.probe.switchboard!.publish({ n }, `p-${n}`))));
  assert.deepEqual(ids, ['p-1', 'p-2', 'p-3']);
});

test('a reload goes on where it was', async () => {
  const uuid = agent();
  const tab = await open(uuid);
  await cluster.send(uuid, numbers(0, 20));
  await seen(tab, 0, 20);
  await tab.reload();
  await cluster.send(uuid, numbers(20, 5));

  await seen(tab, 20, 5);
});

test('a duplicated tab resumes by itself, and shows what nobody acknowledged', async () => {
  const uuid = agent();
  const tab = await open(uuid, { ack: 'manual' });
  await cluster.send(uuid, numbers(0, 5));
  await seen(tab, 0, 5);

  const [copy] = await Promise.all([tab.waitForEvent('popup'), tab.evaluate(() => void window.open(location.href))]);
  await online(copy);
  await seen(copy, 0, 5);
  await cluster.send(uuid, numbers(5, 5));

  await seen(copy, 0, 10);
  await seen(tab, 0, 10);
});

test('a tab whose main thread is blocked for 20 s loses nothing', async () => {
  const uuid = agent();
  const tab = await open(uuid);
  await cluster.send(uuid, numbers(0, 1));
  await seen(tab, 0, 1);

  const blocked = tab.evaluate(() => window.probe.block(20_000));
  for (let i = 0; i < 30; i++) {
    await cluster.send(uuid, numbers(1 + i * 20, 20));
  }
  await blocked;

  await seen(tab, 0, 601);
});
