import type { EventDraft, FinishJobInput, JobActivities, JobLog } from '@gleaner/domain';

/** State and final event of a job. Runs as local activities in the workflow worker. */
export function createJobActivities({ jobLog }: { readonly jobLog: JobLog }): JobActivities {
  return {
    async startJob({ jobId, workflowId, runId }): Promise<void> {
      await jobLog.started(jobId, { workflowId, runId });
    },

    async finishJob({ jobId, url, state, error, result }: FinishJobInput): Promise<void> {
      if (state === 'failed' && error) {
        const skipped = error.code === 'ROBOTS_DISALLOWED';
        const event: EventDraft = { type: skipped ? 'page.skipped' : 'page.failed', url, message: error.detail, error };
        await jobLog.append(jobId, 'page', event, skipped ? { skipped: 1 } : { failed: 1 });
      }
      await jobLog.finish(jobId, { state, ...(error ? { error } : {}), ...(result ? { result } : {}) });
    },
  };
}
