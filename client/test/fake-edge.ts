import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';

const TAG = 'aB3_-x';
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** As strict as the real edge node's. */
const CONTENT_SECURITY =
  "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss: http: https:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

interface Entry {
  readonly to: string;
  readonly offset: number;
  readonly frame: Record<string, unknown>;
}

/** What the fake edges share: the log, what is acknowledged, and what browsers said. */
export class World {
  readonly edges = new Set<FakeEdge>();
  readonly log: Entry[] = [];
  /** Feed → offset. */
  readonly acked: Record<string, number> = {};
  /** Each frame that any browser sent, parsed. */
  readonly said: Record<string, any>[] = [];
  agentOf: (token: string) => string = () => 'helpdesk/ada';
  roles = 'second-line';
  /** Answers a PUBLISH; undefined: says nothing. */
  onPublish: (frame: Record<string, any>) => object | undefined = (frame) => ({ event: 'PUBLISHED', id: frame.id });
  #offset = 40;

  /** An event comes in, for whoever is online and whoever comes. */
  send(data: unknown, more: { to?: string; id?: string; redelivered?: string; name?: string; sent?: number } = {}): Entry {
    const { to = 'agent', name = 'WorksheetMsg', sent = Date.now(), ...rest } = more;
    const offset = ++this.#offset;
    const pos = position(to, offset);
    const entry = { to, offset, frame: { event: name, id: pos, to, pos, sent, ...rest, response: data } };
    this.log.push(entry);
    for (const edge of this.edges) {
      edge.connections.forEach((connection) => connection.online && connection.deliver(entry));
    }
    return entry;
  }

  ack(data: Record<string, string>): void {
    for (const [feed, pos] of Object.entries(data)) {
      this.acked[feed] = Math.max(this.acked[feed] ?? 0, Number(pos.split('.')[2]));
    }
  }

  after(to: string, pos: string | undefined): Entry[] {
    const from = pos === undefined ? (this.acked[to] ?? 0) : Number(pos.split('.')[2]);
    return this.log.filter((entry) => entry.to === to && entry.offset > from);
  }

  get connections(): FakeConnection[] {
    return [...this.edges].flatMap((edge) => [...edge.connections]);
  }
}

/** One lane for each feed. */
export function position(to: string, offset: number): string {
  return `${TAG}.${to === 'agent' ? 7 : to === 'app' ? 3 : 1}.${offset}`;
}

/** A browser's connection, as the edge sees it. */
export class FakeConnection {
  readonly edge: FakeEdge;
  readonly write: (frame: object) => void;
  readonly close: (code: number, reason?: string) => void;
  readonly said: Record<string, any>[] = [];
  online = false;
  token = '';

  constructor(edge: FakeEdge, write: (frame: object) => void, close: (code: number, reason?: string) => void) {
    this.edge = edge;
    this.write = write;
    this.close = close;
  }

  deliver(entry: Entry): void {
    this.write(entry.frame);
  }

  attach(token: string, positions: Record<string, string>, name: string): void {
    const { world } = this.edge;
    this.token = token;
    if (token === 'bad') {
      this.write({ code: 10104, msg: 'client_token is refused', data: [] });
      this.close(4500, 'bad token');
      return;
    }
    const unread = world.after('agent', undefined).length;
    this.online = true;
    this.write({
      event: 'ONLINE',
      data: { connection: name, agent: world.agentOf(token), role: world.roles, unread, heartbeat: this.edge.heartbeatSeconds },
    });
    for (const to of ['agent', ...world.roles.split(',').map((role) => `role:${role}`), 'app']) {
      world.after(to, positions[to]).forEach((entry) => this.deliver(entry));
    }
  }

  /** What answers it. */
  onFrame(frame: Record<string, any>): object | undefined {
    this.said.push(frame);
    this.edge.world.said.push(frame);
    if (frame.event === 'ACK') {
      this.edge.world.ack(frame.data);
    } else if (frame.event === 'PUBLISH') {
      return this.edge.world.onPublish(frame);
    }
    return undefined;
  }
}

