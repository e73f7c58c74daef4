import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { FakeEdge, position, World } from './fake-edge.js';
import { eventually, FakeStorage, jwt, Page } from './support.js';

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

test('events sent while the edge node dies arrive once, in order, after the reconnect', async () => {
  const world = new World();
  const first = await edge(world);
  const second = await edge(world);
  const ada = await page([first, second], { random: () => 0 }).online();
  world.send('m1');
  await ada.awaitSeen(1);

  await first.kill();
  world.send('m2');
  world.send('m3');

  assert.deepEqual(await ada.awaitSeen(3), ['m1', 'm2', 'm3']);
  assert.deepEqual(
    ada.states.map(({ state }) => state),
    ['online', 'waiting', 'connecting', 'online'],
  );
  await eventually('all acknowledged', () => world.acked.agent === 43);
});

test('500 events in a burst, the edge killed in the middle of it, are seen once and in order', async () => {
  const world = new World();
  const first = await edge(world);
  await edge(world);
  const ada = await page(edges, { random: () => 0 }).online();

  for (let i = 0; i < 500; i++) {
    world.send(i);
    if (i === 250) {
      await first.kill();
    }
  }

  assert.deepEqual(
    await ada.awaitSeen(500),
    Array.from({ length: 500 }, (_, i) => i),
  );
});

test('what comes a second time does not reach the handler, by position or by id', async () => {
  const world = new World();
  const ada = await page(await edge(world)).online();
  const m1 = world.send('m1', { id: 'w-1' });
  world.connections[0]!.deliver(m1);
  world.send('m1 at another place', { id: 'w-1' });
  world.send('m2', { id: 'w-2' });

  assert.deepEqual(await ada.awaitSeen(2), ['m1', 'm2']);
  await eventually('its position is acknowledged all the same', () => world.acked.agent === 43);
});

test('what comes again after its id was forgotten is told by its position', async () => {
  const world = new World();
  const ada = await page(await edge(world)).online();
  const first = world.send(0);
  for (let i = 1; i < 300; i++) {
    world.send(i);
  }
  world.connections[0]!.deliver(first);
  world.send(300);

  await eventually('the last', () => ada.seen.includes(300));
  assert.equal(ada.seen.length, 301);
});

test('one id on two feeds is two events, and so is a redelivery', async () => {
  const world = new World();
  const ada = await page(await edge(world)).online();
  world.send('to ada', { id: 'w-1' });
  world.send('to all', { id: 'w-1', to: 'app' });
  world.send('to ada', { id: 'w-1', redelivered: 'r-1' });
  world.send('to ada', { id: 'w-1', redelivered: 'r-1' });
  world.send('end', { id: 'w-2' });

  await eventually('the end', () => ada.seen.includes('end'));

  assert.deepEqual([...ada.seen].sort(), ['end', 'to ada', 'to ada', 'to all']);
});

test('handlers of a feed run one after another, and another feed does not wait for them', async () => {
  const world = new World();
  const running = new Set<string>();
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const ada = await page(await edge(world), {
    onEvent: async ({ to }) => {
      assert.ok(!running.has(to), `two handlers of ${to} at once`);
      running.add(to);
      await (to === 'agent' ? gate : undefined);
      running.delete(to);
    },
  }).online();
  world.send('slow 1');
  world.send('slow 2');
  world.send('quick', { to: 'role:second-line' });

  assert.deepEqual(await ada.awaitSeen(1), ['quick']);
  assert.equal(world.acked.agent, undefined);
  release();

  assert.deepEqual(await ada.awaitSeen(3), ['quick', 'slow 1', 'slow 2']);
});

test('a handler that rejects is tried again before the next event has its turn', async () => {
  const world = new World();
  let failures = 2;
  const ada = await page(await edge(world), {
    onEvent: ({ data }) => {
      if (data === 'm1' && failures-- > 0) {
        throw new Error('not yet');
      }
    },
  }).online();
  world.send('m1');
  world.send('m2');

  assert.deepEqual(await ada.awaitSeen(2), ['m1', 'm2']);
  assert.deepEqual(
    ada.problems.map((problem) => problem.kind === 'handler' && [problem.attempt, problem.final]),
    [
      [1, false],
      [2, false],
    ],
  );
});

