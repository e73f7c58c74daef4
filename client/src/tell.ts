/** Calls back the page. What it does wrong there is its own error, reported as any other, and must not stop ours half-way. */
export function tell<A>(callback: ((about: A) => void) | undefined, about: A): void {
  try {
    callback?.(about);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
