// The published npm `centrifuge` SDK, unmodified and through its public API only, against real edge nodes.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Centrifuge, type PublicationContext, type ServerSubscribedContext } from 'centrifuge';
import { build } from 'esbuild';
import type { Browser, Page as Tab } from 'playwright-core';
import { WebSocket } from 'ws';
import { launchChromium } from '../test/chromium.js';
import { eventually } from '../test/support.js';
import { Cluster, relay, servePage, tokenFor, until } from './cluster.js';
import type {} from './centrifuge-page.js';

const PATIENCE_MS = 60_000;

let cluster: Cluster;
let browser: Browser;
let page: { url: string; close(): void };
let clients: Client[] = [];
let agents = 0;

before(async () => {
  const { outputFiles } = await build({ entryPoints: ['e2e/centrifuge-page.ts'], bundle: true, format: 'esm', target: 'es2022', write: false });
  page = await servePage(outputFiles[0]!.text);
  browser = await launchChromium();
  cluster = await Cluster.start(2);
}, { timeout: 360_000 });

after(async () => {
  await browser?.close();
  page?.close();
  await cluster?.stop();
});

afterEach(() => {
  clients.splice(0).forEach(({ sdk }) => sdk.disconnect());
});

const agent = (): string => `centrifuge-${process.pid}-${++agents}`;
const endpoint = (edge: string): string => edge.replace(/\/ws$/, '/connection/websocket');
const numbers = (from: number, count: number): { n: number }[] => Array.from({ length: count }, (_, i) => ({ n: from + i }));
const range = (from: number, count: number): number[] => numbers(from, count).map(({ n }) => n);

/** What an application would write around the SDK in Node. */
class Client {
  readonly sdk: Centrifuge;
  readonly seen: number[] = [];
  readonly publications: PublicationContext[] = [];
  readonly subscribed: ServerSubscribedContext[] = [];
  readonly states: string[] = [];
  readonly errors: string[] = [];
  tokens = 0;

  constructor(urls: readonly string[], uuid: string, seconds = 3_600) {
    this.sdk = new Centrifuge(
      urls.map((url) => ({ transport: 'websocket', endpoint: endpoint(url) })),
      {
        websocket: WebSocket,
        minReconnectDelay: 50,
        maxReconnectDelay: 1_000,
        getToken: () => {
          this.tokens++;
          return Promise.resolve(tokenFor(uuid, seconds));
        },
      },
    );
    this.sdk.on('publication', (publication) => {
      this.publications.push(publication);
      this.seen.push((publication.data as { response: { n: number } }).response.n);
    });
    this.sdk.on('subscribed', (context) => this.subscribed.push(context));
    this.sdk.on('state', ({ newState }) => this.states.push(newState));
    this.sdk.on('disconnected', ({ code, reason }) => this.states.push(`${code} ${reason}`));
    this.sdk.on('error', ({ error }) => this.errors.push(`${error.code} ${error.message}`));
    clients.push(this);
  }

  async connect(): Promise<this> {
    this.sdk.connect();
    await this.sdk.ready(PATIENCE_MS);
    return this;
  }

  /** The last word about each channel. */
  get subscriptions(): Record<string, ServerSubscribedContext> {
    return Object.fromEntries(this.subscribed.map((context) => [context.channel, context]));
  }

  async sees(from: number, count: number): Promise<void> {
    try {
      await eventually(`event ${from + count - 1}`, () => this.seen.includes(from + count - 1), PATIENCE_MS);
    } finally {
      assert.deepEqual(this.seen, range(from, count));
    }
  }
}

test('connect: who one is, and one subscription for each of one\'s addresses', async () => {
  const uuid = agent();
  const ada = new Client(cluster.edges, uuid);
  const connected = new Promise<{ client: string; data?: unknown }>((resolve) => ada.sdk.on('connected', resolve));
  await ada.connect();

  const { client, data } = await connected;
  assert.ok(client.length > 10);
  assert.deepEqual(data, { agent: `helpdesk/${uuid}`, role: 'agent', unread: 0 });
  assert.deepEqual(Object.keys(ada.subscriptions).sort(), [`agent:helpdesk/${uuid}`, 'app:helpdesk', 'role:helpdesk/agent']);
  for (const context of ada.subscribed) {
    assert.ok(context.recoverable && context.positioned && !context.wasRecovering, JSON.stringify(context));
    assert.match(context.streamPosition!.epoch, /^[\w-]+\.\d+$/);
  }
});

