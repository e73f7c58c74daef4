import { fullJitter } from './backoff.js';
import { parseFrame, type ClientFrame } from './frames.js';
import type { Link, LinkOwner, LinkRequest } from './link.js';

const ATTEMPTS = 5;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 5_000;
/** Browsers keep requests of a page that is over alive up to 64 KiB in all. */
const MOST_KEPT_ALIVE = 32 * 1024;

/**
 * A link over Server-Sent Events, where WebSocket does not get through: the same frames as `data:` of a GET, and what we have to
 * say as POSTs beside it.
 *
 * `fetch` and not `EventSource`: that one hides status, comments and headers, and comes back by rules of its own.
 */
export function openEventStream(request: LinkRequest, owner: LinkOwner): Link {
  const abort = new AbortController();
  const url = new URL(request.url);
  url.protocol = url.protocol.replace('ws', 'http');
  url.pathname = url.pathname.replace(/\/ws$/, '/sse');
  const stream = new URL(url);
  stream.searchParams.set('client_token', request.token);
  let connection: string | undefined;
  let over = false;

  const closed = (code: number | undefined, reason: string): void => {
    if (!over) {
      over = true;
      abort.abort();
      owner.onClosed(code, reason);
    }
  };

  const onMessage = (name: string, data: string): void => {
    if (name === 'close') {
      const { code, reason } = JSON.parse(data) as { code: number; reason: string };
      closed(code, reason);
      return;
    }
    const frame = parseFrame(data);
    if (frame?.kind === 'online') {
      connection = frame.data.connection;
    }
    if (frame && frame.kind !== 'connect' && !over) {
      owner.onFrame(frame);
    }
  };

  const read = async (): Promise<void> => {
    const response = await fetch(stream, {
      headers: { accept: 'text/event-stream', 'last-event-id': lastEventId(request.positions) },
      cache: 'no-store',
      signal: abort.signal,
    });
    if (!response.ok || !response.body) {
      const { code, reason } = (await response.json().catch(() => ({}))) as { code?: number; reason?: string };
      closed(code, reason ?? `HTTP ${response.status}`);
      return;
    }
    const messages = new MessageParser(onMessage);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || over) {
        break;
      }
      owner.onSign();
      messages.feed(value);
    }
    closed(undefined, 'the stream ended');
  };
  read().catch((error: unknown) => closed(undefined, String(error)));

  /** Tried a few times: an acknowledgement that got lost would be missed only at the next one. */
  const post = async (frame: ClientFrame, attempt = 0): Promise<void> => {
    const body = JSON.stringify(frame);
    const to = `${url.href}/${encodeURIComponent(connection!)}/${frame.event.toLowerCase()}`;
    let status = 0;
    try {
      const headers = { 'content-type': 'text/plain' };
      const response = await fetch(to, { method: 'POST', headers, body, keepalive: body.length < MOST_KEPT_ALIVE });
      ({ status } = response);
      const answer = await response.text();
      if (response.ok) {
        onMessage('', answer);
        return;
      }
    } catch {
      // The network broke, which the stream will notice too.
    }
    if (over) {
      return;
    }
    if (attempt < ATTEMPTS - 1) {
      setTimeout(() => !over && void post(frame, attempt + 1), fullJitter(Math.random, attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS));
    } else {
      owner.onFrame({ kind: 'error', frame: { code: status, msg: `POST ${frame.event}: HTTP ${status}` } });
    }
  };

  const send = (frame: ClientFrame): boolean => {
    if (frame.event === 'HEART_BEAT') {
      return true; // nothing is expected on this side: the stream is proven by TCP
    }
    if (over || connection === undefined || frame.event === 'CONNECT') {
      return false;
    }
    void post(frame);
    return true;
  };

  return {
    send,
    close() {
      over = true;
      abort.abort();
    },
  };
}

/** `agent=<pos>;role:<role>=<pos>;app=<pos>` */
function lastEventId(positions: Readonly<Record<string, string>>): string {
  return Object.entries(positions)
    .map(([feed, position]) => `${feed}=${position}`)
    .join(';');
}

/** The `text/event-stream` format, as far as an edge writes it (WHATWG HTML §9.2.6). */
class MessageParser {
  readonly #onMessage: (name: string, data: string) => void;
  #rest = '';
  #name = '';
  #data: string[] = [];

  constructor(onMessage: (name: string, data: string) => void) {
    this.#onMessage = onMessage;
  }

  feed(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop()!;
    lines.forEach((line) => this.#line(line));
  }

  #line(line: string): void {
    if (line === '') {
      if (this.#data.length > 0) {
        this.#onMessage(this.#name, this.#data.join('\n'));
      }
      this.#name = '';
      this.#data = [];
      return;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (field === 'data') {
      this.#data.push(value ?? '');
    } else if (field === 'event') {
      this.#name = value ?? '';
    }
  }
}
