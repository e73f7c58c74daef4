import { Acks } from './acks.js';
import { fullJitter, type Random } from './backoff.js';
import { CloseCode, ErrorCode, isFinal, nameOf } from './codes.js';
import { openEventStream } from './event-stream.js';
import { Feed } from './feed.js';
import type { ClientFrame, EventFrame, LostFrame, OnlineFrame, Positions, ServerFrame } from './frames.js';
import { RecentIds } from './ids.js';
import type { Link } from './link.js';
import { watchPage } from './page.js';
import { Publisher } from './publisher.js';
import { Pulse } from './pulse.js';
import { TabMemory } from './tab-memory.js';
import { refreshDelayMs, subject, Tokens } from './tokens.js';
import type { Online, Options, Problem, State, StateChange, SwitchboardEvent, WebSocketClass } from './types.js';
import { openWebSocket } from './websocket.js';

const CONNECT_MS = 10_000;
/** Until a WebSocket has got through once, it is not waited for so long: it may be blocked. */
const FIRST_SIGN_MS = 5_000;
/** A connection that held so long was a good one: the next failure is a new one. */
const SETTLED_MS = 5_000;
const REFRESH_RETRY_MS = 5_000;
const DEFAULT_ATTEMPTS = 5;
const NORMAL_CLOSURE = 1000;

/**
 * A connection to Switchboard that keeps itself: it comes back by itself, to whichever edge node, and goes on where it was.
 *
 * ```ts
 * const switchboard = new Switchboard('wss://edge.example/ws', {
 *   token: () => fetch('/my/token').then((response) => response.text()),
 *   onEvent: async (event) => show(event.data),
 * });
 * ```
 *
 * `onEvent` sees each event once, in order. "Once" is per page life: if the page dies inside the handler, the next page is given
 * that one event again.
 */
export class Switchboard<T = unknown> {
  readonly #options: Options<T>;
  readonly #urls: readonly URL[];
  readonly #random: Random;
  readonly #webSocket: WebSocketClass | undefined;
  readonly #tokens: Tokens;
  readonly #memory: TabMemory;
  readonly #ids = new RecentIds();
  readonly #feeds = new Map<string, Feed>();
  readonly #send = (frame: ClientFrame): boolean => this.#state === 'online' && this.#link!.send(frame);
  readonly #acks = new Acks(this.#send);
  readonly #publisher: Publisher;
  readonly #pulse = new Pulse(() => this.#onClosed(undefined, 'nothing heard for two heartbeats'));
  readonly #unwatch: () => void;