test('an event that no attempt could handle stays unacknowledged, is reported, and comes again on the next page; the others do not', async () => {
  const world = new World();
  const storage = new FakeStorage();
  const one = await edge(world);
  const broken = await page(one, {
    storage,
    attempts: 2,
    onEvent: ({ data }) => {
      if (data === 'poison') {
        throw new Error('cannot');
      }
    },
  }).online();
  world.send('m1');
  world.send('poison');
  world.send('m3');
  assert.deepEqual(await broken.awaitSeen(2), ['m1', 'm3']);
  await eventually('m1 acknowledged', () => world.acked.agent === 41);
  const last = broken.problems.at(-1);
  assert.ok(last?.kind === 'handler' && last.final && last.event.data === 'poison');
  broken.close();

  const mended = await page(one, { storage }).online();
  world.send('m4');

  assert.deepEqual(await mended.awaitSeen(2), ['poison', 'm4']);
  await eventually('everything acknowledged', () => world.acked.agent === 44);
});

test('an event that the page gives up explicitly is acknowledged and not tried again', async () => {
  const world = new World();
  const ada = await page(await edge(world), {
    onEvent: ({ data }) => {
      if (data === 'poison') {
        throw new Error('cannot');
      }
    },
    onError: (problem) => problem.kind === 'handler' && problem.event.ack(),
  }).online();
  world.send('poison');
  world.send('m2');

  assert.deepEqual(await ada.awaitSeen(1), ['m2']);
  await eventually('both acknowledged', () => world.acked.agent === 42);
});

