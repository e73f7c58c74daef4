import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, test } from 'node:test';
import { fullJitter } from '../src/backoff.js';
import { CloseCode } from '../src/index.js';
import { FakeEdge, World } from './fake-edge.js';
import { eventually, jwt, Page } from './support.js';

const open: { close(): void }[] = [];
const edges: FakeEdge[] = [];

async function edge(world?: World, options?: Parameters<typeof FakeEdge.start>[1]): Promise<FakeEdge> {
  const started = await FakeEdge.start(world, options);
  edges.push(started);
  return started;
}

function page(...args: ConstructorParameters<typeof Page>): Page {
  const opened = new Page(...args);
  open.push(opened);
  return opened;
}

afterEach(async () => {
  open.splice(0).forEach((each) => each.close());
  await Promise.all(edges.splice(0).map((each) => each.kill().catch(() => {})));
});

test('ONLINE says who we are and where', async () => {
  const one = await edge();
  const ada = await page(one).online();

  assert.deepEqual(ada.switchboard.online, {
    connection: 'c-1',
    agent: 'helpdesk/ada',
    roles: ['second-line'],
    unread: 0,
    transport: 'websocket',
    url: one.url,
  });
});

test('heartbeats are answered', async () => {
  const world = new World();
  await page(await edge(world, { heartbeatSeconds: 0.05 })).online();

  await eventually('three answers', () => world.said.filter(({ event }) => event === 'HEART_BEAT').length >= 3);
});

test('a dead link is noticed within two beats, and another edge node taken', async () => {
  const world = new World();
  const first = await edge(world, { heartbeatSeconds: 2 });
  const second = await edge(world, { heartbeatSeconds: 2 });
  const ada = await page([first, second], { random: () => 0 }).online();
  await eventually('a beat', () => world.said.some(({ event }) => event === 'HEART_BEAT'));

  first.mute = true;
  const since = Date.now();
  await eventually('noticed', () => ada.states.some(({ state }) => state === 'waiting'));
  const afterMs = Date.now() - since;

  assert.ok(afterMs < 2 * 2_000 + 1_000, `noticed after ${afterMs} ms`);
  await eventually('on the other edge', () => ada.switchboard.online?.url === second.url);
});

test('go-away: until its moment the connection serves, then another edge node has us', async () => {
  const world = new World();
  const first = await edge(world);
  const second = await edge(world);
  const ada = await page([first, second], { random: () => 0 }).online();

  world.connections[0]!.write({ event: 'GO_AWAY', data: { reconnect_in_ms: 200 } });
  world.send('still here');
  assert.deepEqual(await ada.awaitSeen(1), ['still here']);
  assert.equal(ada.switchboard.online?.url, first.url);

  await eventually('moved', () => ada.switchboard.online?.url === second.url);
  assert.ok(!ada.states.some(({ state }) => state === 'waiting'));
});

test('go-away and then closed by the edge: we come when we were told to', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one).online();

  world.connections[0]!.write({ event: 'GO_AWAY', data: { reconnect_in_ms: 700 } });
  world.connections[0]!.close(CloseCode.GO_AWAY, 'go away');
  const waiting = await eventually('waiting', () => ada.states.find(({ state }) => state === 'waiting'));

  assert.ok(waiting.retryInMs! > 300 && waiting.retryInMs! <= 700, `in ${waiting.retryInMs} ms`);
  assert.equal(waiting.codeName, 'GO_AWAY');
  await ada.online();
});

test('a close code of 4500 and above ends it; below, we come back', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one).online();

  world.connections[0]!.close(CloseCode.LEASE_LOST);
  await eventually('back', () => ada.states.filter(({ state }) => state === 'online').length === 2);
  world.connections[0]!.close(CloseCode.KICKED, 'kicked');
  await eventually('closed', () => ada.switchboard.state === 'closed');

  assert.deepEqual(
    ada.problems.map((problem) => problem.kind === 'closed' && [problem.codeName, problem.final]),
    [
      ['LEASE_LOST', false],
      ['KICKED', true],
    ],
  );
  assert.deepEqual(ada.states.at(-1), { state: 'closed', previous: 'online', code: 4503, codeName: 'KICKED' });
  await assert.rejects(ada.switchboard.publish({}), TypeError);
});

test('a refused token: a fixed one ends it, a function is asked once more', async () => {
  const one = await edge();
  const fixed = page(one, { token: 'bad' });
  await eventually('closed', () => fixed.switchboard.state === 'closed');
  const refused = fixed.problems[0];
  assert.ok(refused?.kind === 'refused' && refused.codeName === 'TOKEN_IS_REFUSED');

  const tokens = ['bad', 'good', 'bad', 'bad'];
  const asked = await page(one, { token: () => tokens.shift()! }).online();
  assert.equal(tokens.length, 2);
  [...one.connections].find((connection) => connection.token === 'good')!.close(CloseCode.TOKEN_EXPIRED);
  await eventually('closed', () => asked.switchboard.state === 'closed');
  assert.equal(tokens.length, 0);
});

test('a token is replaced before it expires, without a new connection', async () => {
  const world = new World();
  let issued = 0;
  const token = (): string => jwt({ sub: 'ada', exp: Date.now() / 1000 + 2, n: ++issued });
  const ada = await page(await edge(world), { token }).online();

  const refresh = await eventually('REFRESH', () => world.said.find(({ event }) => event === 'REFRESH'), 5_000);

  assert.equal((JSON.parse(atob(refresh.data.client_token.split('.')[1])) as { n: number }).n, 2);
  assert.deepEqual(
    ada.states.map(({ state }) => state),
    ['online'],
  );
});