test('receive: what waited, and what comes, with our own frame as its data', async () => {
  const uuid = agent();
  await cluster.send(uuid, numbers(0, 3));
  const ada = await new Client(cluster.edges, uuid).connect();
  await ada.sees(0, 3);
  const [id] = await cluster.send(uuid, numbers(3, 1));
  await ada.sees(0, 4);

  const last = ada.publications.at(-1)!;
  assert.equal(last.channel, `agent:helpdesk/${uuid}`);
  const { event, to, pos, response } = last.data as Record<string, unknown>;
  assert.deepEqual({ event, id: (last.data as { id: string }).id, to, response }, { event: 'WorksheetMsg', id, to: 'agent', response: { n: 3 } });
  assert.equal(pos, `${ada.subscriptions[last.channel]!.streamPosition!.epoch}.${last.offset! - 1}`);
});

test('recover: 500 events that were missed come once and in order, and recovered is true', async () => {
  const uuid = agent();
  const ada = await new Client(cluster.edges, uuid).connect();
  await cluster.send(uuid, numbers(0, 1));
  await ada.sees(0, 1);
  ada.sdk.disconnect();
  for (let i = 0; i < 10; i++) {
    await cluster.send(uuid, numbers(1 + i * 50, 50));
  }
  ada.subscribed.length = 0;
  await ada.connect();

  const { wasRecovering, recovered } = ada.subscriptions[`agent:helpdesk/${uuid}`]!;
  assert.deepEqual({ wasRecovering, recovered }, { wasRecovering: true, recovered: true });
  await ada.sees(0, 501);
  assert.ok(ada.subscribed.every((context) => context.recovered), 'no channel lost anything');
});

test('pongs acknowledge: another device is not shown it again', async () => {
  const uuid = agent();
  const ada = await new Client(cluster.edges, uuid).connect();
  await cluster.send(uuid, numbers(0, 5));
  await ada.sees(0, 5);
  await until(async () => (await unread(uuid)) === 0);
});

test("rpc 'ack': from the first on, only what was acknowledged by it is", async () => {
  const uuid = agent();
  const ada = await new Client(cluster.edges, uuid).connect();
  await ada.sdk.rpc('ack', { app: `${ada.subscriptions['app:helpdesk']!.streamPosition!.epoch}.-1` });
  await cluster.send(uuid, numbers(0, 5));
  await ada.sees(0, 5);
  const third = ada.publications[2]!.data as { to: string; pos: string };
  await ada.sdk.rpc('ack', { [third.to]: third.pos });
  await until(async () => (await unread(uuid)) === 2);

  const other = await new Client(cluster.edges, uuid).connect();
  await other.sees(3, 2);
});

async function unread(uuid: string): Promise<number> {
  const probe = new Client(cluster.edges, uuid);
  const connected = new Promise<number>((resolve) => probe.sdk.on('connected', ({ data }) => resolve((data as { unread: number }).unread)));
  // It says nothing and is gone before it is pinged.
  await probe.connect();
  probe.sdk.disconnect();
  return connected;
}

