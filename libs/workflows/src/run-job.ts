import { type FinalState, type FinishJobInput, type JobResult, failureReport } from '@gleaner/domain';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type JobWorkflowInput, SEARCH_ATTRIBUTES } from './contract.js';
import { PausedTooLong, reportOf } from './failure.js';
import { JobGate } from './pause.js';
import { jobLog } from './stages.js';
import { Story } from './story.js';

/** What the work of a job gets besides its input. */
export interface JobRun {
  readonly story: Story;
  readonly gate: JobGate;
}

/**
 * The frame of every job: says that it runs, does the work, and writes the one final state before the workflow returns.
 * The row is written first, so nobody sees a finished workflow whose data cannot be read; and the workflow ends as the row
 * says, also when a cancellation comes while the end is being written.
 */
export async function runJob(
  { jobId, input, pauseLimitMs }: JobWorkflowInput,
  work: (run: JobRun) => Promise<JobResult>,
  { isCrawl = false }: { readonly isCrawl?: boolean } = {},
): Promise<JobResult> {
  // A job of many pages tells of each itself.
  const about = isCrawl ? { jobId } : { jobId, url: input.url };
  const story = new Story();
  const gate = new JobGate(jobId, story, pauseLimitMs);
  const { workflowId, runId } = workflowInfo();
  let end: FinishJobInput;
  try {
    const isLive = await jobLog.startJob({ jobId, workflowId, runId });
    if (!isLive) throw new CancelledFailure('The job ended before its workflow began.');
    end = { ...about, state: 'completed', result: await work({ story, gate }) };
  } catch (error) {
    if (isCancellation(error)) end = { ...about, state: 'cancelled' };
    // Nobody resumed it: cancelled, with the reason.
    else end = { ...about, state: error instanceof PausedTooLong ? 'cancelled' : 'failed', error: reportOf(error) };
  }
  // A cancelled scope runs no activity any more; the end is written outside of it.
  const standing = await CancellationScope.nonCancellable(() => jobLog.finishJob(end));
  return conclude(end, standing, story);
}

function conclude({ error, result }: FinishJobInput, standing: FinalState, story: Story): JobResult {
  story.tell(error === undefined ? standing : `${standing}: ${error.code}, ${error.detail}`);
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'done' }]);
  if (standing === 'completed') return result ?? {};
  if (standing === 'cancelled') throw new CancelledFailure('The job was cancelled.');
  const report = error ?? failureReport('INTERNAL', 'The job had failed before; see its events.');
  throw ApplicationFailure.nonRetryable(report.detail, report.code);
}
