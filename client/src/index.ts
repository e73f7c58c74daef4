export { CloseCode, ErrorCode, isFinal, type CloseCodeName, type ErrorCodeName } from './codes.js';
export { isAfter } from './position.js';
export { PublishRefused } from './publisher.js';
export { Switchboard } from './switchboard.js';
export type {
  Lost,
  Online,
  Options,
  Problem,
  State,
  StateChange,
  SwitchboardEvent,
  TabStorage,
  WebSocketClass,
  WebSocketLike,
} from './types.js';
