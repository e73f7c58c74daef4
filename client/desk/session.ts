import type { TabStorage } from '../src/index.js';

const KEY = 'desk.session';

/** Who is signed in on this tab, and at which edge nodes. */
export interface Session {
  readonly token: string;
  readonly edges: readonly string[];
}

/**
 * Takes `#token=…[&edges=ws://a/ws,ws://b/ws]` out of the address bar, so that neither the history nor a copied address carries
 * it, and keeps it for this tab. Edges are only taken together with the token that is sent to them.
 */
export function takeSession(storage: TabStorage = sessionStorage): Session | undefined {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token');
  if (token !== null) {
    history.replaceState(null, '', location.pathname + location.search);
    return saveSession(token, (fragment.get('edges') ?? '').split(',').filter(Boolean), storage);
  }
  try {
    return (JSON.parse(storage.getItem(KEY) ?? 'null') as Session | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function saveSession(token: string, edges: readonly string[] = [], storage: TabStorage = sessionStorage): Session | undefined {
  const session = { token: token.trim(), edges };
  if (session.token === '') {
    return undefined;
  }
  storage.setItem(KEY, JSON.stringify(session));
  return session;
}

export function dropSession(storage: TabStorage = sessionStorage): void {
  storage.removeItem(KEY);
}
