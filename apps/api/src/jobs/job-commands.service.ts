import {
  type ApiKeyRecord,
  type CrawlChange,
  Fault,
  type JobChange,
  type JobCreation,
  type JobKind,
  type JobLog,
  type JobReader,
  type JobRecord,
  type JobWriter,
  type RetryFrom,
  isFinal,
} from '@gleaner/domain';
import type { JobRequest } from '@gleaner/domain/schema';
import { Inject, Injectable } from '@nestjs/common';
import { JobEvents } from '../events/job-events.service.js';
import { invalidInput } from '../http/problem.js';
import { JOB_LOG, JOB_READER, JOB_WRITER } from '../platform/platform.module.js';
import { JobWorkflows, SIGNALS } from '../temporal/job-workflows.service.js';
import { bodyHashOf, dedupeKeyOf } from './job-identity.js';

/** Somebody waits for a page; a crawl goes on for long, and lets single pages pass. */
const DEFAULT_PRIORITY: Record<JobKind, number> = { extract: 2, learn: 3, crawl: 4 };

export type Created = Exclude<JobCreation, { kind: 'mismatch' }>;

/** What callers do to jobs: create, wait for, cancel. */
@Injectable()
export class JobCommands {
  constructor(
    @Inject(JOB_READER) private readonly reader: JobReader,
    @Inject(JOB_WRITER) private readonly writer: JobWriter,
    @Inject(JOB_LOG) private readonly jobLog: JobLog,
    private readonly workflows: JobWorkflows,
    private readonly events: JobEvents,
  ) {}

  /** The row commits first, then the workflow starts: what dies in between is found by the reconciler. Throws Fault IDEMPOTENCY_MISMATCH. */
  async create(caller: ApiKeyRecord, request: JobRequest, idempotencyKey: string | undefined): Promise<Created> {
    const creation = await this.writer.create({
      ownerId: caller.ownerId,
      kind: request.kind,
      input: request.input as JobRecord['input'],
      options: {},
      priority: request.priority ?? DEFAULT_PRIORITY[request.kind],
      labels: request.labels ?? [],
      dedupeKey: dedupeKeyOf(request),
      ...(idempotencyKey === undefined ? {} : { idempotency: { key: idempotencyKey, bodyHash: bodyHashOf(request) } }),
    });
    if (creation.kind === 'mismatch')
      throw new Fault('IDEMPOTENCY_MISMATCH', { detail: 'This Idempotency-Key came with another body before.' });
    if (creation.kind === 'created') await this.workflows.startSoon(creation.job);
    return creation;
  }

  /** The job as it is when it is final, or when the time is over. */
  async wait(job: JobRecord, seconds: number, gone: AbortSignal): Promise<JobRecord> {
    if (!isFinal(job.state) && seconds > 0) await this.events.untilFinal(job.ownerId, job.id, seconds * 1_000, gone);
    return this.get(job.ownerId, job.id);
  }

  /** Asks the workflow to cancel; a job that has none yet is finished here. Throws Fault CONFLICT when the job is final. */
  async cancel(caller: ApiKeyRecord, jobId: string): Promise<JobRecord> {
    const job = await this.get(caller.ownerId, jobId);
    if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job is ${job.state} already.` });
    const asked = await this.workflows.cancel(job.workflowId);
    if (!asked && !(await this.jobLog.finish(job.id, { state: 'cancelled' })))
      throw new Fault('CONFLICT', { detail: 'The job has just finished.' });
    return this.get(caller.ownerId, jobId);
  }

  /** Asks the workflow to wait before its next stage, or to go on. Throws Fault CONFLICT when the job is final. */
  async turn(caller: ApiKeyRecord, jobId: string, direction: 'pause' | 'resume'): Promise<JobRecord> {
    const job = await this.get(caller.ownerId, jobId);
    if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job is ${job.state} already.` });
    if (!(await this.workflows.tell(job, SIGNALS[direction]))) throw new Fault('CONFLICT', { detail: 'The job has just finished.' });
    return this.get(caller.ownerId, jobId);
  }

  /** A new job that does again what failed of a final one, or extracts its pages anew. Throws Fault CONFLICT. */
  async retry(caller: ApiKeyRecord, jobId: string, from: RetryFrom = 'failed'): Promise<JobRecord> {
    const job = await this.writer.retry(caller.ownerId, jobId, from);
    if (job.state === 'queued') await this.workflows.startSoon(job);
    return job;
  }

  /**
   * Changes a job that is not final, and tells its workflow what concerns the stages to come. `crawl` comes first: what is refused
   * changes nothing. Throws INVALID_INPUT for it on a job of another kind, and Fault CONFLICT.
   */
  async steer(caller: ApiKeyRecord, jobId: string, change: JobChange, crawl: CrawlChange): Promise<JobRecord> {
    if (Object.keys(crawl).length > 0) await this.changeCrawl(await this.get(caller.ownerId, jobId), crawl);
    const job = await this.writer.change(caller.ownerId, jobId, change);
    // A job that ended in between has kept its change, and no stage is left that it could reach.
    if (change.priority !== undefined) await this.workflows.tell(job, SIGNALS.steer({ priority: change.priority }));
    return job;
  }

  private async changeCrawl(job: JobRecord, change: CrawlChange): Promise<void> {
    if (job.kind !== 'crawl')
      throw invalidInput(Object.keys(change).map((name) => ({ path: `options.${name}`, message: 'can only be changed of a crawl' })));
    if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job is ${job.state} already.` });
    if (!(await this.workflows.changeCrawl(job, change))) throw new Fault('CONFLICT', { detail: 'The job has just finished.' });
  }

  async get(ownerId: string, jobId: string): Promise<JobRecord> {
    const job = await this.reader.get(ownerId, jobId);
    if (job === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
    return job;
  }
}
