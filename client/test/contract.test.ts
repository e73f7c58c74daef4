import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { WebSocketServer, type WebSocket as Peer } from 'ws';
import { CloseCode, ErrorCode, isFinal } from '../src/index.js';
import { parseFrame } from '../src/frames.js';
import { isAfter } from '../src/position.js';
import { eventually, FakeStorage, Page } from './support.js';

const JAVA = '../schemas/src/main/java/io/switchboard/schemas';
const GOLDEN = '../schemas/src/test/resources/golden';

/** The exact text of a golden frame, which Java's codecs write and read as well. */
function golden(name: string): string {
  return readFileSync(`${GOLDEN}/${name}.json`, 'utf8').trimEnd();
}

function javaTable(file: string): [string, number][] {
  const source = readFileSync(`${JAVA}/${file}.java`, 'utf8');
  return [...source.matchAll(/^ {4}([A-Z_]+)\((\d+), "/gm)].map(([, name, code]) => [name!, Number(code)]);
}

test("close codes are Java's", () => {
  const java = javaTable('CloseCode');
  assert.ok(java.length >= 16, 'the Java source was understood');
  assert.deepEqual(Object.entries(CloseCode), java);
  java.forEach(([, code]) => assert.equal(isFinal(code), code >= 4500));
});

test("the browser's error codes are Java's", () => {
  const java = javaTable('ErrorCode').filter(([, code]) => code < 10200);
  assert.ok(java.length >= 14, 'the Java source was understood');
  assert.deepEqual(Object.entries(ErrorCode), java);
});

test('golden frames of the edge are understood', () => {
  assert.deepEqual(parseFrame(golden('connect-server')), { kind: 'connect' });
  assert.deepEqual(parseFrame(golden('heart-beat')), { kind: 'heartbeat' });
  assert.deepEqual(parseFrame(golden('published')), { kind: 'published', id: 'p-1' });
  assert.deepEqual(parseFrame(golden('go-away')), { kind: 'go-away', reconnectInMs: 1234 });
  assert.deepEqual(parseFrame(golden('online')), {
    kind: 'online',
    data: { connection: 'c-1', agent: 'helpdesk/ada', role: 'second-line', unread: 3, heartbeat: 25 },
  });
  assert.deepEqual(parseFrame(golden('lost')), {
    kind: 'lost',
    data: { to: 'agent', expired: 2, overflow: 0, acknowledged_elsewhere: false, through: 'aB3_-x.7.40' },
  });
  for (const name of ['event', 'event-redelivered', 'event-traced']) {
    assert.deepEqual(parseFrame(golden(name)), { kind: 'event', frame: JSON.parse(golden(name)) });
  }
  assert.deepEqual(parseFrame(golden('error')), { kind: 'error', frame: JSON.parse(golden('error')) });
});

test('what is not understood is passed over: a newer edge may say more', () => {
  for (const text of ['', 'null', '5', '[]', '{}', '{"event":"DANCE","data":[]}', '{"event":7}']) {
    assert.equal(parseFrame(text), undefined, text);
  }
});

test('an event whose route is named like a word of ours is an event', () => {
  const frame = { ...(JSON.parse(golden('event')) as object), event: 'ONLINE' };
  assert.equal(parseFrame(JSON.stringify(frame))?.kind, 'event');
});

test('positions compare as numbers within one lane; another lane is a new beginning', () => {
  assert.ok(isAfter('aB3_-x.7.10', 'aB3_-x.7.9'));
  assert.ok(!isAfter('aB3_-x.7.9', 'aB3_-x.7.9'));
  assert.ok(!isAfter('aB3_-x.7.-1', 'aB3_-x.7.0'));
  assert.ok(isAfter('aB3_-x.7.0', undefined));
  assert.ok(isAfter('other.7.1', 'aB3_-x.7.99'));
});

let server: WebSocketServer;
let ada: Page;

afterEach(() => {
  ada?.close();
  server?.close();
});

test('golden frames of the browser are what the SDK writes, to the letter', async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const said: string[] = [];
  const peer = new Promise<Peer>((resolve) =>
    server.on('connection', (socket, request) => {
      assert.equal(request.headers['sec-websocket-protocol'], 'switchboard.v1');
      socket.on('message', (text: Buffer) => said.push(String(text)));
      resolve(socket);
    }),
  );
  const storage = new FakeStorage();
  const positions = { agent: 'aB3_-x.7.41', 'role:second-line': 'aB3_-x.1.-1', app: 'aB3_-x.3.9007199254740991' };
  storage.setItem('switchboard', JSON.stringify({ tab: 't', positions, ahead: [] }));
  const { port } = server.address() as { port: number };
  ada = new Page([`ws://127.0.0.1:${port}/ws`], { storage, token: '<token>' });
  const edge = await peer;

  edge.send(golden('connect-server'));
  await eventually('CONNECT', () => said.length === 1);
  assert.equal(said[0], golden('connect-client'));

  edge.send(golden('online').replace('"unread":3', '"unread":0'));
  edge.send(golden('heart-beat'));
  await eventually('HEART_BEAT', () => said.length === 2);
  assert.equal(said[1], golden('heart-beat'));

  edge.send(golden('event'));
  edge.send(golden('event').replace('"agent"', '"role:second-line"').replace('"aB3_-x.7.42","sent"', '"aB3_-x.1.7","sent"'));
  await eventually('ACK', () => said.length === 3);
  assert.equal(said[2], golden('ack'));

  const published = ada.switchboard.publish({ type: 'seen' }, 'p-1');
  await eventually('PUBLISH', () => said.length === 4);
  assert.equal(said[3], golden('publish'));
  edge.send(golden('published'));
  assert.equal(await published, 'p-1');
});
