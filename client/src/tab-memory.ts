import type { Positions, PublishFrame } from './frames.js';
import type { TabStorage } from './types.js';

const LOCK_WAIT_MS = 1_000;

/** What a tab knows of one person. */
export interface Saved {
  /** Whose positions these are, as ONLINE named them: `<app>/<uuid>`. */
  agent?: string;
  /** The token's subject, known before ONLINE. */
  subject?: string;
  positions: Positions;
  /** Keys of events that are dealt with although something before them is not. */
  ahead: string[];
  /** PUBLISH frames that no edge has confirmed. */
  unsent?: PublishFrame[];
}

interface Stored extends Saved {
  tab: string;
}

/**
 * The tab's memory: `sessionStorage`, which a reload keeps.
 *
 * A duplicated tab gets a copy of it, and would then believe to have shown what only the original has shown. So each tab has an
 * id and holds a Web Lock of that name; who finds the lock held is a copy and starts without positions, with an id of its own.
 * Where there are no Web Locks (they need https or localhost) a copy cannot be told from a reload, and nothing is kept.
 */
export class TabMemory {
  readonly #storage: TabStorage | undefined;
  readonly #key: string;
  readonly #release = new AbortController();
  #tab = randomId();
  saved: Saved = { positions: {}, ahead: [] };

  constructor(name: string, storage: TabStorage | null | undefined) {
    this.#key = name;
    this.#storage = storage === undefined ? ownStorage() : (storage ?? undefined);
  }

  /** Reads what this tab saved before. */
  async open(): Promise<void> {
    if (this.#storage === undefined) {
      return;
    }
    const stored = this.#read();
    if (stored !== undefined && (await this.#claim(stored.tab))) {
      this.#tab = stored.tab;
      this.saved = stored;
    } else {
      await this.#claim(this.#tab);
    }
  }

  write(saved: Saved): void {
    this.saved = saved;
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ tab: this.#tab, ...saved }));
    } catch {
      // Full or forbidden: the positions in memory still serve until the next page.
    }
  }

  close(): void {
    this.#release.abort();
  }

  #read(): Stored | undefined {
    try {
      const stored = JSON.parse(this.#storage!.getItem(this.#key) ?? 'null') as Stored | null;
      return stored && typeof stored.tab === 'string' && stored.positions && Array.isArray(stored.ahead) ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  /** Waits a moment: after a reload the old page may still be about to let go. */
  #claim(tab: string): Promise<boolean> {
    const locks = globalThis.navigator?.locks;
    if (!locks) {
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const signal = this.#release.signal;
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), LOCK_WAIT_MS);
      locks
        .request(`${this.#key}:${tab}`, { signal: patience.signal }, () => {
          clearTimeout(timer);
          resolve(true);
          return new Promise<void>((release) => (signal.aborted ? release() : signal.addEventListener('abort', () => release())));
        })
        .catch(() => resolve(false));
    });
  }
}

function ownStorage(): TabStorage | undefined {
  try {
    return globalThis.navigator?.locks ? globalThis.sessionStorage : undefined;
  } catch {
    return undefined;
  }
}

export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
