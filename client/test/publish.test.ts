import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { CloseCode, PublishRefused } from '../src/index.js';
import { FakeEdge, World } from './fake-edge.js';
import { eventually, Page } from './support.js';

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
