import type { ClientFrame, Positions, ServerFrame } from './frames.js';

/** One transport connection to an edge node. */
export interface Link {
  /** False when it could not be sent; nobody says later whether it arrived. */
  send(frame: ClientFrame): boolean;
  /** Nothing is reported any more, and the other side is told if it still listens. */
  close(code?: number, reason?: string): void;
}

/** Whom a link reports to. */
export interface LinkOwner {
  onFrame(frame: ServerFrame): void;
  /** Anything was heard: the link lives. */
  onSign(): void;
  /** Once, and nothing after it. */
  onClosed(code: number | undefined, reason: string): void;
}

/** What a link needs to be made. */
export interface LinkRequest {
  readonly url: URL;
  readonly token: string;
  readonly positions: Positions;
}
