import { fullJitter, type Random } from './backoff.js';
import { isAfter } from './position.js';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

interface Entry {
  readonly position: string;
  /** What the event is remembered by; none for what is no event. */
  readonly key: string | undefined;
  settled: boolean;
}

/** Something that waits for its turn on a feed. */
export interface Turn {
  work(): unknown;
  onDone?(): void;
  /** @param final it is not tried again */
  onFailure?(error: unknown, attempt: number, final: boolean): void;
  /** Nobody needs it any more. */
  isObsolete?(): boolean;
}

/** How a feed hands things on. */
export interface FeedRules {
  readonly attempts: number;
  readonly random: Random;
  /** The settled position moved, or something beyond it was settled. */
  onSettled(feed: Feed): void;
}

/**
 * One feed, as this page knows it: what was taken from the edge, what of it is settled, and the handler's turn.
 *
 * `settled` is the end of the settled beginning: the position to acknowledge and to save. Something unsettled (its handler runs,
 * or failed, or the agent has not acknowledged it) holds it back, and what is settled beyond is remembered by key.
 */
export class Feed {
  readonly name: string;
  readonly #rules: FeedRules;
  #entries: Entry[] = [];
  #turn: Promise<void> = Promise.resolve();
  #over = false;
  /** The last position taken from an edge: a new connection goes on after it. */
  taken: string | undefined;
  settled: string | undefined;

  constructor(name: string, from: string | undefined, rules: FeedRules) {
    this.name = name;
    this.taken = from;
    this.settled = from;
    this.#rules = rules;
  }

  /** Whether this was not taken before. */
  isNew(position: string): boolean {
    return isAfter(position, this.taken);
  }

  /** Takes the next entry; the returned function settles it. */
  take(position: string, key?: string): () => void {
    const entry: Entry = { position, key, settled: false };
    this.taken = position;
    this.#entries.push(entry);
    return () => this.#settle(entry);
  }

  /** Everything up to here is accounted for elsewhere. */
  skipTo(position: string): void {
    this.#entries = this.#entries.filter((entry) => isAfter(entry.position, position));
    if (isAfter(position, this.settled)) {
      this.settled = position;
    }
    this.#advance();
  }

  /** Keys of what is settled beyond `settled`. */
  ahead(): string[] {
    return this.#entries.flatMap((entry) => (entry.settled && entry.key !== undefined ? [entry.key] : []));
  }

  /** Runs `work` when its turn has come, again after a growing wait when it fails. */
  enqueue(turn: Turn): void {
    this.#turn = this.#turn.then(async () => {
      for (let attempt = 1; !this.#over && !turn.isObsolete?.(); attempt++) {
        try {
          await turn.work();
          return turn.onDone?.();
        } catch (error) {
          const final = attempt >= this.#rules.attempts;
          turn.onFailure?.(error, attempt, final);
          if (final) {
            return;
          }
          await sleep(fullJitter(this.#rules.random, attempt, FIRST_RETRY_MS, LONGEST_RETRY_MS));
        }
      }
    });
  }

  /** Nothing more is handed on; what is unsettled stays so. */
  close(): void {
    this.#over = true;
  }

  #settle(entry: Entry): void {
    if (!entry.settled) {
      entry.settled = true;
      this.#advance();
    }
  }

  #advance(): void {
    let settled = 0;
    while (this.#entries[settled]?.settled) {
      settled++;
    }
    this.settled = this.#entries[settled - 1]?.position ?? this.settled;
    this.#entries.splice(0, settled);
    if (!this.#over) {
      this.#rules.onSettled(this);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