/** An edge node as far as a browser can tell, with switches for what can go wrong. */
export class FakeEdge {
  readonly world: World;
  readonly connections = new Set<FakeConnection>();
  readonly heartbeatSeconds: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #beat: ReturnType<typeof setInterval>;
  /** So many POSTs get 404, as from a balancer that sends them to another edge node. */
  failsPosts = 0;
  /** Answers 403 to WebSockets, as a proxy that does not know them. */
  blocksWebSocket = false;
  /** Says nothing more, and nobody hears that it is gone. */
  mute = false;
  attempts = 0;
  #count = 0;

  private constructor(world: World, heartbeatSeconds: number, server: Server, files: string | undefined) {
    this.world = world;
    this.heartbeatSeconds = heartbeatSeconds;
    this.#server = server;
    world.edges.add(this);
    const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'switchboard.v1' });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => {
      this.attempts++;
      if (this.blocksWebSocket) {
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#onWebSocket(webSocket));
    });
    server.on('request', (request, response) => void this.#onRequest(request, response, files));
    this.#beat = setInterval(() => {
      this.connections.forEach((connection) => connection.online && connection.write({ event: 'HEART_BEAT', data: [] }));
    }, heartbeatSeconds * 1_000);
  }

  static async start(world = new World(), { heartbeatSeconds = 25, port = 0, files }: { heartbeatSeconds?: number; port?: number; files?: string } = {}): Promise<FakeEdge> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new FakeEdge(world, heartbeatSeconds, server, files);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** As kill -9: sockets break, the port is closed. */
  kill(): Promise<void> {
    this.world.edges.delete(this);
    this.connections.clear();
    clearInterval(this.#beat);
    this.#sockets.forEach((socket) => socket.resetAndDestroy());
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #onWebSocket(webSocket: WebSocket): void {
    const connection = new FakeConnection(
      this,
      (frame) => !this.mute && webSocket.send(JSON.stringify(frame)),
      (code, reason) => webSocket.close(code, reason),
    );
    this.connections.add(connection);
    webSocket.on('close', () => this.connections.delete(connection));
    webSocket.on('message', (text: Buffer) => {
      const frame = JSON.parse(String(text)) as Record<string, any>;
      const answer = connection.onFrame(frame);
      if (answer) {
        connection.write(answer);
      }
      if (frame.event === 'CONNECT') {
        connection.attach(frame.data.client_token, frame.data.positions ?? {}, `c-${++this.#count}`);
      }
    });
    connection.write({ event: 'CONNECT', data: [] });
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse, files: string | undefined): Promise<void> {
    const url = new URL(request.url!, 'http://localhost');
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'last-event-id, content-type');
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const post = /^\/sse\/([^/]+)\/(ack|publish|refresh)$/.exec(url.pathname);
    if (url.pathname === '/sse') {
      this.#onEventStream(url, request, response);
    } else if (post) {
      let body = '';
      for await (const part of request) {
        body += String(part);
      }
      if (this.failsPosts-- > 0) {
        response.writeHead(404).end();
        return;
      }
      const answer = this.#byName.get(post[1]!)?.onFrame(JSON.parse(body) as Record<string, any>);
      response.writeHead(answer ? 200 : 204, { 'content-type': 'application/json' }).end(answer && JSON.stringify(answer));
    } else {
      await serve(url.pathname, response, files);
    }
  }

  readonly #byName = new Map<string, FakeConnection>();

  #onEventStream(url: URL, request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const connection = new FakeConnection(
      this,
      (frame) => !this.mute && !response.writableEnded && response.write(`data: ${JSON.stringify(frame)}\n\n`),
      () => response.end(),
    );
    const name = `s-${++this.#count}`;
    this.#byName.set(name, connection);
    this.connections.add(connection);
    response.on('close', () => this.connections.delete(connection));
    const positions = Object.fromEntries(
      String(request.headers['last-event-id'] ?? '')
        .split(';')
        .filter(Boolean)
        .map((each) => each.split('=') as [string, string]),
    );
    connection.attach(url.searchParams.get('client_token') ?? '', positions, name);
  }
}

async function serve(path: string, response: ServerResponse, files: string | undefined): Promise<void> {
  const file = path.endsWith('/') ? `${path}index.html` : path;
  try {
    const content = await readFile(join(files!, normalize(file)));
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CONTENT_SECURITY }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}
