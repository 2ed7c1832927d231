import { Fault, isLastAttempt } from '@gleaner/domain';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';

/**
 * The one place where faults become failures of Temporal. The type is the code of the error table, so that workflows
 * branch on it without knowing our classes. Messages of unknown errors stay in the worker's log: they may hold anything.
 * `attempt`: the number of this attempt among those that count (`counted-attempts.ts`), 1 = the first.
 */
export function toApplicationFailure(error: unknown, attempt: number): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const fault =
    error instanceof Fault
      ? error
      : new Fault('INTERNAL', { detail: 'An unexpected error; the worker log has it under the job id.', cause: error });
  return ApplicationFailure.create({
    type: fault.code,
    message: fault.message,
    nonRetryable: isLastAttempt(fault.code, attempt),
    // Waiting for a turn is the normal course of a polite crawl, not a fault to warn of.
    ...(fault.code === 'HOST_BUSY' ? { category: ApplicationFailureCategory.BENIGN } : {}),
    ...(fault.retryAfterMs === undefined ? {} : { nextRetryDelay: fault.retryAfterMs }),
  });
}
