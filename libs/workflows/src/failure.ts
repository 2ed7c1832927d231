import { type FailureReport, type FetchOutcome, failureReport, isErrorCode } from '@gleaner/domain';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, TimeoutFailure } from '@temporalio/common';

/** A page that was refused ends its job: thrown inside a workflow, caught by `runJob`. */
export class PageRefused extends Error {
  override readonly name = 'PageRefused';

  constructor(readonly report: FailureReport) {
    super(report.detail);
  }
}

/** Nobody resumed the job: it ends as if it had been cancelled. */
export class PausedTooLong extends Error {
  override readonly name = 'PausedTooLong';

  constructor(readonly report: FailureReport) {
    super(report.detail);
  }
}

export function refusalOf(outcome: Extract<FetchOutcome, { kind: 'refused' }>): PageRefused {
  return new PageRefused(failureReport(outcome.code, outcome.detail));
}

/** What a job says of an error that ended it. Never `instanceof` of our own classes across Temporal: types are codes. */
export function reportOf(error: unknown): FailureReport {
  if (error instanceof PageRefused || error instanceof PausedTooLong) return error.report;
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return reportOf(error.cause);
  if (error instanceof ApplicationFailure && isErrorCode(error.type)) return failureReport(error.type, error.message);
  if (error instanceof TimeoutFailure) return failureReport('DEADLINE_EXCEEDED', 'A stage of the job did not end within its time limit.');
  return failureReport('INTERNAL', 'An unexpected error ended the workflow; its message is in the Temporal Web UI.');
}
