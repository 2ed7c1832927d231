/** The typed way to the workflows of jobs from inside: for our processes and scripts beside them, never for workflow code. */
import type { JobRecord, JobResult } from '@gleaner/domain';
import { type Client, type WorkflowHandle, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { type JobWorkflowInput, PAUSE_JOB, RESUME_JOB, STEER_JOB, type SteerJobInput, jobStart } from './contract.js';

/** What the workflow of every job is, as a type: one object in, what it produced out. */
export type JobWorkflow = (input: JobWorkflowInput) => Promise<JobResult>;

/** Each rejects with a WorkflowNotFoundError when there is no such workflow, or when it ended before a message came. */
export interface JobWorkflowHandle {
  readonly workflowId: string;
  /** Resolves when the job is completed; rejects with a WorkflowFailedError when it failed or was cancelled. */
  result(): Promise<JobResult>;
  /** Takes effect between two stages. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Changes the stages that have not been scheduled yet. */
  steer(change: SteerJobInput): Promise<void>;
  cancel(): Promise<void>;
  /** RUNNING, COMPLETED, FAILED, CANCELLED …; null when there is no such workflow. */
  status(): Promise<string | null>;
  /** What the workflow tells of itself: the Markdown that the Temporal Web UI shows. */
  story(): Promise<string>;
  /** For what is not named here; typed as a job's workflow. */
  readonly handle: WorkflowHandle<JobWorkflow>;
}

export type StartableJob = Parameters<typeof jobStart>[0];

export interface JobWorkflowClient {
  /** Idempotent: a workflow of this job that runs or has ended is left as it is. */
  start(job: StartableJob): Promise<JobWorkflowHandle>;
  /** The workflow of a job that was started before; asks nothing of the server. */
  of(job: Pick<JobRecord, 'workflowId'>): JobWorkflowHandle;
}

/** Query that every workflow answers by itself, whatever it is. */
const METADATA_QUERY = '__temporal_workflow_metadata';

export interface JobWorkflowClientOptions {
  /** Longest time for one call, except for `result`, which lasts as long as the job; default 10 s. */
  readonly timeoutMs?: number;
}

/** Workflows of jobs on a connected client. Every call has a deadline. */
export function createJobWorkflowClient(client: Client, { timeoutMs = 10_000 }: JobWorkflowClientOptions = {}): JobWorkflowClient {
  const inTime = <T>(call: () => Promise<T>): Promise<T> => client.connection.withDeadline(Date.now() + timeoutMs, call);
  const of = ({ workflowId }: Pick<JobRecord, 'workflowId'>): JobWorkflowHandle => {
    const handle = client.workflow.getHandle<JobWorkflow>(workflowId);
    return {
      workflowId,
      handle,
      result: () => handle.result(),
      pause: () => inTime(() => handle.signal(PAUSE_JOB)),
      resume: () => inTime(() => handle.signal(RESUME_JOB)),
      steer: (change) => inTime(() => handle.signal<[SteerJobInput]>(STEER_JOB, change)),
      cancel: async () => void (await inTime(() => handle.cancel())),
      status: () =>
        inTime(() => handle.describe()).then(
          ({ status }) => status.name,
          (error: unknown) => {
            if (error instanceof WorkflowNotFoundError) return null;
            throw error;
          },
        ),
      story: async () => (await inTime(() => handle.query<{ currentDetails?: string }>(METADATA_QUERY))).currentDetails ?? '',
    };
  };
  return {
    of,
    start: async (job) => {
      const { workflowType, ...options } = jobStart(job);
      try {
        await inTime(() => client.workflow.start<JobWorkflow>(workflowType, options));
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      return of(job);
    },
  };
}
