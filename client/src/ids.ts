const REMEMBERED = 256;

/** The last 256 keys: what was handled is not handled again, whatever position it comes back with. */
export class RecentIds {
  readonly #keys = new Set<string>();

  /** False when it was already there. */
  add(key: string): boolean {
    if (this.#keys.has(key)) {
      return false;
    }
    this.#keys.add(key);
    if (this.#keys.size > REMEMBERED) {
      for (const oldest of this.#keys) {
        this.#keys.delete(oldest);
        break;
      }
    }
    return true;
  }

  clear(): void {
    this.#keys.clear();
  }
}
