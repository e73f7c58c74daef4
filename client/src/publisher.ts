import { fullJitter, type Random } from './backoff.js';
import { ErrorCode } from './codes.js';
import type { ClientFrame, ErrorFrame, PublishFrame } from './frames.js';
import { randomId, type TabMemory } from './tab-memory.js';

const MOST_WAITING = 1_000;
/** Edges limit frames and publishes per second, and close who sends a thousand at once. */
const MOST_UNDER_WAY = 16;
const MOST_BYTES = 64 * 1024;
/** Of the tab's memory, which is small and shared: the oldest first, as far as they fit. */
const MOST_KEPT_CHARACTERS = 64 * 1024;
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
  readonly frame: PublishFrame;
  attempt: number;
  underWay: boolean;
  timer?: ReturnType<typeof setTimeout>;
  /** Whoever waits for it; nobody, when the page that said it is gone. */
  resolve?: (id: string) => void;
  reject?: (refused: PublishRefused) => void;
}

/**
 * What goes upstream: sent until PUBLISHED comes, over as many connections as it takes, and over a reload of the page, always with
 * the same id.
 */
export class Publisher {
  readonly #waiting = new Map<string, Waiting>();
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #memory: TabMemory;
  readonly #random: Random;
  #underWay = 0;
  #restored = false;

  constructor(send: (frame: ClientFrame) => boolean, memory: TabMemory, random: Random) {
    this.#send = send;
    this.#memory = memory;
    this.#random = random;
  }

  /** What this tab's last page left unanswered goes first. */
  restore(): void {
    const made = [...this.#waiting];
    this.#waiting.clear();
    for (const frame of this.#memory.saved.unsent ?? []) {
      this.#waiting.set(frame.id, { frame, attempt: 0, underWay: false });
    }
    made.forEach(([id, waiting]) => this.#waiting.set(id, waiting));
    this.#restored = true;
    this.#save();
  }

  /** What the last page left was somebody else's. */
  forget(): void {
    this.#waiting.forEach(({ frame, resolve }) => resolve ?? this.#remove(frame.id));
    this.#save();
  }

  publish(data: object, id: string = randomId()): Promise<string> {
    return new Promise((resolve, reject) => {
      const frame = { event: 'PUBLISH', id, data } as const;
      const wrong =
        (!ID.test(id) && `id: '${id}' (expected: ${ID.source})`) ||
        ((data === null || typeof data !== 'object' || Array.isArray(data)) && 'data: expected an object') ||
        (this.#waiting.get(id)?.resolve && `id: '${id}' waits already`) ||
        (this.#waiting.size >= MOST_WAITING && `${MOST_WAITING} are waiting already`) ||
        (new TextEncoder().encode(JSON.stringify(frame)).length > MOST_BYTES && `frame: expected at most ${MOST_BYTES} bytes`);
      if (wrong) {
        reject(new PublishRefused(wrong));
        return;
      }
      const left = this.#waiting.get(id);
      this.#waiting.set(id, left ? Object.assign(left, { resolve, reject }) : { frame, attempt: 0, underWay: false, resolve, reject });
      this.#save();
      this.#fill();
    });
  }

  /** On a new connection what is unanswered is said again. */
  onOnline(): void {
    this.#waiting.forEach((waiting) => waiting.underWay && this.#try(waiting));
    this.#fill();
  }

  onPublished(id: string): void {
    this.#remove(id)?.resolve?.(id);
  }

  onError({ id, code, msg }: ErrorFrame): void {
    const waiting = this.#waiting.get(id ?? '');
    if (!waiting) {
      return;
    }
    if (code === ErrorCode.PUBLISH_IS_UNAVAILABLE || code === ErrorCode.TOO_MANY_FRAMES) {
      this.#later(waiting, fullJitter(this.#random, waiting.attempt++, FIRST_RETRY_MS, LONGEST_RETRY_MS));
    } else {
      this.#remove(waiting.frame.id)?.reject?.(new PublishRefused(msg, code));
    }
  }

  close(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#save();
    for (const { timer, reject } of all) {
      clearTimeout(timer);
      reject?.(new PublishRefused('closed before it was published'));
    }
  }

  #save(): void {
    let left = MOST_KEPT_CHARACTERS;
    const unsent = [...this.#waiting.values()].map(({ frame }) => frame).filter((frame) => (left -= JSON.stringify(frame).length) > 0);
    if (this.#restored && (unsent.length > 0 || this.#memory.saved.unsent?.length)) {
      this.#memory.write({ ...this.#memory.saved, unsent });
    }
  }

  /** The oldest first, a few at a time. */
  #fill(): void {
    for (const waiting of this.#waiting.values()) {
      if (this.#underWay >= MOST_UNDER_WAY || !this.#restored) {
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
    if (this.#waiting.delete(id)) {
      this.#save();
    }
    if (waiting?.underWay) {
      this.#underWay--;
      this.#fill();
    }
    return waiting;
  }
}
