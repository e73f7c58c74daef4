import { Acks } from './acks.js';
import { fullJitter, type Random } from './backoff.js';
import { CloseCode, ErrorCode, isFinal, nameOf } from './codes.js';
import { Deliveries } from './deliveries.js';
import { Edges } from './edges.js';
import { openEventStream } from './event-stream.js';
import type { ClientFrame, ErrorFrame, OnlineFrame, Positions, ServerFrame } from './frames.js';
import type { Link } from './link.js';
import { watchPage } from './page.js';
import { Publisher } from './publisher.js';
import { Pulse } from './pulse.js';
import { TabMemory } from './tab-memory.js';
import { tell } from './tell.js';
import { refreshDelayMs, subject, Tokens } from './tokens.js';
import type { Online, Options, Problem, State, StateChange } from './types.js';
import { openWebSocket } from './websocket.js';

/** A connection that held so long was a good one: the next failure is a new one. */
const SETTLED_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const REFRESH_RETRY_MS = 5_000;
const SHORTEST_REFRESH_MS = 1_000;
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
  readonly #random: Random;
  readonly #edges: Edges;
  readonly #tokens: Tokens;
  readonly #memory: TabMemory;
  readonly #acks: Acks;
  readonly #deliveries: Deliveries<T>;
  readonly #publisher: Publisher;
  readonly #pulse: Pulse;
  readonly #unwatch: () => void;

  #state: State = 'connecting';
  #online: Online | undefined;
  #link: Link | undefined;
  /** Grows with each connection, so that what an earlier one still has to say is not heard. */
  #round = 0;
  #attempt = 0;
  #onlineAtMs = 0;
  /** When the edge told us to be gone. */
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
    this.#random = options.random ?? Math.random;
    this.#edges = new Edges(url, options, this.#random);
    this.#tokens = new Tokens(options.token);
    this.#memory = new TabMemory(options.name ?? 'switchboard', options.storage);
    const send = (frame: ClientFrame): boolean => this.#send(frame);
    this.#acks = new Acks(send);
    this.#deliveries = new Deliveries(options, this.#memory, this.#acks, this.#random, (problem) => this.#report(problem));
    this.#publisher = new Publisher(send, this.#memory, this.#random);
    this.#pulse = new Pulse(() => this.#onClosed(undefined, 'nothing heard for two heartbeats'));
    this.#unwatch = watchPage({
      onHidden: () => this.#acks.flush(),
      onVisible: () => this.#onVisible(),
      onNetwork: () => this.#onNetwork(),
    });
    void this.#memory.open().then(() => {
      this.#deliveries.restore();
      this.#publisher.restore();
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
   * Sends something upstream, at least once: it is repeated, with the same id, until an edge says that Kafka has it; where the
   * tab has a memory (see `storage`), over a reload too.
   *
   * @param data an object; with its frame at most 64 KiB of JSON
   * @param id made up when missing; with one of your own, calling it again after a reload waits for the same
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

  // ---- the life of a connection

  #connect(): void {
    if (this.#isClosed()) {
      return;
    }
    const round = this.#newRound();
    this.#leaveAtMs = undefined;
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
    this.#identify(subject(token));
    const positions = this.#deliveries.taken;
    const { url, patienceMs } = this.#edges;
    const request = { url, token, positions };
    this.#timer = setTimeout(() => this.#onClosed(undefined, 'no answer'), patienceMs);
    const mine = (): boolean => round === this.#round;
    const owner = {
      onFrame: (frame: ServerFrame) => mine() && this.#onFrame(frame, token, positions),
      onSign: () => mine() && this.#onSign(),
      onClosed: (code: number | undefined, reason: string) => mine() && this.#onClosed(code, reason),
    };
    try {
      this.#link = this.#edges.sse ? openEventStream(request, owner) : openWebSocket(this.#edges.webSocket!, request, owner);
    } catch (error) {
      this.#onClosed(undefined, String(error));
    }
  }

  /** Somebody else's positions would hide this agent's events. The edge knows better, but only later: see #onOnline. */
  #identify(who: string | undefined): void {
    if (who !== this.#memory.saved.subject) {
      this.#deliveries.forget();
      this.#publisher.forget();
      this.#memory.write({ ...this.#memory.saved, ...(who !== undefined && { subject: who }) });
    }
  }

  #send(frame: ClientFrame): boolean {
    return this.#state === 'online' && this.#link!.send(frame);
  }

  #onSign(): void {
    this.#edges.onSign();
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
        return this.#deliveries.onEvent(frame.frame);
      case 'lost':
        return this.#deliveries.onLost(frame.data);
      case 'published':
        return this.#publisher.onPublished(frame.id);
      case 'go-away':
        return this.#onGoAway(frame.reconnectInMs);
      case 'error':
        return this.#onError(frame.frame);
    }
  }

  #onError(frame: ErrorFrame): void {
    const { code, msg, id } = frame;
    const codeName = nameOf(ErrorCode, code);
    this.#publisher.onError(frame);
    this.#report({ kind: 'refused', code, message: msg, ...(codeName && { codeName }), ...(id !== undefined && { id }) });
  }

  #onOnline(data: OnlineFrame, token: string, positions: Positions): void {
    const { saved } = this.#memory;
    if (saved.agent !== undefined && saved.agent !== data.agent) {
      this.#deliveries.forget();
      this.#publisher.forget();
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
      transport: this.#edges.sse ? 'sse' : 'websocket',
      url: this.#edges.url.href,
    };
    const round = this.#round;
    this.#change('online');
    tell(this.#options.onOnline, this.#online);
    if (round !== this.#round) {
      return;
    }
    if (data.unread > 0) {
      // Perhaps an acknowledgement of ours, or of the page before, was lost on its way.
      Object.entries(this.#deliveries.settled).forEach(([feed, position]) => this.#acks.add(feed, position));
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
    } else if (this.#edges.onClosed(wasOnline)) {
      this.#connect();
    } else {
      this.#wait(code);
    }
  }

  /** Also when the page has just done it, in a callback. */
  #isClosed(): boolean {
    return this.#state === 'closed';
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
    const { firstMs = FIRST_RETRY_MS, longestMs = LONGEST_RETRY_MS } = this.#options.backoff ?? {};
    const retryInMs =
      this.#leaveAtMs === undefined
        ? fullJitter(this.#random, this.#attempt++, firstMs, longestMs)
        : Math.max(0, this.#leaveAtMs - Date.now());
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
    this.#edges.next();
    this.#connect();
  }

  /** Timers of a hidden page are late, or do not run at all. */
  #onVisible(): void {
    this.#pulse.check();
    this.retryNow();
  }

  /** Whatever was made over the network before is of no use; it would be missed only two heartbeats later. */
  #onNetwork(): void {
    this.#attempt = 0;
    this.#connect();
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
    this.#deliveries.close();
    this.#publisher.close();
    this.#memory.close();
    this.#change('closed', {}, code);
  }

  // ---- the token

  #refreshIn(ms: number | undefined): void {
    if (ms !== undefined && this.#tokens.renewable) {
      this.#refreshTimer = setTimeout(() => this.#refresh(), Math.max(ms, SHORTEST_REFRESH_MS));
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
          this.#refreshIn(REFRESH_RETRY_MS * this.#random());
        }
      },
    );
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
