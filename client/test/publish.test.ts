import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { CloseCode, PublishRefused } from '../src/index.js';
import { FakeEdge, World } from './fake-edge.js';
import { eventually, FakeStorage, jwt, Page } from './support.js';

let one: FakeEdge;
let ada: Page;

async function start(world: World): Promise<void> {
  one = await FakeEdge.start(world);
  ada = new Page(one);
}

afterEach(async () => {
  ada.close();
  await one.kill();
});

test('a publish is resolved when Kafka has it, also when it was made before we were online', async () => {
  const world = new World();
  await start(world);

  const id = await ada.switchboard.publish({ type: 'seen', worksheet: 'W-1' });

  assert.deepEqual(
    world.said.filter(({ event }) => event === 'PUBLISH'),
    [{ event: 'PUBLISH', id, data: { type: 'seen', worksheet: 'W-1' } }],
  );
});

test('an answer that was lost with its connection: published again, with the same id', async () => {
  const world = new World();
  world.onPublish = () => undefined;
  await start(world);
  await ada.online();
  const published = ada.switchboard.publish({ type: 'seen' }, 'p-1');
  await eventually('heard', () => world.said.some(({ event }) => event === 'PUBLISH'));

  world.onPublish = (frame) => ({ event: 'PUBLISHED', id: frame.id });
  world.connections[0]!.close(CloseCode.INTERNAL);

  assert.equal(await published, 'p-1');
  assert.deepEqual(
    world.said.filter(({ event }) => event === 'PUBLISH').map(({ id }) => id),
    ['p-1', 'p-1'],
  );
});

test('an edge node that cannot publish now is asked again; one that refuses is believed', async () => {
  const world = new World();
  let answers = [10114, 10111];
  world.onPublish = ({ id }) => {
    const code = answers.shift();
    return code === undefined ? { event: 'PUBLISHED', id } : { code, msg: 'no', data: [], id };
  };
  await start(world);

  assert.equal(await ada.switchboard.publish({}, 'p-1'), 'p-1');
  answers = [10110];
  await assert.rejects(ada.switchboard.publish({}, 'p-2'), (refused: PublishRefused) => refused.code === 10110);
});

test('what no edge node would take is refused at once, naming what is wrong', async () => {
  await start(new World());
  const refused = async (data: unknown, id: string | undefined, message: RegExp): Promise<void> =>
    assert.rejects(ada.switchboard.publish(data as object, id), message);

  await refused({}, 'not an id!', /not an id!/);
  await refused([], undefined, /data: expected an object/);
  await refused({ text: '单'.repeat(30_000) }, undefined, /65536 bytes/);
});

test('what is unanswered when it is closed is rejected, not forgotten', async () => {
  const world = new World();
  world.onPublish = () => undefined;
  await start(world);
  const published = ada.switchboard.publish({});
  ada.close();

  await assert.rejects(published, PublishRefused);
});

test('three hundred at once go a few at a time, all of them', async () => {
  const world = new World();
  let open = 0;
  let most = 0;
  world.onPublish = ({ id }) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      world.connections[0]?.write({ event: 'PUBLISHED', id });
    }, 1);
    return undefined;
  };
  await start(world);

  await Promise.all(Array.from({ length: 300 }, (_, i) => ada.switchboard.publish({ i })));

  assert.ok(most <= 16, `${most} under way at once`);
  assert.equal(new Set(world.said.filter(({ event }) => event === 'PUBLISH').map(({ data }) => data.i)).size, 300);
});

/** As `close` never ran: the page was gone from one moment to the next, and this is what the tab remembers. */
async function unanswered(world: World, ids: string[], options: object = {}): Promise<FakeStorage> {
  const storage = new FakeStorage();
  world.onPublish = () => undefined;
  one = await FakeEdge.start(world);
  const before = new Page(one, { storage, ...options });
  const all = ids.map((id) => before.switchboard.publish({ id }, id));
  await eventually('heard', () => world.said.filter(({ event }) => event === 'PUBLISH').length === ids.length);
  const left = new FakeStorage();
  storage.items.forEach((value, key) => left.setItem(key, value));
  all.forEach((each) => each.catch(() => undefined));
  before.close();
  assert.doesNotMatch(storage.getItem('switchboard')!, /PUBLISH/, 'what was rejected is not kept');
  world.said.length = 0;
  world.onPublish = ({ id }) => ({ event: 'PUBLISHED', id });
  return left;
}

const published = (world: World): unknown[] => world.said.filter(({ event }) => event === 'PUBLISH').map(({ id }) => id);

test('what was unanswered when the page went is published by the next one, in order and with the same id', async () => {
  const world = new World();
  const storage = await unanswered(world, ['p-1', 'p-2']);

  ada = new Page(one, { storage });
  const again = ada.switchboard.publish({ id: 'p-2' }, 'p-2');
  const third = ada.switchboard.publish({}, 'p-3');

  assert.deepEqual([await again, await third], ['p-2', 'p-3']);
  assert.deepEqual(published(world), ['p-1', 'p-2', 'p-3']);
  assert.doesNotMatch(storage.getItem('switchboard')!, /PUBLISH/, 'and then forgotten');
});

test("what was unanswered is not published in somebody else's name", async () => {
  const world = new World();
  const storage = await unanswered(world, ['p-1'], { token: jwt({ sub: 'ada' }) });

  ada = await new Page(one, { storage, token: jwt({ sub: 'bob' }) }).online();
  assert.equal(await ada.switchboard.publish({}, 'p-2'), 'p-2');

  assert.deepEqual(published(world), ['p-2']);
});
