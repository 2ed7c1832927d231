import {
  type CrawlChange,
  type ErrorCode,
  Fault,
  type FinalState,
  type JobRecord,
  type JobResult,
  failureReport,
  isErrorCode,
} from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { CHANGE_CRAWL, PAUSE_JOB, RESUME_JOB, STEER_JOB, type SteerJobInput, jobStart } from '@gleaner/workflows/contract';
import { Inject, Injectable } from '@nestjs/common';
import {
  ApplicationFailure,
  CancelledFailure,
  Client,
  TimeoutFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, LOG } from '../platform/platform.module.js';
import { SearchAttributes } from './search-attributes.service.js';
import { callTemporal, isAwayError } from './temporal-client.js';

const CALL_TIMEOUT_MS = 5_000;

export interface WorkflowEnd {
  readonly state: FinalState;
  readonly error?: ReturnType<typeof failureReport>;
  readonly result?: JobResult;
}

/** What a running workflow can be told. */
interface JobSignal {
  readonly name: string;
  readonly args: readonly unknown[];
}

export const SIGNALS = {
  pause: { name: PAUSE_JOB, args: [] },
  resume: { name: RESUME_JOB, args: [] },
  steer: (input: SteerJobInput): JobSignal => ({ name: STEER_JOB, args: [input] }),
} as const;

/** What the server says of a job's workflow. */
export type WorkflowStanding = { readonly kind: 'missing' } | { readonly kind: 'running' } | ({ readonly kind: 'closed' } & WorkflowEnd);

/** The workflows of jobs, as far as the API may touch them: start, cancel, look. Every call has a deadline. */
@Injectable()
export class JobWorkflows {
  constructor(
    private readonly client: Client,
    private readonly attributes: SearchAttributes,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Starts the workflow of a stored job. Resolves after `startTimeoutMs` at the latest and never rejects: the job is stored,
   * so what did not start now is started by the reconciler.
   */
  async startSoon(job: JobRecord): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.config.timings.startTimeoutMs)));
    const start = this.start(job).catch((error: unknown) =>
      this.log.warn({ err: error, jobId: job.id }, 'the workflow did not start; the reconciler will start it'),
    );
    await Promise.race([start, patience]);
    clearTimeout(timer);
  }

  /** Idempotent: a workflow of this job that runs or has ended is left as it is. */
  async start(job: JobRecord): Promise<void> {
    await this.attributes.ready();
    const { workflowType, ...options } = jobStart(job);
    try {
      await this.inTime(() => this.client.workflow.start(workflowType, options));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /** Asks the workflow to cancel; false when there is none. Throws Fault TEMPORAL_UNAVAILABLE. */
  async cancel(workflowId: string): Promise<boolean> {
    try {
      await this.inTime(() => this.client.workflow.getHandle(workflowId).cancel());
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw awayFault(error);
    }
  }

  /** Tells the workflow of a job; starts it first where the server was away when the job came. False when it has ended. */
  async tell(job: JobRecord, signal: JobSignal): Promise<boolean> {
    try {
      if (await this.signal(job.workflowId, signal)) return true;
      await this.start(job);
      return await this.signal(job.workflowId, signal);
    } catch (error) {
      throw awayFault(error);
    }
  }

  /**
   * Changes a crawl; resolves when the change holds. Starts the workflow first where the server was away when the job came. False when
   * it has ended. Throws Fault CONFLICT when the workflow refuses or ends meanwhile, what the change itself ran into, and TEMPORAL_UNAVAILABLE when nobody answers.
   */
  async changeCrawl(job: JobRecord, change: CrawlChange): Promise<boolean> {
    try {
      if (await this.update(job.workflowId, change)) return true;
      await this.start(job);
      return await this.update(job.workflowId, change);
    } catch (error) {
      throw error instanceof WorkflowUpdateFailedError ? refusalOf(error) : awayFault(error);
    }
  }

  private async update(workflowId: string, change: CrawlChange): Promise<boolean> {
    try {
      await this.inTime(() => this.client.workflow.getHandle(workflowId).executeUpdate(CHANGE_CRAWL, { args: [change] }));
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  private async signal(workflowId: string, { name, args }: JobSignal): Promise<boolean> {
    try {
      await this.inTime(() => this.client.workflow.getHandle(workflowId).signal(name, ...args));
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  async standing(workflowId: string): Promise<WorkflowStanding> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      const { status } = await this.inTime(() => handle.describe());
      if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW') return { kind: 'running' };
      if (status.name === 'COMPLETED')
        return { kind: 'closed', state: 'completed', result: (await this.inTime(() => handle.result())) as JobResult };
      return { kind: 'closed', ...(await this.endOf(status.name, () => handle.result())) };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
      throw error;
    }
  }

  private async endOf(status: string, result: () => Promise<unknown>): Promise<WorkflowEnd> {
    if (status === 'CANCELED' || status === 'CANCELLED') return { state: 'cancelled' };
    if (status === 'TIMED_OUT') return failed('DEADLINE_EXCEEDED', 'The workflow ran longer than its deadline.');
    if (status !== 'FAILED') return failed('WORKFLOW_TERMINATED', `The workflow was ended from outside (${status.toLowerCase()}).`);
    const cause = await this.inTime(result).then(
      () => undefined,
      (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : undefined),
    );
    if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) return failed(cause.type, cause.message);
    if (cause instanceof TimeoutFailure) return failed('DEADLINE_EXCEEDED', 'A stage of the job did not end within its time limit.');
    return failed('INTERNAL', 'The workflow failed; its history says where.');
  }

  private inTime<T>(call: () => Promise<T>): Promise<T> {
    return callTemporal(this.client, CALL_TIMEOUT_MS, call);
  }
}

/** What the server says where a workflow ended with an update under way. */
const ENDED_MEANWHILE = 'AcceptedUpdateCompletedWorkflow';

/** A fault of a stage has the code of the table as its type, below the failure of the activity. */
function refusalOf(error: WorkflowUpdateFailedError): Fault {
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CancelledFailure) return new Fault('CONFLICT', { detail: 'The job is being cancelled.', cause: error });
    if (!(cause instanceof ApplicationFailure)) continue;
    if (cause.type === ENDED_MEANWHILE) return new Fault('CONFLICT', { detail: 'The job has just finished.', cause: error });
    if (isErrorCode(cause.type)) return new Fault(cause.type, { detail: cause.message, cause: error });
  }
  return new Fault('INTERNAL', { detail: 'The change failed; the history of the workflow says where.', cause: error });
}

function awayFault(error: unknown): unknown {
  const isAway = isAwayError(error) || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  return isAway ? new Fault('TEMPORAL_UNAVAILABLE', { detail: 'The workflow could not be reached.', cause: error }) : error;
}

function failed(code: ErrorCode, detail: string): WorkflowEnd {
  return { state: 'failed', error: failureReport(code, detail) };
}
