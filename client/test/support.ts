import { WebSocket } from 'ws';
import { Switchboard, type Options, type Problem, type StateChange, type SwitchboardEvent, type WebSocketClass } from '../src/index.js';
import type { FakeEdge } from './fake-edge.js';

const PATIENCE_MS = 15_000;

/** Waits until `look` gives something, bounded. */
export async function eventually<V>(what: string, look: () => V | undefined | false, patienceMs = PATIENCE_MS): Promise<V> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
    if (Date.now() > until) {
      throw new Error(`not seen within ${patienceMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A tab's `sessionStorage`. */
export class FakeStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

/** A page with the SDK on it, and all that its callbacks were told. */
export class Page {
  readonly events: SwitchboardEvent<any>[] = [];
  readonly states: StateChange[] = [];
  readonly problems: Problem<any>[] = [];
  readonly lost: unknown[] = [];
  readonly switchboard: Switchboard<any>;

  constructor(edges: FakeEdge | FakeEdge[] | string[], options: Partial<Options<any>> = {}) {
    const urls = Array.isArray(edges) ? edges.map((edge) => (typeof edge === 'string' ? edge : edge.url)) : edges.url;
    const { onEvent } = options;
    this.switchboard = new Switchboard(urls, {
      token: 't',
      WebSocket: WebSocket as unknown as WebSocketClass,
      storage: null,
      backoff: { firstMs: 20, longestMs: 200 },
      onState: (change) => this.states.push(change),
      onError: (problem) => this.problems.push(problem),
      onLost: (lost) => this.lost.push(lost),
      ...options,
      onEvent: async (event) => {
        await onEvent?.(event);
        this.events.push(event);
      },
    });
  }

  /** What the handler has dealt with. */
  get seen(): unknown[] {
    return this.events.map((event) => event.data);
  }

  async online(): Promise<this> {
    await eventually('online', () => this.switchboard.state === 'online');
    return this;
  }

  async awaitSeen(count: number): Promise<unknown[]> {
    await eventually(`${count} events`, () => this.events.length >= count);
    return this.seen;
  }

  close(): void {
    this.switchboard.close();
  }
}

export function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.x`;
}