  #state: State = 'connecting';
  #online: Online | undefined;
  #link: Link | undefined;
  /** Grows with each connection, so that what an earlier one still has to say is not heard. */
  #round = 0;
  #attempt = 0;
  #url: number;
  #sse: boolean;
  #webSocketWorks = false;
  #onlineAtMs = 0;
  #leaveAtMs: number | undefined;
  #tokenWasRefused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Connects at once.
   *
   * @param url of an edge node or of what balances several: `wss://host/ws`; `https://host` and, in a browser, `/ws` mean the same.
   *   Several are tried in turn, beginning anywhere.
   */
  constructor(url: string | readonly string[], options: Options<T>) {
    this.#options = options;
    this.#urls = (typeof url === 'string' ? [url] : url).map(socketUrl);
    if (this.#urls.length === 0) {
      throw new TypeError('url: none (expected: at least one)');
    }
    this.#random = options.random ?? Math.random;
    this.#url = Math.floor(this.#random() * this.#urls.length);
    this.#webSocket = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketClass | undefined);
    this.#sse = options.transport === 'sse' || (options.transport !== 'websocket' && this.#webSocket === undefined);
    if (!this.#sse && this.#webSocket === undefined) {
      throw new TypeError("WebSocket: none here (expected: options.WebSocket, for instance npm's ws)");
    }
    this.#tokens = new Tokens(options.token);
    this.#publisher = new Publisher(this.#send, this.#random);
    this.#memory = new TabMemory(options.name ?? 'switchboard', options.storage);
    this.#unwatch = watchPage({
      onHidden: () => this.#acks.flush(),
      onVisible: () => this.#pulse.check(),
      onNetwork: () => this.#onNetwork(),
    });
    void this.#memory.open().then(() => {
      this.#restore();
      this.#connect();
    });
  }

  get state(): State {
    return this.#state;
  }

  /** What the edge said when it attached us; undefined unless `online`. */
  get online(): Online | undefined {
    return this.#online;
  }

  /**
   * Sends something upstream, at least once: it is repeated, with the same id, until an edge says that Kafka has it.
   *
   * @param data an object; with its frame at most 64 KiB of JSON
   * @param id made up when missing; give one to be able to repeat it after a reload
   * @returns the id; rejects with {@link PublishRefused}
   */
  publish(data: object, id?: string): Promise<string> {
    return this.#isClosed()
      ? Promise.reject(new TypeError('publish: this Switchboard is closed'))
      : this.#publisher.publish(data, id);
  }

  /** When `waiting`: tries now and not when its time has come. */
  retryNow(): void {
    if (this.#state === 'waiting') {
      this.#attempt = 0;
      this.#connect();
    }
  }

  /** Ends it. What is not handled stays unacknowledged, so it is delivered next time; unanswered publishes are rejected. */
  close(): void {
    this.#finish();
  }

  #restore(): void {
    const { positions, ahead } = this.#memory.saved;
    for (const [name, position] of Object.entries(positions)) {
      this.#feed(name, position);
    }
    ahead.forEach((key) => this.#ids.add(key));
  }

  #feed(name: string, from?: string): Feed {
    let feed = this.#feeds.get(name);
    if (feed === undefined) {
      feed = new Feed(name, from, {
        attempts: this.#options.attempts ?? DEFAULT_ATTEMPTS,
        random: this.#random,
        onSettled: (settled) => this.#onSettled(settled),
      });
      this.#feeds.set(name, feed);
    }
    return feed;
  }

  // ---- the life of a connection

  #connect(): void {
    if (this.#isClosed()) {
      return;
    }
    const round = this.#newRound();
    this.#change('connecting');
    this.#tokens.get().then(
      (token) => round === this.#round && this.#open(token),
      (error: unknown) => {
        if (round === this.#round) {
          this.#report({ kind: 'token', error });
          this.#wait();
        }
      },
    );
  }

  #open(token: string): void {
    const round = this.#round;
    const who = subject(token);
    if (who !== this.#memory.saved.subject) {
      this.#forget();
      this.#memory.write({ ...this.#memory.saved, ...(who !== undefined && { subject: who }) });
    }
    const positions = this.#positions((feed) => feed.taken);
    const patient = this.#sse || this.#webSocketWorks || this.#options.transport === 'websocket';
    this.#timer = setTimeout(() => this.#onClosed(undefined, 'no answer'), patient ? CONNECT_MS : FIRST_SIGN_MS);
    const request = { url: this.#urls[this.#url]!, token, positions };
    const mine = (): boolean => round === this.#round;
    const owner = {
      onFrame: (frame: ServerFrame) => mine() && this.#onFrame(frame, token, positions),
      onSign: () => mine() && this.#onSign(),
      onClosed: (code: number | undefined, reason: string) => mine() && this.#onClosed(code, reason),
    };
    try {
      this.#link = this.#sse ? openEventStream(request, owner) : openWebSocket(this.#webSocket!, request, owner);
    } catch (error) {
      this.#onClosed(undefined, String(error));
    }
  }

  #onSign(): void {
    this.#webSocketWorks ||= !this.#sse;
    this.#pulse.heard();
  }

  #onFrame(frame: ServerFrame, token: string, positions: Positions): void {
    switch (frame.kind) {
      case 'connect':
        return;
      case 'online':
        return this.#onOnline(frame.data, token, positions);
      case 'heartbeat':
        // Answered and not sent by a clock of ours: browsers slow the timers of tabs that nobody looks at.
        this.#send({ event: 'HEART_BEAT', data: [] });
        return;
      case 'event':
        return this.#onEvent(frame.frame);
      case 'lost':
        return this.#onLost(frame.data);
      case 'published':
        return this.#publisher.onPublished(frame.id);
      case 'go-away':
        return this.#onGoAway(frame.reconnectInMs);
      case 'error': {
        const { code, msg, id } = frame.frame;
        const codeName = nameOf(ErrorCode, code);
        this.#publisher.onError(frame.frame);
        this.#report({
          kind: 'refused',
          code,
          message: msg,
          ...(codeName && { codeName }),
          ...(id !== undefined && { id }),
        });
      }
    }
  }

  #onOnline(data: OnlineFrame, token: string, positions: Positions): void {
    const { saved } = this.#memory;
    if (saved.agent !== undefined && saved.agent !== data.agent) {
      // Somebody else's positions would hide this agent's events.
      this.#forget();
      if (Object.keys(positions).length > 0) {
        this.#connect();
        return;
      }
    }
    clearTimeout(this.#timer);
    this.#memory.write({ ...this.#memory.saved, agent: data.agent });
    this.#onlineAtMs = Date.now();
    this.#tokenWasRefused = false;
    this.#pulse.start(data.heartbeat);
    this.#online = {
      connection: data.connection,
      agent: data.agent,
      roles: data.role === '' ? [] : data.role.split(','),
      unread: data.unread,
      transport: this.#sse ? 'sse' : 'websocket',
      url: this.#urls[this.#url]!.href,
    };
    const round = this.#round;
    this.#change('online');
    tell(this.#options.onOnline, this.#online);
    if (round !== this.#round) {
      return;
    }
    if (data.unread > 0) {
      // Perhaps an acknowledgement of ours, or of the page before, was lost on its way.
      Object.entries(this.#positions((feed) => feed.settled)).forEach(([feed, position]) => this.#acks.add(feed, position));
    }
    this.#acks.flush();
    this.#publisher.onOnline();
    this.#refreshIn(refreshDelayMs(token));
  }

  #onClosed(code: number | undefined, reason: string): void {
    const wasOnline = this.#state === 'online';
    this.#newRound();
    if (wasOnline && Date.now() - this.#onlineAtMs > SETTLED_MS) {
      this.#attempt = 0;
    }
    const final = this.#isFinal(code);
    if (code !== undefined && code >= CloseCode.GO_AWAY) {
      const codeName = nameOf(CloseCode, code);
      this.#report({ kind: 'closed', code, reason, final, ...(codeName && { codeName }) });
    }
    if (this.#isClosed()) {
      return;
    }
    if (final) {
      this.#finish(code);
    } else if (!wasOnline && this.#mayBeBlocked()) {
      this.#sse = true;
      this.#connect();
    } else {
      if (!wasOnline && this.#options.transport !== 'sse' && this.#webSocket !== undefined) {
        this.#sse = false;
      }
      this.#url = (this.#url + 1) % this.#urls.length;
      this.#wait(code);
    }
  }

  /** Also when the page has just done it, in a callback. */
  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** A WebSocket that never got through anywhere on this page: SSE may. */
  #mayBeBlocked(): boolean {
    return !this.#sse && !this.#webSocketWorks && this.#options.transport !== 'websocket';
  }

  #isFinal(code: number | undefined): boolean {
    if (code === CloseCode.TOKEN_EXPIRED || code === CloseCode.BAD_TOKEN) {
      // The one we had may have been too old; a new one is refused only once.
      const again = this.#tokens.renewable && !this.#tokenWasRefused;
      this.#tokenWasRefused = code === CloseCode.BAD_TOKEN;
      this.#tokens.forget();
      return !again;
    }
    return isFinal(code);
  }

  #wait(code?: number): void {
    const { firstMs = 500, longestMs = 30_000 } = this.#options.backoff ?? {};
    const retryInMs =
      this.#leaveAtMs === undefined
        ? fullJitter(this.#random, this.#attempt++, firstMs, longestMs)
        : Math.max(0, this.#leaveAtMs - Date.now());
    this.#leaveAtMs = undefined;
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#change('waiting', { retryInMs }, code);
  }

  /** The edge drains. Until the moment that it gave us this connection serves; then another takes over. */
  #onGoAway(reconnectInMs: number): void {
    this.#leaveAtMs = Date.now() + reconnectInMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#moveOn(), reconnectInMs);
  }

  #moveOn(): void {
    this.#acks.flush();
    this.#url = (this.#url + 1) % this.#urls.length;
    this.#connect();
  }

  #onNetwork(): void {
    this.#attempt = 0;
    if (this.#state === 'online' || this.#state === 'waiting') {
      // The connection was made over a network that is gone; it would be missed only two heartbeats later.
      this.#connect();
    }
  }

  /** Leaves whatever connection or wait there is. */
  #newRound(): number {
    clearTimeout(this.#timer);
    clearTimeout(this.#refreshTimer);
    this.#pulse.stop();
    this.#link?.close(NORMAL_CLOSURE);
    this.#link = undefined;
    this.#online = undefined;
    this.#acks.onClosed();
    return ++this.#round;
  }

  #finish(code?: number): void {
    if (this.#isClosed()) {
      return;
    }
    this.#acks.flush();
    this.#newRound();
    this.#acks.clear();
    this.#unwatch();
    this.#feeds.forEach((feed) => feed.close());
    this.#publisher.close();
    this.#memory.close();
    this.#change('closed', {}, code);
  }

  // ---- the token

  #refreshIn(ms: number | undefined): void {
    if (ms !== undefined && this.#tokens.renewable) {
      this.#refreshTimer = setTimeout(() => this.#refresh(), Math.max(ms, REFRESH_RETRY_MS * this.#random()));
    }
  }

  #refresh(): void {
    const round = this.#round;
    this.#tokens.renew().then(
      (token) => {
        if (round !== this.#round) {
          return;
        }
        if (this.#send({ event: 'REFRESH', data: { client_token: token } })) {
          this.#refreshIn(refreshDelayMs(token));
        } else {
          this.#acks.flush();
          this.#connect();
        }
      },
      (error: unknown) => {
        if (round === this.#round) {
          this.#report({ kind: 'token', error });
          this.#refreshIn(REFRESH_RETRY_MS);
        }
      },
    );
  }

  // ---- what comes

  #onEvent(frame: EventFrame): void {
    const feed = this.#feed(frame.to);
    if (!feed.isNew(frame.pos)) {
      return;
    }
    const key = [frame.to, frame.id, frame.redelivered].join(' ');
    const settle = feed.take(frame.pos, key);
    if (!this.#ids.add(key)) {
      settle();
      return;
    }
    let settled = false;
    const ack = (): void => {
      settled = true;
      settle();
    };
    const event: SwitchboardEvent<T> = {
      name: frame.event,
      id: frame.id,
      to: frame.to,
      position: frame.pos,
      sent: frame.sent,
      received: Date.now(),
      ...(frame.redelivered !== undefined && { redelivered: frame.redelivered }),
      data: frame.response as T,
      ack,
    };
    feed.enqueue({
      work: () => this.#options.onEvent(event),
      onDone: () => this.#options.ack !== 'manual' && ack(),
      onFailure: (error, attempt, final) => this.#report({ kind: 'handler', event, error, attempt, final }),
      isObsolete: () => settled,
    });
  }

  #onLost(data: LostFrame): void {
    const feed = this.#feed(data.to);
    if (!feed.isNew(data.through)) {
      return;
    }
    const settle = feed.take(data.through);
    const lost = {
      to: data.to,
      expired: data.expired,
      overflow: data.overflow,
      acknowledgedElsewhere: data.acknowledged_elsewhere,
      unknown: data.unknown === true,
      through: data.through,
    };
    feed.enqueue({
      work: () => tell(this.#options.onLost, lost),
      onDone: () => {
        settle();
        if (lost.acknowledgedElsewhere) {
          feed.skipTo(lost.through);
        }
      },
    });
  }

  #onSettled(feed: Feed): void {
    if (feed.settled !== undefined) {
      this.#acks.add(feed.name, feed.settled);
    }
    this.#memory.write({
      ...this.#memory.saved,
      positions: this.#positions((each) => each.settled),
      ahead: [...this.#feeds.values()].flatMap((each) => each.ahead()).slice(-256),
    });
  }

  #positions(of: (feed: Feed) => string | undefined): Positions {
    const positions: Positions = {};
    for (const [name, feed] of this.#feeds) {
      const position = of(feed);
      if (position !== undefined) {
        positions[name] = position;
      }
    }
    return positions;
  }

  /** Everything that was known belongs to somebody else. */
  #forget(): void {
    this.#feeds.forEach((feed) => feed.close());
    this.#feeds.clear();
    this.#ids.clear();
    this.#acks.clear();
    this.#memory.write({ positions: {}, ahead: [] });
  }

  // ---- telling the page

  #change(state: State, more: Pick<StateChange, 'retryInMs'> = {}, code?: number): void {
    const previous = this.#state;
    this.#state = state;
    if (previous !== state) {
      const codeName = nameOf(CloseCode, code);
      const change = { state, previous, ...more, ...(code !== undefined && { code }), ...(codeName && { codeName }) };
      tell(this.#options.onState, change);
    }
  }

  #report(problem: Problem<T>): void {
    tell(this.#options.onError ?? ((unheard) => console.error('switchboard:', unheard)), problem);
  }
}

/** What the page does wrong in a callback is the page's error, and must not stop ours half-way. */
function tell<A>(callback: ((about: A) => void) | undefined, about: A): void {
  try {
    callback?.(about);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
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
