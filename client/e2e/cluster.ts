import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LAUNCHER = '../switchboard';
/** A first start builds; a busy machine takes its time. */
const PATIENCE_MS = 300_000;
const APP = 'helpdesk';
const CHAT_TOKEN = 'sdfd3sdfsd3324cx';
/** Of apps.example.yaml, for development only. */
const SECRET = 'development-only-secret-of-helpdesk-0123456789';

interface Ready {
  readonly desk: string;
  readonly front_door: string;
  readonly edges: string[];
}

/** `./switchboard up`: real processes, on ports and in a folder of its own. */
export class Cluster {
  readonly edges: readonly string[];
  readonly #frontDoor: string;
  readonly #up: ChildProcess;
  readonly #data: string;

  private constructor(up: ChildProcess, data: string, ready: Ready) {
    this.#up = up;
    this.#data = data;
    this.#frontDoor = ready.front_door;
    this.edges = ready.edges;
  }

  static async start(edges = 2): Promise<Cluster> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await Cluster.#startAt(somePort(), edges);
      } catch (error) {
        if (attempt === 3 || !/port \d+, .* is taken/.test(String(error))) {
          throw error;
        }
      }
    }
  }

  static async #startAt(port: number, edges: number): Promise<Cluster> {
    const data = mkdtempSync(join(tmpdir(), 'switchboard-e2e-'));
    const log = openSync(join(data, 'up.log'), 'w');
    const args = ['up', '--json', '--edges', String(edges), '--port', String(port), '--data', join(data, 'state')];
    const up = spawn(LAUNCHER, args, { stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    let timer: NodeJS.Timeout | undefined;
    try {
      const ready = await new Promise<Ready>((resolve, reject) => {
        const why = (what: string): Error => new Error(`./switchboard up ${what}:\n${readFileSync(join(data, 'up.log'), 'utf8').slice(-4_000)}`);
        timer = setTimeout(() => reject(why(`was not ready within ${PATIENCE_MS} ms`)), PATIENCE_MS);
        up.on('exit', (code) => reject(why(`ended with ${code}`)));
        createInterface(up.stdout!).on('line', (line) => line.startsWith('{') && resolve(JSON.parse(line) as Ready));
      });
      return new Cluster(up, data, ready);
    } catch (error) {
      up.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The page of an edge node, as `up` prints it: it knows the others too. */
  desk(edge: number, token: string): string {
    return `${this.edges[edge]!.replace('ws:', 'http:').replace(/\/ws$/, '')}/desk/#token=${token}&edges=${this.edges.join(',')}`;
  }

  /** Through the front door: answered when Kafka has all of them. */
  async send(uuid: string, payloads: readonly unknown[]): Promise<string[]> {
    const response = await fetch(this.#frontDoor, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        url: '/worksheet/send-message',
        chat_token: CHAT_TOKEN,
        data: payloads.map((data) => ({ uuid, data })),
      }),
    });
    if (response.status !== 202) {
      throw new Error(`${this.#frontDoor}: ${response.status} ${await response.text()}`);
    }
    return ((await response.json()) as { ids: string[] }).ids;
  }

  /** Ends an edge node; resolves when it listens again: `up` starts what has ended. */
  async restart(edge: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { port } = new URL(edge);
    const pid = pidOf(port);
    process.kill(pid, signal);
    await until(() => Promise.resolve(!isAlive(pid)));
    await until(() => listens(port));
  }

  async stop(): Promise<void> {
    if (this.#up.exitCode === null) {
      const ended = new Promise((resolve) => this.#up.on('exit', resolve));
      this.#up.kill('SIGTERM');
      await ended;
    }
    if (process.env.KEEP === undefined) {
      rmSync(this.#data, { recursive: true, force: true });
    } else {
      console.log(`# kept: ${this.#data}`);
    }
  }
}

/** Below the range that systems give to outgoing connections; `up` takes those after it, too. */
function somePort(): number {
  return 15_000 + Math.floor(Math.random() * 170) * 100;
}

export async function until(look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await look())) {
    if (Date.now() > end) {
      throw new Error('not within 60 s');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listens(port: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** The edge node of ours that was started with this port. */
function pidOf(port: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (command.includes('io.switchboard.edge.EdgeMain') && command[command.indexOf('--port') + 1] === port) {
        return Number(pid);
      }
    } catch {
      // It has just ended.
    }
  }
  throw new Error(`no edge node with --port ${port}`);
}

/** A JWT as the help desk would issue it. */
export function tokenFor(uuid: string, seconds = 3_600): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: uuid, app: APP, role: ['agent'], iat: now, exp: now + seconds })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}

/** The application's own server: its page, and tokens for it. */
export async function servePage(script: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    if (url.pathname === '/token') {
      response.end(tokenFor(url.searchParams.get('uuid')!, Number(url.searchParams.get('seconds'))));
    } else if (url.pathname === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title><script type="module" src="/page.js"></script>');
    }
  });
  return { url: await listen(server), close: () => closeAll(server) };
}

/** A proxy as old ones are: HTTP passes, and an upgrade is refused. */
export async function proxyWithoutWebSockets(edge: string): Promise<{ url: string; close(): void }> {
  const { hostname, port } = new URL(edge);
  const server = createServer((request, response) => {
    const onward = httpRequest({ hostname, port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'));
  return { url: (await listen(server)).replace('http:', 'ws:') + '/ws', close: () => closeAll(server) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closeAll(server: Server): void {
  server.closeAllConnections();
  server.close();
}

/** A balancer: each connection goes to the next edge node that listens. */
export async function relay(edges: readonly string[]): Promise<{ url: string; last(): string; close(): void }> {
  let next = 0;
  let last = edges[0]!;
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    const dial = (attempts: number): void => {
      const edge = edges[next++ % edges.length]!;
      const { hostname, port } = new URL(edge);
      let up = false;
      const onward = connect(Number(port), hostname, () => {
        up = true;
        last = edge;
        client.pipe(onward).pipe(client);
      });
      client.on('close', () => onward.destroy());
      onward.on('close', () => up && client.destroy());
      onward.on('error', () => (up || attempts === 1 ? client.destroy() : dial(attempts - 1)));
    };
    dial(edges.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    last: () => last,
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
