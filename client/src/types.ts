import type { CloseCodeName, ErrorCodeName } from './codes.js';

/**
 * - `connecting`: a connection is being made;
 * - `online`: attached to an edge node, events flow;
 * - `waiting`: no connection; the next attempt comes by itself;
 * - `closed`: over, by {@link Switchboard.close} or because the edge said "do not come back".
 */
export type State = 'connecting' | 'online' | 'waiting' | 'closed';

/** One step in the life of the connection. */
export interface StateChange {
  readonly state: State;
  readonly previous: State;
  /** When `waiting`: how long, in milliseconds, until the next attempt. */
  readonly retryInMs?: number;
  /** When `closed` or `waiting` because an edge node said so: its close code. */
  readonly code?: number;
  /** The close code's name, when it is one that this version knows. */
  readonly codeName?: CloseCodeName;
}

/** What the edge said when it attached us. */
export interface Online {
  /** The edge's name for this connection; its logs use it. */
  readonly connection: string;
  /** Who we are: `<app>/<uuid>`. */
  readonly agent: string;
  readonly roles: readonly string[];
  /** Events that were not yet acknowledged when we came. */
  readonly unread: number;
  readonly transport: 'websocket' | 'sse';
  /** The edge node that we are connected to. */
  readonly url: string;
}

/** An event, as its producer sent it. */
export interface SwitchboardEvent<T = unknown> {
  /** The route's event name, as `WorksheetMsg`. */
  readonly name: string;
  readonly id: string;
  /** The feed that it came by: `agent`, `role:<role>` or `app`. */
  readonly to: string;
  /** Its place in the log. */
  readonly position: string;
  /** When it was produced, milliseconds since the epoch, by the server's clock. */
  readonly sent: number;
  /** When this page received it, milliseconds since the epoch, by the browser's clock. */
  readonly received: number;
  /** The id of the redelivery that an operator asked for, if it belongs to one. */
  readonly redelivered?: string;
  /** The W3C trace context that it was sent with, if it was: parent of the page's own span. */
  readonly traceparent?: string;
  /** The payload, untouched. It is data from elsewhere: show it as text. */
  readonly data: T;
  /**
   * Says that this event was dealt with. Only needed with `ack: 'manual'`, or to give up an event whose handler failed.
   *
   * The wire knows cumulative acknowledgements only. So the SDK keeps what was acknowledged out of turn and tells the edge
   * once everything before it on the same feed is acknowledged too: nothing is ever acknowledged that was not.
   */
  ack(): void;
}

/** Events that will not come any more, so that no hole is silent. */
export interface Lost {
  /** The feed: `agent`, `role:<role>` or `app`. */
  readonly to: string;
  /** So many ended by their time to live. */
  readonly expired: number;
  /** So many were dropped because the inbox was full. */
  readonly overflow: number;
  /** Another connection of the same agent has dealt with them. */
  readonly acknowledgedElsewhere: boolean;
  /** How many, and whether any, cannot be said. */
  readonly unknown: boolean;
  readonly through: string;
}

/** What went wrong, and what the SDK does about it. */
export type Problem<T = unknown> =
  /** An edge node did not accept a frame of ours. */
  | { readonly kind: 'refused'; readonly code: number; readonly codeName?: ErrorCodeName; readonly message: string; readonly id?: string }
  /** An edge node closed the connection with one of its codes. `final`: the SDK will not come back. */
  | { readonly kind: 'closed'; readonly code: number; readonly codeName?: CloseCodeName; readonly reason: string; readonly final: boolean }
  /** `onEvent` failed. `final`: it will not be tried again on this page, and the event stays unacknowledged. */
  | {
      readonly kind: 'handler';
      readonly event: SwitchboardEvent<T>;
      readonly error: unknown;
      readonly attempt: number;
      readonly final: boolean;
    }
  /** The token function failed; it is called again after a wait. */
  | { readonly kind: 'token'; readonly error: unknown };

/** The part of the WHATWG `WebSocket` that is used: browsers', Node's (≥ 22) and npm's `ws` fit. */
export interface WebSocketLike {
  /** 1 when it is open. */
  readonly readyState: number;
  /** Called with the frame's text as `data`. */
  onmessage: ((event: never) => void) | null;
  /** Called once, with the `code` and `reason` of the end. */
  onclose: ((event: never) => void) | null;
  /** Called before `onclose` when something failed. */
  onerror: ((event: never) => void) | null;
  /** Sends a text frame. */
  send(text: string): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** A constructor of WebSockets. */
export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** The part of `Storage` that is used. */
export interface TabStorage {
  /** What was set; null if nothing was. */
  getItem(key: string): string | null;
  /** Keeps it over a reload; may throw when it is full. */
  setItem(key: string, value: string): void;
  /** Forgets it. */
  removeItem(key: string): void;
}

/** How a {@link Switchboard} is set up. */
export interface Options<T = unknown> {
  /**
   * Who the user is: a JWT (or an opaque token that the apps file lists), or a function that fetches one. A function is called
   * again before the token expires and whenever the edge says that it has expired.
   */
  readonly token: string | (() => string | Promise<string>);

  /**
   * Called for each event, once, in order; per feed one call at a time, the next when the returned promise has resolved. Then the
   * event is acknowledged (unless `ack` is `manual`) and its position saved. If it fails it is tried again, see `attempts`.
   */
  readonly onEvent: (event: SwitchboardEvent<T>) => unknown;

  /** Each step in the life of the connection; the first state is `connecting`. */
  readonly onState?: (change: StateChange) => void;
  /** Each time that an edge node has attached us. */
  readonly onOnline?: (online: Online) => void;
  /** In turn with the events of the same feed. */
  readonly onLost?: (lost: Lost) => void;
  /** Without it, problems go to `console.error`. */
  readonly onError?: (problem: Problem<T>) => void;

  /** `auto` (default): an event is acknowledged when `onEvent` has dealt with it; `manual`: when `event.ack()` is called. */
  readonly ack?: 'auto' | 'manual';

  /**
   * How often `onEvent` is called for one event before it is given up on this page (default 5, with a growing wait in between;
   * meanwhile the feed waits). An event given up is not lost: it stays unacknowledged, so it comes again on the next page or
   * device and is reported to its producer as expired in the end; later events go on. `event.ack()` on the reported problem
   * drops it for good.
   */
  readonly attempts?: number;

  /** `auto` (default): WebSocket, and SSE where WebSocket does not get through. */
  readonly transport?: 'auto' | 'websocket' | 'sse';

  /** Tells apart two Switchboards on one page: positions are saved under this name (default `switchboard`). */
  readonly name?: string;

  /** Where positions survive a reload (default: `sessionStorage`, where the browser can tell a copied tab); `null`: nowhere. */
  readonly storage?: TabStorage | null;

  /** For a runtime without a global WebSocket (Node 20): npm's `ws`, for instance. */
  readonly WebSocket?: WebSocketClass;

  /** Reconnect waits: full jitter up to `first · 2ⁿ`, never more than `longest` (default 500 ms, 30 s). */
  readonly backoff?: { readonly firstMs?: number; readonly longestMs?: number };

  /** @internal Chance, for tests. */
  readonly random?: () => number;
}