test('refresh: a token that expires is replaced under way, on the same connection', async () => {
  const uuid = agent();
  const ada = await new Client(cluster.edges, uuid, 6).connect();
  for (let i = 0; i < 5; i++) {
    await cluster.send(uuid, numbers(i, 1));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  await ada.sees(0, 5);
  assert.deepEqual(ada.states, ['connecting', 'connected']);
  assert.ok(ada.tokens >= 3, `${ada.tokens} tokens`);
});

test('an expired token: the SDK asks for another one and comes in', async () => {
  const uuid = agent();
  const sdk = new Centrifuge(endpoint(cluster.edges[0]!), {
    websocket: WebSocket,
    token: tokenFor(uuid, -3_600),
    getToken: () => Promise.resolve(tokenFor(uuid)),
  });
  sdk.connect();
  await sdk.ready(PATIENCE_MS);
  sdk.disconnect();
});

test('permission denied: what the server does not subscribe one to, and what is not offered', async () => {
  const ada = await new Client(cluster.edges, agent()).connect();
  const news = ada.sdk.newSubscription('news');
  const denied = new Promise<number>((resolve) => news.on('unsubscribed', ({ code }) => resolve(code)));
  news.subscribe();
  assert.equal(await denied, 103);

  const failsWith = (code: number) => (error: { code: number }) => error.code === code;
  await assert.rejects(ada.sdk.publish('agent:helpdesk/somebody-else', {}), failsWith(103));
  await assert.rejects(ada.sdk.presence('app:helpdesk'), failsWith(108));
  await assert.rejects(ada.sdk.history('app:helpdesk', { limit: 1 }), failsWith(108));
  await assert.rejects(ada.sdk.rpc('dance', {}), failsWith(104));
  assert.equal(ada.sdk.state, 'connected');
});

test('a forged token ends it for good', async () => {
  const nobody = new Client(cluster.edges, agent());
  nobody.sdk.setToken(`${tokenFor('x').slice(0, -8)}AAAAAAAA`);
  nobody.sdk.connect();
  await eventually('disconnected', () => nobody.states.includes('3500 invalid token'), PATIENCE_MS);
  assert.equal(nobody.sdk.state, 'disconnected');
});

test('publish and rpc go upstream', async () => {
  const uuid = agent();
  const ada = await new Client(cluster.edges, uuid).connect();
  await ada.sdk.publish(`agent:helpdesk/${uuid}`, { type: 'seen' });
  assert.deepEqual(await ada.sdk.rpc('publish', { id: 'p-1', data: { type: 'seen' } }), { data: { id: 'p-1' } });
});

test('an edge node killed -9 during a burst: each event once, in order, all recovered', async () => {
  const uuid = agent();
  const way = await relay(cluster.edges);
  try {
    const ada = await new Client([way.url], uuid).connect();
    let killed: Promise<unknown> | undefined;
    for (let i = 0; i < 40; i++) {
      await cluster.send(uuid, numbers(i * 10, 10));
      if (i === 15) {
        killed = cluster.restart(way.last());
      }
    }
    await ada.sees(0, 400);
    await killed;
    assert.ok(ada.states.filter((state) => state === 'connected').length >= 2, 'it did lose its edge');
    assert.ok(ada.subscribed.slice(3).every(({ wasRecovering, recovered }) => wasRecovering && recovered), JSON.stringify(ada.subscribed));
  } finally {
    way.close();
  }
});

test('an edge node that is stopped sends its clients elsewhere, and they lose nothing', async () => {
  const uuid = agent();
  const way = await relay(cluster.edges);
  try {
    const ada = await new Client([way.url], uuid).connect();
    await cluster.send(uuid, numbers(0, 10));
    const restarted = cluster.restart(way.last(), 'SIGTERM');
    await cluster.send(uuid, numbers(10, 10));
    await ada.sees(0, 20);
    await restarted;
    await cluster.send(uuid, numbers(20, 1));
    await ada.sees(0, 21);
  } finally {
    way.close();
  }
});

test('in Chromium: connect, receive, recover over a killed edge and a network that was away', async () => {
  const uuid = agent();
  const way = await relay(cluster.edges);
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    const tab = await context.newPage();
    await tab.goto(page.url);
    await tab.evaluate(([url, who]) => window.centrifuge.start(url, who), [endpoint(way.url), uuid] as const);
    await cluster.send(uuid, numbers(0, 10));
    await shows(tab, 10);

    const killed = cluster.restart(way.last());
    await cluster.send(uuid, numbers(10, 10));
    await shows(tab, 20);
    await killed;

    await context.setOffline(true);
    await cluster.send(uuid, numbers(20, 10));
    await context.setOffline(false);
    await shows(tab, 30);
    const subscribed = await tab.evaluate(() => window.centrifuge.subscribed);
    assert.ok(subscribed.length >= 6 && subscribed.slice(3).every(({ recovered }) => recovered), JSON.stringify(subscribed));
  } finally {
    await context.close();
    way.close();
  }
});

async function shows(tab: Tab, count: number): Promise<void> {
  await tab.waitForFunction((last) => window.centrifuge.seen.includes(last), count - 1, { timeout: PATIENCE_MS });
  assert.deepEqual(await tab.evaluate(() => window.centrifuge.seen), range(0, count));
}
