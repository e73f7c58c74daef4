import type { Acks } from './acks.js';
import type { Random } from './backoff.js';
import { Feed } from './feed.js';
import type { EventFrame, LostFrame, Positions } from './frames.js';
import { RecentIds } from './ids.js';
import type { TabMemory } from './tab-memory.js';
import { tell } from './tell.js';
import type { Options, Problem, SwitchboardEvent } from './types.js';

const DEFAULT_ATTEMPTS = 5;
const MOST_AHEAD = 256;

/** From frames to the page's handler, once and in order; and from there to acknowledgements and saved positions. */
export class Deliveries<T> {
  readonly #options: Options<T>;
  readonly #memory: TabMemory;
  readonly #acks: Acks;
  readonly #random: Random;
  readonly #report: (problem: Problem<T>) => void;
  readonly #ids = new RecentIds();
  readonly #feeds = new Map<string, Feed>();

  constructor(options: Options<T>, memory: TabMemory, acks: Acks, random: Random, report: (problem: Problem<T>) => void) {
    this.#options = options;
    this.#memory = memory;
    this.#acks = acks;
    this.#random = random;
    this.#report = report;
  }

  /** Goes on where this tab's last page was. */
  restore(): void {
    const { positions, ahead } = this.#memory.saved;
    for (const [name, position] of Object.entries(positions)) {
      this.#feed(name, position);
    }
    ahead.forEach((key) => this.#ids.add(key));
  }

  /** What was taken from edges so far: a new connection goes on after it. */
  get taken(): Positions {
    return this.#positions((feed) => feed.taken);
  }

  /** Up to where everything is dealt with. */
  get settled(): Positions {
    return this.#positions((feed) => feed.settled);
  }

  onEvent(frame: EventFrame): void {
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
      ...(frame.traceparent !== undefined && { traceparent: frame.traceparent }),
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

  onLost(data: LostFrame): void {
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

  /** Everything that was known belongs to somebody else. */
  forget(): void {
    this.close();
    this.#feeds.clear();
    this.#ids.clear();
    this.#acks.clear();
    this.#memory.write({ positions: {}, ahead: [] });
  }

  /** What is not handled yet stays so. */
  close(): void {
    this.#feeds.forEach((feed) => feed.close());
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

  #onSettled(feed: Feed): void {
    if (feed.settled !== undefined) {
      this.#acks.add(feed.name, feed.settled);
    }
    this.#memory.write({
      ...this.#memory.saved,
      positions: this.settled,
      ahead: [...this.#feeds.values()].flatMap((each) => each.ahead()).slice(-MOST_AHEAD),
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
}
