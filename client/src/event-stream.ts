import { parseFrame, type ClientFrame } from './frames.js';
import type { Link, LinkOwner, LinkRequest } from './link.js';

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

  /** In the order in which they were said: a POST waits for the one before it. */
  let post: Promise<unknown> = Promise.resolve();
  const send = (frame: ClientFrame): boolean => {
    if (frame.event === 'HEART_BEAT') {
      return true;
    }
    if (over || connection === undefined || frame.event === 'CONNECT') {
      return false;
    }
    const to = `${url.href}/${encodeURIComponent(connection)}/${frame.event.toLowerCase()}`;
    const body = JSON.stringify(frame);
    const say = (): Promise<unknown> =>
      fetch(to, { method: 'POST', headers: { 'content-type': 'text/plain' }, body, keepalive: body.length < 32_768 }).then(
        async (response) => {
          if (response.headers.get('content-type')?.includes('json')) {
            onMessage('', await response.text());
          }
        },
      );
    // An ACK must not wait: the page may be over before its turn.
    post = frame.event === 'ACK' ? say().catch(() => {}) : post.then(say).catch(() => {});
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
