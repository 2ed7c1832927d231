import type { FailureReport, JobResult } from '@gleaner/domain';
import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from './contract.js';
import { reportOf } from './failure.js';
import { jobLog } from './stages.js';
import type { Story } from './story.js';

export interface JobFrame {
  readonly jobId: string;
  readonly url: string;
}

/**
 * The frame of every job: says that it runs, does the work, and writes the one final state before the workflow returns.
 * The row is written first, so nobody sees a finished workflow whose data cannot be read.
 */
export async function runJob({ jobId, url }: JobFrame, story: Story, work: () => Promise<JobResult>): Promise<JobResult> {
  const { workflowId, runId } = workflowInfo();
  try {
    await jobLog.startJob({ jobId, workflowId, runId });
    const result = await work();
    await jobLog.finishJob({ jobId, url, state: 'completed', result });
    end(story, 'completed');
    return result;
  } catch (error) {
    // A cancelled scope cannot run activities any more; what was done stays, and the end is told outside of it.
    const cancelled = isCancellation(error);
    const report = cancelled ? undefined : reportOf(error);
    await CancellationScope.nonCancellable(() =>
      jobLog.finishJob({ jobId, url, state: cancelled ? 'cancelled' : 'failed', ...(report ? { error: report } : {}) }),
    );
    end(story, report ? `failed: ${report.code}, ${report.detail}` : 'cancelled');
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
