import { setTimeout as delay } from 'node:timers/promises';
import { type FieldReader, isModelFault } from '@gleaner/domain';

export interface Patience {
  /** All waits together; beyond it faults are thrown as they come. */
  readonly patienceMs: number;
  readonly now: () => number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

const REAL: Patience = {
  // A batch may take 30 minutes in all.
  patienceMs: 600_000,
  now: Date.now,
  wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};

/**
 * Asks again where a provider says when it can be: the rates of providers are counted by the minute, the pages of a crawl come by the
 * second, and nobody waits for one of them. What fails otherwise is thrown at once.
 */
export function patientReader(reader: FieldReader, { patienceMs, now, wait }: Patience = REAL): FieldReader {
  const until = now() + patienceMs;
  return {
    async read(question, signal) {
      for (;;) {
        try {
          return await reader.read(question, signal);
        } catch (error) {
          signal.throwIfAborted();
          const waitMs = isModelFault(error) && error.code === 'MODEL_FAILED' ? error.retryAfterMs : undefined;
          if (waitMs === undefined || now() + waitMs > until) throw error;
          await wait(Math.max(waitMs, 1), signal);
        }
      }
    },
  };
}
