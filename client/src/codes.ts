/**
 * Why an edge node closed a connection: the same table as Java's `CloseCode`, and a test compares them.
 * 4000–4499 say "come back", 4500–4999 say "do not".
 */
export const CloseCode = {
  GO_AWAY: 4000,
  STALLED: 4001,
  HEARTBEAT_LOST: 4002,
  LEASE_LOST: 4003,
  OVERLOADED: 4004,
  INBOX_AWAY: 4005,
  TOKEN_EXPIRED: 4006,
  CONNECT_TIMEOUT: 4007,
  INTERNAL: 4008,
  KEYS_AWAY: 4009,
  TOO_MANY_FRAMES: 4010,
  BAD_TOKEN: 4500,
  APP_BLOCKED: 4501,
  PROTOCOL_ERROR: 4502,
  KICKED: 4503,
  WRONG_AGENT: 4504,
  FRAME_TOO_LARGE: 4506,
  ORIGIN_REFUSED: 4507,
  TOO_MANY_CONNECTIONS: 4508,
} as const;

/** What was wrong with a frame of ours: the browser's part (101xx) of Java's `ErrorCode`. */
export const ErrorCode = {
  EVENT_IS_NULL: 10101,
  EVENT_IS_UNKNOWN: 10102,
  FRAME_IS_NOT_JSON: 10103,
  TOKEN_IS_REFUSED: 10104,
  APP_IS_BLOCKED: 10105,
  NOT_CONNECTED: 10106,
  ALREADY_CONNECTED: 10107,
  POSITION_IS_MALFORMED: 10108,
  ACK_IS_MALFORMED: 10109,
  PUBLISH_IS_MALFORMED: 10110,
  TOO_MANY_FRAMES: 10111,
  INBOX_IS_AWAY: 10112,
  FRAME_IS_TOO_LARGE: 10113,
  PUBLISH_IS_UNAVAILABLE: 10114,
} as const;

/** The name of a close code. */
export type CloseCodeName = keyof typeof CloseCode;

/** The name of an error code. */
export type ErrorCodeName = keyof typeof ErrorCode;

const FIRST_FINAL = 4500;
const LAST_FINAL = 4999;

/** Whether the same request would be refused again. Without one of our codes the network broke: come back. */
export function isFinal(code: number | undefined): boolean {
  return code !== undefined && code >= FIRST_FINAL && code <= LAST_FINAL;
}

/** The code's name in a table, if it is one of ours. */
export function nameOf<N extends string>(table: Readonly<Record<N, number>>, code: number | undefined): N | undefined {
  return (Object.keys(table) as N[]).find((name) => table[name] === code);
}
