/** What the page's life tells us; nothing outside of browsers. */
export interface PageLife {
  /** It may be over any moment: say now what must be said. */
  onHidden(): void;
  /** It is looked at again, perhaps after a long sleep. */
  onVisible(): void;
  /** The network has come back, perhaps another one. */
  onNetwork(): void;
}

/** Calls until the returned function is called. */
export function watchPage(life: PageLife): () => void {
  if (typeof window === 'undefined' || typeof document === 'undefined') {
    return () => {};
  }
  const stop = new AbortController();
  const { signal } = stop;
  document.addEventListener(
    'visibilitychange',
    () => (document.visibilityState === 'hidden' ? life.onHidden() : life.onVisible()),
    { signal },
  );
  window.addEventListener('pagehide', () => life.onHidden(), { signal });
  window.addEventListener('pageshow', () => life.onVisible(), { signal });
  window.addEventListener('online', () => life.onNetwork(), { signal });
  return () => stop.abort();
}
