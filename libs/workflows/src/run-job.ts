import type { FailureReport, JobResult } from '@gleaner/domain';
import { ApplicationFailure } from '@temporalio/common';
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
 * The row is written first, so nobody sees a finished workflow whose data cannot be read.
 */
export async function runJob(
  { jobId, input, pauseLimitMs }: JobWorkflowInput,
  work: (run: JobRun) => Promise<JobResult>,
): Promise<JobResult> {
  const { url } = input;
  const story = new Story();
  const gate = new JobGate(jobId, story, pauseLimitMs);
  const { workflowId, runId } = workflowInfo();
  try {
    await jobLog.startJob({ jobId, workflowId, runId });
    const result = await work({ story, gate });
    await jobLog.finishJob({ jobId, url, state: 'completed', result });
    end(story, 'completed');
    return result;
  } catch (error) {
    // A cancelled scope cannot run activities any more; what was done stays, and the end is told outside of it.
    const cancelled = isCancellation(error) || error instanceof PausedTooLong;
    const report = isCancellation(error) ? undefined : reportOf(error);
    await CancellationScope.nonCancellable(() =>
      jobLog.finishJob({ jobId, url, state: cancelled ? 'cancelled' : 'failed', ...(report ? { error: report } : {}) }),
    );
    end(story, [cancelled ? 'cancelled' : 'failed', ...(report ? [`${report.code}, ${report.detail}`] : [])].join(': '));
    throw report ? failureOf(report) : error;
  }
}

function end(story: Story, line: string): void {
  story.tell(line);
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'done' }]);
}

function failureOf(report: FailureReport): ApplicationFailure {
  return ApplicationFailure.nonRetryable(report.detail, report.code);
}
