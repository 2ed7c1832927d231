import type { CrawlLedger } from '@gleaner/domain';

/** A batch asks no more often than this whether its job is paused. */
const FRESH_MS = 1_000;

/**
 * Tells a batch that fetches for long whether its job is paused by now: whoever asks within a second gets the last answer. Leasing
 * has told that it is not, so the first second is free.
 */
export function pauseWatch(ledger: Pick<CrawlLedger, 'isPaused'>, jobId: string): () => Promise<boolean> {
  let askedAtMs = performance.now();
  let answer = Promise.resolve(false);
  return () => {
    if (performance.now() - askedAtMs >= FRESH_MS) {
      askedAtMs = performance.now();
      answer = ledger.isPaused(jobId);
    }
    return answer;
  };
}
