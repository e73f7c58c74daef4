const GRACE_MS = 2_000;

/**
 * Notices a dead link: nothing heard for two of the edge's beats.
 *
 * A timer that fires late (tab throttled, laptop asleep, main thread busy) proves nothing: what the edge sent meanwhile may still
 * be waiting to be read. Then the link gets a moment to show that it lives.
 */
export class Pulse {
  readonly #onDead: () => void;
  #deadlineMs = 0;
  #silenceMs = 0;
  #graceGiven = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onDead: () => void) {
    this.#onDead = onDead;
  }

  start(beatSeconds: number): void {
    // A little less than two, so that it is noticed within two even by a coarse timer.
    this.#silenceMs = beatSeconds * 1_000 * 1.9;
    this.heard();
    this.#wait(this.#silenceMs);
  }

  heard(): void {
    this.#graceGiven = false;
    this.#deadlineMs = Date.now() + this.#silenceMs;
  }

  /** The page came back from wherever it was: do not wait for a timer that may have been frozen. */
  check(): void {
    if (this.#timer !== undefined) {
      this.#onTimer();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onTimer(), ms);
  }

  #onTimer(): void {
    const leftMs = this.#deadlineMs - Date.now();
    if (leftMs > 0) {
      this.#wait(leftMs);
    } else if (leftMs < -GRACE_MS / 2 && !this.#graceGiven) {
      this.#graceGiven = true;
      this.#deadlineMs = Date.now() + GRACE_MS;
      this.#wait(GRACE_MS);
    } else {
      this.stop();
      this.#onDead();
    }
  }
}