test('a burst is acknowledged in few frames', async () => {
  const world = new World();
  const ada = await page(await edge(world)).online();
  for (let i = 0; i < 40; i++) {
    world.send(i);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  await ada.awaitSeen(40);
  await eventually('all acknowledged', () => world.acked.agent === 80);

  const acks = world.said.filter((frame) => frame.event === 'ACK').length;
  assert.ok(acks <= 20, `${acks} ACK frames for 40 events`);
});

test('a reload goes on after the last event that was handled', async () => {
  const world = new World();
  const storage = new FakeStorage();
  const one = await edge(world);
  const before = await page(one, { storage }).online();
  world.send('m1');
  await before.awaitSeen(1);
  await eventually('saved', () => storage.getItem('switchboard')?.includes(position('agent', 41)));
  before.close();
  world.send('m2');

  const after = await page(one, { storage }).online();

  assert.deepEqual(await after.awaitSeen(1), ['m2']);
});

test('a page that dies inside the handler is given that event again', async () => {
  const world = new World();
  const storage = new FakeStorage();
  const one = await edge(world);
  let entered = false;
  const before = await page(one, {
    storage,
    onEvent: ({ data }) => {
      entered ||= data === 'm2';
      return data === 'm2' ? new Promise(() => {}) : undefined;
    },
  }).online();
  world.send('m1');
  world.send('m2');
  await eventually('inside the handler', () => entered);
  before.close();

  const after = await page(one, { storage }).online();

  assert.deepEqual(await after.awaitSeen(1), ['m2']);
});

test("somebody else's positions are not used: known by the token's subject before, by ONLINE else", async () => {
  for (const token of [(name: string) => jwt({ sub: name }), (name: string) => name]) {
    const world = new World();
    world.agentOf = (its) => `helpdesk/${its.includes('.') ? (JSON.parse(atob(its.split('.')[1]!)) as { sub: string }).sub : its}`;
    const storage = new FakeStorage();
    const one = await edge(world);
    const ada = await page(one, { storage, token: token('ada') }).online();
    world.send('for ada');
    await ada.awaitSeen(1);
    await eventually('acknowledged', () => world.acked.agent === 41);
    ada.close();
    await eventually('gone', () => one.connections.size === 0);
    world.acked.agent = 0;

    const bob = page(one, { storage, token: token('bob') });

    assert.deepEqual(await bob.awaitSeen(1), ['for ada'], 'the fake edge has one inbox: what matters is that nothing was skipped');
    const sent = world.said.filter(({ event }) => event === 'CONNECT').slice(1).map(({ data }) => data.positions);
    assert.deepEqual(sent, token('x').includes('.') ? [{}] : [{ agent: position('agent', 41) }, {}]);
    bob.close();
  }
});

test('LOST is told in turn, and the feed goes on from there', async () => {
  const world = new World();
  const storage = new FakeStorage();
  const one = await edge(world);
  const order: unknown[] = [];
  await page(one, {
    storage,
    onEvent: async ({ data }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push(data);
    },
    onLost: (lost) => order.push(lost),
  }).online();
  world.send('m1');
  world.connections[0]!.write({
    event: 'LOST',
    data: { to: 'agent', expired: 2, overflow: 1, acknowledged_elsewhere: false, through: position('agent', 50) },
  });

  await eventually('both', () => order.length === 2);

  assert.deepEqual(order, [
    'm1',
    { to: 'agent', expired: 2, overflow: 1, acknowledgedElsewhere: false, unknown: false, through: position('agent', 50) },
  ]);
  assert.ok(storage.getItem('switchboard')!.includes(position('agent', 50)));
});

test('what another device acknowledged holds nothing back here', async () => {
  const world = new World();
  const ada = await page(await edge(world), { ack: 'manual' }).online();
  world.send('m1');
  await ada.awaitSeen(1);
  world.connections[0]!.write({
    event: 'LOST',
    data: { to: 'agent', expired: 0, overflow: 0, acknowledged_elsewhere: true, through: position('agent', 42) },
  });
  const m3 = { event: 'WorksheetMsg', id: 'w-3', to: 'agent', pos: position('agent', 43), sent: 0, response: 'm3' };
  world.connections[0]!.write(m3);
  await ada.awaitSeen(2);

  ada.events[1]!.ack();

  await eventually('m3', () => world.acked.agent === 43);
});

test('manual: an acknowledgement out of turn waits for the older ones, on this page and the next', async () => {
  const world = new World();
  const storage = new FakeStorage();
  const one = await edge(world);
  const before = await page(one, { storage, ack: 'manual' }).online();
  ['m1', 'm2', 'm3'].forEach((data) => world.send(data));
  await before.awaitSeen(3);
  before.events[1]!.ack();
  await eventually('remembered', () => storage.getItem('switchboard')!.includes(position('agent', 42)));
  assert.equal(world.acked.agent, undefined);
  before.close();

  const after = await page(one, { storage, ack: 'manual' }).online();
  assert.deepEqual(await after.awaitSeen(2), ['m1', 'm3']);
  after.events[0]!.ack();

  await eventually('m1 and m2 acknowledged, m3 not', () => world.acked.agent === 42);
});

test('manual: a reconnect within the page does not show again what is not acknowledged', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one, { ack: 'manual' }).online();
  world.send('m1');
  await ada.awaitSeen(1);
  world.connections[0]!.close(4001, 'stalled');
  await eventually('waiting', () => ada.states.some(({ state }) => state === 'waiting'));
  await ada.online();
  world.send('m2');

  assert.deepEqual(await ada.awaitSeen(2), ['m1', 'm2']);
  ada.events.forEach((event) => event.ack());
  await eventually('both acknowledged', () => world.acked.agent === 42);
});

test('an acknowledgement that was lost with its connection is said again on the next', async () => {
  const world = new World();
  const one = await edge(world);
  const ada = await page(one).online();
  for (const to of ['agent', 'role:second-line']) {
    world.send('m1', { to });
    await eventually('acknowledged', () => world.acked[to] !== undefined);
    delete world.acked[to];

    world.connections[0]!.close(4001, 'stalled');

    await eventually(`acknowledged again: ${to}`, () => world.acked[to] !== undefined);
    await ada.online();
  }
  assert.deepEqual(ada.seen, ['m1', 'm1']);
});

test('a page that is hidden acknowledges at once: its timers may never run again', async () => {
  const world = new World();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const { setTimeout } = globalThis;
  Object.assign(globalThis, { document, window: new EventTarget() });
  try {
    const ada = await page(await edge(world)).online();
    globalThis.setTimeout = ((work: () => void, ms: number) => setTimeout(ms === 50 ? () => {} : work, ms)) as typeof setTimeout;
    world.send('m1');
    await ada.awaitSeen(1);

    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));

    await eventually('acknowledged', () => world.acked.agent === 41);
  } finally {
    globalThis.setTimeout = setTimeout;
    Reflect.deleteProperty(globalThis, 'document');
    Reflect.deleteProperty(globalThis, 'window');
  }
});
