const LONGEST_TIMER_MS = 2 ** 31 - 1;
const MARGIN_MS = 30_000;

/** The user's token: the one we have, until it is nearly over or was refused. */
export class Tokens {
  readonly #source: string | (() => string | Promise<string>);
  #current: string | undefined;

  constructor(source: string | (() => string | Promise<string>)) {
    this.#source = source;
  }

  /** Whether asking again can bring another token. */
  get renewable(): boolean {
    return typeof this.#source === 'function';
  }

  /** A token that is good for a while: the current one when it says so itself, else a new one. */
  async get(): Promise<string> {
    const left = this.#current === undefined ? 0 : refreshDelayMs(this.#current);
    return left !== undefined && left > 0 ? this.#current! : this.renew();
  }

  async renew(): Promise<string> {
    const token = typeof this.#source === 'function' ? await this.#source() : this.#source;
    if (typeof token !== 'string' || token === '') {
      throw new TypeError(`token: ${typeof token} (expected: a non-empty string)`);
    }
    return (this.#current = token);
  }

  /** The current one is no good any more. */
  forget(): void {
    this.#current = undefined;
  }
}

/** How long until the token should be replaced; undefined when it does not say. */
export function refreshDelayMs(token: string, now = Date.now()): number | undefined {
  const { exp } = claims(token);
  if (typeof exp !== 'number') {
    return undefined;
  }
  const left = exp * 1000 - now;
  // A fifth of what is left, so that short tokens are not replaced all the time and long ones not at the last moment.
  return Math.min(left - Math.min(MARGIN_MS, left / 5), LONGEST_TIMER_MS);
}

/** The token's subject, so that saved positions of somebody else are not sent. */
export function subject(token: string): string | undefined {
  const { sub } = claims(token);
  return typeof sub === 'string' ? sub : undefined;
}

function claims(token: string): { exp?: unknown; sub?: unknown } {
  try {
    const body = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    return (JSON.parse(atob(body)) as { exp?: unknown; sub?: unknown } | null) ?? {};
  } catch {
    return {};
  }
}
