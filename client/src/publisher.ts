import { fullJitter, type Random } from './backoff.js';
import { ErrorCode } from './codes.js';
import type { ClientFrame, ErrorFrame } from './frames.js';
import { randomId } from './tab-memory.js';

const MOST_WAITING = 1_000;
/** Edges limit frames and publishes per second, and close who sends a thousand at once. */
const MOST_UNDER_WAY = 16;
const MOST_BYTES = 64 * 1024;
const ID = /^[A-Za-z0-9._:#@-]{1,128}$/;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const PATIENCE_MS = 20_000;

/** Why a publish was given up. */
export class PublishRefused extends Error {
  /** The edge's error code, if it was an edge that refused. */
  readonly code: number | undefined;

  /** @internal */
  constructor(message: string, code?: number) {
    super(message);
    this.name = 'PublishRefused';
    this.code = code;
  }
}

interface Waiting {
  readonly frame: ClientFrame & { event: 'PUBLISH' };
  attempt: number;
  underWay: boolean;
  timer?: ReturnType<typeof setTimeout>;
  readonly resolve: (id: string) => void;
  readonly reject: (refused: PublishRefused) => void;
}

/** What goes upstream: sent until PUBLISHED comes, over as many connections as it takes, always with the same id. */
export class Publisher {
  readonly #waiting = new Map<string, Waiting>();
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #random: Random;
  #underWay = 0;

  constructor(send: (frame: ClientFrame) => boolean, random: Random) {
    this.#send = send;
    this.#random = random;
  }

  publish(data: object, id: string = randomId()): Promise<string> {
    return new Promise((resolve, reject) => {
      const frame = { event: 'PUBLISH', id, data } as const;
      const wrong =
        (!ID.test(id) && `id: '${id}' (expected: ${ID.source})`) ||
        ((data === null || typeof data !== 'object' || Array.isArray(data)) && 'data: expected an object') ||
        (this.#waiting.has(id) && `id: '${id}' waits already`) ||
        (this.#waiting.size >= MOST_WAITING && `${MOST_WAITING} are waiting already`) ||
        (new TextEncoder().encode(JSON.stringify(frame)).length > MOST_BYTES && `frame: expected at most ${MOST_BYTES} bytes`);
      if (wrong) {
        reject(new PublishRefused(wrong));
        return;
      }
      const waiting: Waiting = { frame, attempt: 0, underWay: false, resolve, reject };
      this.#waiting.set(id, waiting);
      this.#fill();
    });
  }

  /** On a new connection what is unanswered is said again. */
  onOnline(): void {
    this.#waiting.forEach((waiting) => waiting.underWay && this.#try(waiting));
    this.#fill();
  }

  onPublished(id: string): void {
    this.#remove(id)?.resolve(id);
  }

  onError({ id, code, msg }: ErrorFrame): void {
    const waiting = this.#waiting.get(id ?? '');
    if (!waiting) {
      return;
    }
    if (code === ErrorCode.PUBLISH_IS_UNAVAILABLE || code === ErrorCode.TOO_MANY_FRAMES) {
      this.#later(waiting, fullJitter(this.#random, waiting.attempt++, FIRST_RETRY_MS, LONGEST_RETRY_MS));
    } else {
      this.#remove(waiting.frame.id)?.reject(new PublishRefused(msg, code));
    }
  }

  close(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timer, reject } of all) {
      clearTimeout(timer);
      reject(new PublishRefused('closed before it was published'));
    }
  }

  /** The oldest first, a few at a time. */
  #fill(): void {
    for (const waiting of this.#waiting.values()) {
      if (this.#underWay >= MOST_UNDER_WAY) {
        return;
      }
      if (!waiting.underWay) {
        waiting.underWay = true;
        this.#underWay++;
        this.#try(waiting);
      }
    }
  }

  #try(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    if (this.#send(waiting.frame)) {
      this.#later(waiting, PATIENCE_MS);
    }
  }

  #later(waiting: Waiting, ms: number): void {
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#try(waiting), ms);
  }

  #remove(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    if (waiting?.underWay) {
      this.#underWay--;
      this.#fill();
    }
    return waiting;
  }
}
