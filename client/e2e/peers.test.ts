// Clients that were not written here: npm `ws` by hand, Debian's python3-websockets, the browser's own EventSource.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { WebSocket } from 'ws';
import { launchChromium } from '../test/chromium.js';
import { eventually } from '../test/support.js';
import { Cluster, servePage, tokenFor } from './cluster.js';

const PATIENCE_MS = 60_000;
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';

let cluster: Cluster;
let browser: Browser;
let agents = 0;

before(async () => {
  browser = await launchChromium();
  cluster = await Cluster.start(2);
}, { timeout: 360_000 });

after(async () => {
  await browser?.close();
  await cluster?.stop();
});

const agent = (): string => `peer-${process.pid}-${++agents}`;
const numbers = (from: number, count: number): { n: number }[] => Array.from({ length: count }, (_, i) => ({ n: from + i }));
const range = (from: number, count: number): number[] => numbers(from, count).map(({ n }) => n);

test("npm ws, frame by frame as docs/protocol.md has it; without a subprotocol pongs acknowledge", async () => {
  const uuid = agent();
  await cluster.send(uuid, numbers(0, 3));
  const first = await talk(uuid, ['switchboard.v1']);
  await eventually('three events', () => first.events.length === 3, PATIENCE_MS);
  first.socket.send(JSON.stringify({ event: 'ACK', data: { agent: first.events[0]!.pos } }));
  first.socket.send(JSON.stringify({ event: 'PUBLISH', id: 'p-1', data: { type: 'seen' } }));
  await eventually('PUBLISHED', () => first.frames.some(({ event, id }) => event === 'PUBLISHED' && id === 'p-1'), PATIENCE_MS);
  // Acks gather in the edge for a moment: by the next beat this one is in the inbox.
  const beats = (): number => first.frames.filter(({ event }) => event === 'HEART_BEAT').length;
  const heard = beats();
  await eventually('a beat after the ack', () => beats() > heard, PATIENCE_MS);
  first.socket.close();

  const old = await talk(uuid, []);
  await eventually('what was not acknowledged', () => old.events.length === 2, PATIENCE_MS);
  assert.deepEqual(old.events.map(({ response }) => response.n), [1, 2]);
  // The second: by then what the first pong acknowledged is in the inbox.
  await eventually('two pings after them', () => old.pings > 1, PATIENCE_MS);
  old.socket.close();
  await cluster.send(uuid, numbers(3, 1));
  const third = await talk(uuid, ['switchboard.v1']);
  await eventually('only what is new', () => third.events.length > 0, PATIENCE_MS);
  assert.deepEqual(third.events.map(({ response }) => response.n), [3]);
  third.socket.close();
});

interface Frame {
  readonly event: string;
  readonly id?: string;
  readonly pos?: string;
  readonly response: { n: number };
}

async function talk(uuid: string, protocols: string[]): Promise<{ socket: WebSocket; frames: Frame[]; events: Frame[]; pings: number }> {
  const socket = new WebSocket(cluster.edges[0]!, protocols);
  const talked = { socket, frames: [] as Frame[], events: [] as Frame[], pings: 0 };
  socket.on('ping', () => talked.pings++);
  socket.on('message', (text: Buffer) => {
    const frame = JSON.parse(String(text)) as Frame;
    talked.frames.push(frame);
    if (frame.event === 'CONNECT') {
      socket.send(JSON.stringify({ event: 'CONNECT', data: { client_token: tokenFor(uuid) } }));
    } else if (frame.pos !== undefined) {
      talked.events.push(frame);
    }
  });
  await eventually('ONLINE', () => talked.frames.some(({ event }) => event === 'ONLINE'), PATIENCE_MS);
  return talked;
}

test('a page that acknowledges each of a thousand events by itself stays online', async () => {
  const uuid = agent();
  for (let i = 0; i < 10; i++) {
    await cluster.send(uuid, numbers(i * 100, 100));
  }
  const one = await talk(uuid, ['switchboard.v1']);
  one.socket.on('message', (text: Buffer) => {
    const { pos } = JSON.parse(String(text)) as Frame;
    pos !== undefined && one.socket.send(JSON.stringify({ event: 'ACK', data: { agent: pos } }));
  });
  await eventually('all of them', () => one.events.length >= 1_000, PATIENCE_MS);
  // Those that came before the listener was there were not acknowledged one by one: one more tells for all.
  await cluster.send(uuid, numbers(1_000, 1));
  await eventually('one more', () => one.events.length === 1_001, PATIENCE_MS);
  assert.deepEqual(one.events.map(({ response }) => response.n), range(0, 1_001));
  assert.equal(one.socket.readyState, WebSocket.OPEN);
  one.socket.close();
});

test('docs/client.py, as it stands, with python3-websockets: over a killed edge, once and in order', async (context) => {
  try {
    execFileSync(PYTHON, ['-c', 'import websockets'], { stdio: 'ignore' });
  } catch {
    assert.ok(process.env.CI === undefined, 'python3-websockets is missing (.ci/run installs it)');
    context.skip(`${PYTHON} has no websockets: apt-get install python3-websockets`);
    return;
  }
  const uuid = agent();
  const edge = cluster.edges[1]!;
  const run = spawn(PYTHON, ['../docs/client.py', edge, tokenFor(uuid)]);
  let printed = '';
  let complaints = '';
  run.stdout.on('data', (text: Buffer) => (printed += String(text)));
  run.stderr.on('data', (text: Buffer) => (complaints += String(text)));
  const seen = (): number[] => [...printed.matchAll(/^agent \S+ \{"n": (\d+)\}$/gm)].map(([, n]) => Number(n));
  try {
    await cluster.send(uuid, numbers(0, 10));
    await eventually('ten', () => seen().length >= 10, PATIENCE_MS);
    const restarted = cluster.restart(edge);
    await cluster.send(uuid, numbers(10, 10));
    await restarted;
    await eventually('twenty', () => seen().length >= 20, PATIENCE_MS);
    assert.deepEqual(seen(), range(0, 20));
    assert.equal(complaints, '');
  } finally {
    run.kill();
  }
});

test("the browser's own EventSource: resumes by Last-Event-ID, over an edge that was killed, without a line of ours", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `window.open_ = (url) => {
        window.seen = []; window.opened = 0;
        const stream = new EventSource(url);
        stream.onopen = () => window.opened++;
        stream.onmessage = ({ data }) => { const { response } = JSON.parse(data); response && window.seen.push(response.n); };
      };`,
    },
    write: false,
  });
  const page = await servePage(outputFiles[0]!.text);
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    const uuid = agent();
    const edge = cluster.edges[0]!;
    const tab = await context.newPage();
    await tab.goto(page.url);
    await tab.evaluate((url) => (window as unknown as { open_(url: string): void }).open_(url), `${edge.replace('ws:', 'http:').replace(/\/ws$/, '/sse')}?client_token=${tokenFor(uuid)}`);
    await cluster.send(uuid, numbers(0, 10));
    const shows = (count: number): Promise<unknown> => tab.waitForFunction((last) => (window as unknown as { seen: number[] }).seen.includes(last), count - 1);
    await shows(10);

    const restarted = cluster.restart(edge);
    await cluster.send(uuid, numbers(10, 10));
    await restarted;
    await shows(20);
    assert.deepEqual(await tab.evaluate(() => (window as unknown as { seen: number[] }).seen), range(0, 20));
    assert.ok((await tab.evaluate(() => (window as unknown as { opened: number }).opened)) >= 2, 'it did lose its edge');
  } finally {
    await context.close();
    page.close();
  }
});
