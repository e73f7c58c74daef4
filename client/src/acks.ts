import type { ClientFrame, Positions } from './frames.js';

/** As long as a person does not notice, and long enough to make one ACK of a burst. */
const BATCH_MS = 50;

/** Acknowledgements on their way: the largest settled position of each feed, many events in one frame. */
export class Acks {
  readonly #send: (frame: ClientFrame) => boolean;
  #waiting: Positions = {};
  #sent: Positions = {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: ClientFrame) => boolean) {
    this.#send = send;
  }

  add(feed: string, position: string): void {
    this.#waiting[feed] = position;
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  /** Now: the page may be over any moment. What could not be sent is said again when online. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const data = this.#waiting;
    if (Object.keys(data).length > 0 && this.#send({ event: 'ACK', data })) {
      Object.assign(this.#sent, data);
      this.#waiting = {};
    }
  }

  /** The connection is gone, and nobody knows what of it arrived: what was said on it is said again on the next. */
  onClosed(): void {
    this.#waiting = { ...this.#sent, ...this.#waiting };
    this.#sent = {};
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = {};
    this.#sent = {};
  }
}
