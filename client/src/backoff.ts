/** Where chance comes from: at least 0, below 1. */
export type Random = () => number;

/**
 * Full jitter: any wait between 0 and min(longest, first · 2ⁿ), all equally likely, so that browsers which lost their edge in
 * the same moment do not come back in the same moment. (Brooker, "Exponential Backoff And Jitter".)
 */
export function fullJitter(random: Random, attempt: number, firstMs: number, longestMs: number): number {
  return random() * Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
}