test('a token that is good for long is not asked for again at each reconnect', async () => {
  const world = new World();
  let issued = 0;
  const token = (): string => jwt({ exp: Date.now() / 1000 + 3600, n: ++issued });
  const ada = await page(await edge(world), { token }).online();

  world.connections[0]!.close(CloseCode.STALLED);
  await eventually('back', () => ada.states.filter(({ state }) => state === 'online').length === 2);

  assert.equal(issued, 1);
});

test('a token function that fails is told and asked again', async () => {
  let failures = 1;
  const token = (): Promise<string> => (failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve('t'));
  const ada = await page(await edge(), { token }).online();

  assert.equal(ada.problems[0]?.kind, 'token');
});

test('WebSocket blocked: SSE carries events, acknowledgements, publishes and the resume', async () => {
  const world = new World();
  const one = await edge(world);
  one.blocksWebSocket = true;
  const ada = await page(one).online();
  assert.equal(ada.switchboard.online?.transport, 'sse');
  world.send('m1 你好');
  assert.deepEqual(await ada.awaitSeen(1), ['m1 你好']);
  await eventually('acknowledged by POST', () => world.acked.agent === 41);
  assert.equal(await ada.switchboard.publish({ type: 'seen' }, 'p-1'), 'p-1');

  world.connections[0]!.close(0);
  world.send('m2');

  assert.deepEqual(await ada.awaitSeen(2), ['m1 你好', 'm2']);
});

test('over SSE a POST that goes astray is repeated, and told when it does so for good', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one, { transport: 'sse' }).online();
  one.failsPosts = 2;
  world.send('m1');
  await eventually('acknowledged at the third', () => world.acked.agent === 41);

  one.failsPosts = 5;
  world.send('m2');

  const problem = await eventually('told', () => ada.problems[0]);
  assert.ok(problem.kind === 'refused' && problem.code === 404 && /ACK/.test(problem.message));
});

test('over SSE a token is replaced by POST', async () => {
  const world = new World();
  const one = await edge(world);
  const token = (): string => jwt({ sub: 'ada', exp: Date.now() / 1000 + 2 });
  const ada = await page(one, { token, transport: 'sse' }).online();

  await eventually('REFRESH', () => world.said.some(({ event }) => event === 'REFRESH'), 5_000);

  assert.equal(ada.states.length, 1);
});

test('SSE refused with a close code: that code decides', async () => {
  const refusing = createHttpServer((_, response) => {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"code":4501,"reason":"app blocked"}');
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = refusing.address() as { port: number };
    const ada = page([`ws://127.0.0.1:${port}/ws`], { transport: 'sse' });
    await eventually('closed', () => ada.switchboard.state === 'closed');
    assert.equal(ada.states.at(-1)?.codeName, 'APP_BLOCKED');
  } finally {
    refusing.close();
  }
});

test('a WebSocket that worked once is not given up for SSE when the edge is away', async () => {
  const world = new World();
  const one = await edge(world);
  const { port } = one;
  const ada = await page(one).online();
  await one.kill();
  await eventually('tried in vain', () => ada.states.filter(({ state }) => state === 'waiting').length >= 3);

  await edge(world, { port });
  await ada.online();

  assert.equal(ada.switchboard.online?.transport, 'websocket');
});

test('an edge node that accepts and says nothing is left for the next', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const one = await edge();
  try {
    const port = (silent.address() as { port: number }).port;
    const ada = page([`ws://127.0.0.1:${port}/ws`, one.url], { random: () => 0, transport: 'websocket' });

    await eventually('on the other edge', () => ada.switchboard.online?.url === one.url, 20_000);
  } finally {
    silent.close();
  }
});

test('a network that is back, or a page that is looked at again: at once a new attempt', async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const window = new EventTarget();
  Object.assign(globalThis, { document, window });
  try {
    const world = new World();
    const one = await edge(world);
    const ada = await page(one, { backoff: { firstMs: 3_600_000, longestMs: 3_600_000 }, random: () => 0.5 }).online();

    window.dispatchEvent(new Event('online'));
    await eventually('a connection over the new network', () => ada.states.filter(({ state }) => state === 'online').length === 2);
    await eventually('the old one is closed', () => one.connections.size === 1);

    world.connections[0]!.close(CloseCode.OVERLOADED);
    await eventually('waiting', () => ada.switchboard.state === 'waiting');
    document.dispatchEvent(new Event('visibilitychange'));
    await ada.online();
  } finally {
    Reflect.deleteProperty(globalThis, 'document');
    Reflect.deleteProperty(globalThis, 'window');
  }
});

test('retryNow does not wait', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one, { backoff: { firstMs: 3_600_000, longestMs: 3_600_000 }, random: () => 0.5 }).online();
  world.connections[0]!.close(CloseCode.OVERLOADED);
  await eventually('waiting', () => ada.switchboard.state === 'waiting');

  ada.switchboard.retryNow();

  await ada.online();
});

test('close ends everything, also from within a callback', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = page(one, { onState: ({ state }) => state === 'online' && ada.close() });

  await eventually('closed', () => ada.switchboard.state === 'closed');
  await eventually('the edge sees it', () => one.connections.size === 0);

  world.send('m1');
  assert.deepEqual(ada.seen, []);
});

test('the wait is full jitter: anywhere between nothing and the doubled bound', () => {
  const waits = Array.from({ length: 2_000 }, () => fullJitter(Math.random, 3, 500, 30_000));
  assert.ok(Math.max(...waits) <= 4_000 && Math.max(...waits) > 3_600);
  assert.ok(Math.min(...waits) < 400);
  assert.equal(fullJitter(() => 1, 40, 500, 30_000), 30_000);
});

test('urls: http means ws, and nonsense is named', () => {
  assert.throws(() => new Page([]), /url: none/);
  assert.throws(() => new Page(['ftp://x/']), /ftp:\/\/x\//);
});
