import { setTimeout as delay } from 'node:timers/promises';
import { type FieldReader, ModelFault, type ModelSpending, afterTries, isModelFault, spendingOfTries } from '@gleaner/domain';

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

/** Doubled with every try: a provider that says "at once" each time is not asked in a circle. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_OWN_WAIT_MS = 60_000;

/**
 * Asks again where a provider says when it can be: the rates of providers are counted by the minute, the pages of a crawl come by the
 * second, and nobody waits for one of them. What fails otherwise is thrown at once. The answer, or the last fault, tells what all tries took.
 */
export function patientReader(reader: FieldReader, { patienceMs, now, wait }: Patience = REAL): FieldReader {
  const until = now() + patienceMs;
  return {
    async read(question, signal) {
      const failed: ModelSpending[] = [];
      for (let ownWaitMs = FIRST_WAIT_MS; ; ownWaitMs = Math.min(2 * ownWaitMs, LONGEST_OWN_WAIT_MS)) {
        try {
          const answer = await reader.read(question, signal);
          return failed.length === 0 ? answer : { ...answer, ...spendingOfTries([...failed, answer]) };
        } catch (error) {
          signal.throwIfAborted();
          if (!isModelFault(error)) throw error;
          const { code, retryAfterMs } = error;
          const waitMs = code === 'MODEL_FAILED' && retryAfterMs !== undefined ? Math.max(retryAfterMs, ownWaitMs) : null;
          const isLast = waitMs === null || now() + waitMs > until;
          if (isLast && failed.length === 0) throw error;
          if (error instanceof ModelFault) failed.push(error.spent);
          if (isLast) throw afterTries(error, failed);
          await wait(waitMs, signal);
        }
      }
    },
  };
}
