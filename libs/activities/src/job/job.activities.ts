import {
  type BlobStore,
  type ErrorCode,
  type EventDraft,
  type FinalState,
  type FinishJobInput,
  type JobActivities,
  type JobLog,
  type JobReader,
  type JobRecord,
  type RenderMode,
  type ResumePointInput,
  type Snapshot,
  type SnapshotIndex,
  isFinal,
  urlKey,
} from '@gleaner/domain';

export interface JobDependencies {
  readonly jobLog: JobLog;
  readonly jobs: Pick<JobReader, 'get'>;
  readonly snapshots: Pick<SnapshotIndex, 'latest'>;
  readonly blobs: Pick<BlobStore, 'has'>;
}

/** The stored page itself was what failed: only another fetch can help. */
const PAGE_AT_FAULT: ReadonlySet<ErrorCode> = new Set(['EMPTY_CONTENT', 'BLOB_MISSING']);

/** State and final event of a job. Runs as local activities in the workflow worker. */
export function createJobActivities({ jobLog, jobs, snapshots, blobs }: JobDependencies): JobActivities {
  return {
    async pauseJob({ jobId, key }): Promise<void> {
      await jobLog.paused(jobId, key);
    },

    async resumeJob({ jobId, key }): Promise<void> {
      await jobLog.resumed(jobId, key);
    },

    async findResumePoint({ jobId, ownerId, retryOf, url, render }: ResumePointInput): Promise<Snapshot | null> {
      const failed = await jobs.get(ownerId, retryOf);
      if (failed === null || !failedAfterFetch(failed)) return null;
      const snapshot = await snapshots.latest(urlKey(new URL(url)));
      if (snapshot === null || !suits(snapshot, render) || !(await blobs.has(snapshot.body.hash))) return null;
      const message = `goes on from the page that ${retryOf} fetched: not fetched again`;
      await jobLog.append(jobId, 'page:fetched', { type: 'job.progress', stage: 'fetch', url, message }, { fetched: 1 });
      return snapshot;
    },

    async startJob({ jobId, workflowId, runId }): Promise<boolean> {
      return jobLog.started(jobId, { workflowId, runId });
    },

    async finishJob({ jobId, url, state, error, result }: FinishJobInput): Promise<FinalState> {
      if (url !== undefined && state === 'failed' && error) {
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

function failedAfterFetch({ counts, error }: JobRecord): boolean {
  return counts.fetched > 0 && !(error !== null && PAGE_AT_FAULT.has(error.code));
}

function suits({ method }: Snapshot, render: RenderMode): boolean {
  return render === 'auto' || method === (render === 'always' ? 'browser' : 'http');
}
