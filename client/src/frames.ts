/** Feed (`agent`, `role:<role>`, `app`) → position. */
export type Positions = Record<string, string>;

/** What a browser may say. */
export type ClientFrame =
  | { event: 'CONNECT'; data: { client_token: string; positions?: Positions } }
  | { event: 'ACK'; data: Positions }
  | { event: 'HEART_BEAT'; data: [] }
  | { event: 'REFRESH'; data: { client_token: string } }
  | PublishFrame;

export interface PublishFrame {
  event: 'PUBLISH';
  id: string;
  data: object;
}

export interface OnlineFrame {
  connection: string;
  agent: string;
  role: string;
  unread: number;
  heartbeat: number;
}

export interface LostFrame {
  to: string;
  expired: number;
  overflow: number;
  acknowledged_elsewhere: boolean;
  unknown?: boolean;
  through: string;
}

export interface EventFrame {
  event: string;
  id: string;
  to: string;
  pos: string;
  sent: number;
  redelivered?: string;
  traceparent?: string;
  response: unknown;
}

export interface ErrorFrame {
  code: number;
  msg: string;
  id?: string;
}

/** What an edge node says, sorted by what it means to us. */
export type ServerFrame =
  | { kind: 'connect' }
  | { kind: 'online'; data: OnlineFrame }
  | { kind: 'heartbeat' }
  | { kind: 'published'; id: string }
  | { kind: 'go-away'; reconnectInMs: number }
  | { kind: 'lost'; data: LostFrame }
  | { kind: 'event'; frame: EventFrame }
  | { kind: 'error'; frame: ErrorFrame };

/**
 * The frame in this text, or undefined for what this version does not know: a newer edge may say more.
 *
 * An event is told by its `id`, `to` and `pos`, whatever its name: a route may be named like one of our own words.
 */
export function parseFrame(text: string): ServerFrame | undefined {
  let frame: Record<string, unknown>;
  try {
    frame = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (frame === null || typeof frame !== 'object') {
    return undefined;
  }
  if (typeof frame.code === 'number') {
    return { kind: 'error', frame: frame as unknown as ErrorFrame };
  }
  if (typeof frame.pos === 'string' && typeof frame.id === 'string' && typeof frame.to === 'string') {
    return { kind: 'event', frame: frame as unknown as EventFrame };
  }
  switch (frame.event) {
    case 'CONNECT':
      return { kind: 'connect' };
    case 'ONLINE':
      return { kind: 'online', data: frame.data as OnlineFrame };
    case 'HEART_BEAT':
      return { kind: 'heartbeat' };
    case 'PUBLISHED':
      return { kind: 'published', id: frame.id as string };
    case 'GO_AWAY':
      return { kind: 'go-away', reconnectInMs: (frame.data as { reconnect_in_ms: number }).reconnect_in_ms };
    case 'LOST':
      return { kind: 'lost', data: frame.data as LostFrame };
    default:
      return undefined;
  }
}
