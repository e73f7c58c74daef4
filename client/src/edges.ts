import type { Random } from './backoff.js';
import type { Options, WebSocketClass } from './types.js';

const PATIENCE_MS = 10_000;
/** Until a WebSocket has got through once, it is not waited for so long: it may be blocked. */
const FIRST_PATIENCE_MS = 5_000;

/**
 * Which edge node is tried next, and over which transport.
 *
 * A WebSocket that fails before the edge said anything may be blocked by something in between, so SSE is tried at the same edge at
 * once. As soon as any WebSocket of this page has got through, they are not blocked, and a failure is a failure.
 */
export class Edges {
  readonly #urls: readonly URL[];
  readonly #forced: 'websocket' | 'sse' | undefined;
  readonly webSocket: WebSocketClass | undefined;
  #index: number;
  #webSocketWorks = false;
  sse: boolean;

  constructor(url: string | readonly string[], { transport, WebSocket }: Pick<Options, 'transport' | 'WebSocket'>, random: Random) {
    this.#urls = (typeof url === 'string' ? [url] : url).map(socketUrl);
    if (this.#urls.length === 0) {
      throw new TypeError('url: none (expected: at least one)');
    }
    this.webSocket = WebSocket ?? (globalThis.WebSocket as unknown as WebSocketClass | undefined);
    if (transport === 'websocket' && this.webSocket === undefined) {
      throw new TypeError("WebSocket: none here (expected: options.WebSocket, for instance npm's ws)");
    }
    this.#forced = transport === 'auto' ? undefined : (transport ?? undefined);
    if (this.webSocket === undefined) {
      this.#forced = 'sse';
    }
    this.sse = this.#forced === 'sse';
    this.#index = Math.floor(random() * this.#urls.length);
  }

  get url(): URL {
    return this.#urls[this.#index]!;
  }

  /** How long to wait until an edge has attached us. */
  get patienceMs(): number {
    return this.#mayBeBlocked() ? FIRST_PATIENCE_MS : PATIENCE_MS;
  }

  /** The edge said something. */
  onSign(): void {
    this.#webSocketWorks ||= !this.sse;
  }

  next(): void {
    this.#index = (this.#index + 1) % this.#urls.length;
  }

  /** The connection ended; true when another transport should be tried at once. */
  onClosed(wasOnline: boolean): boolean {
    if (!wasOnline && this.#mayBeBlocked()) {
      return (this.sse = true);
    }
    if (!wasOnline) {
      this.sse = this.#forced === 'sse';
    }
    this.next();
    return false;
  }

  #mayBeBlocked(): boolean {
    return this.#forced === undefined && !this.sse && !this.#webSocketWorks;
  }
}

function socketUrl(text: string): URL {
  const url = new URL(text, globalThis.location?.href);
  url.protocol = url.protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(url.protocol)) {
    throw new TypeError(`url: '${text}' (expected: wss://host/ws)`);
  }
  if (url.pathname === '/') {
    url.pathname = '/ws';
  }
  return url;
}
