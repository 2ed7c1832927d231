import { type EventDraft, type FinalState, type FinishJobInput, type JobActivities, type JobLog, isFinal } from '@gleaner/domain';

/** State and final event of a job. Runs as local activities in the workflow worker. */
export function createJobActivities({ jobLog }: { readonly jobLog: JobLog }): JobActivities {
  return {
    async startJob({ jobId, workflowId, runId }): Promise<boolean> {
      return jobLog.started(jobId, { workflowId, runId });
    },

    async finishJob({ jobId, url, state, error, result }: FinishJobInput): Promise<FinalState> {
      if (state === 'failed' && error) {
        const skipped = error.code === 'ROBOTS_DISALLOWED';
        const event: EventDraft = { type: skipped ? 'page.skipped' : 'page.failed', url, message: error.detail, error };
        await jobLog.append(jobId, 'page', event, skipped ? { skipped: 1 } : { failed: 1 });
      }
      const isWritten = await jobLog.finish(jobId, { state, ...(error ? { error } : {}), ...(result ? { result } : {}) });
      if (isWritten) return state;
      const standing = await jobLog.stateOf(jobId);
      return isFinal(standing) ? standing : state;
    },
  };
}
