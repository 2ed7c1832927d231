import { randomBytes } from 'node:crypto';
import {
  type JobState,
  type EventDraft,
  type FailureReport,
  type FinalState,
  Fault,
  type JobChange,
  type JobCounts,
  type JobCreation,
  type JobDraft,
  type JobEvent,
  type JobFilter,
  type JobLog,
  type JobReader,
  type JobRecord,
  type JobResult,
  type JobWriter,
  type Page,
  type PageRequest,
  type RetryFrom,
  ZERO_COUNTS,
  ZERO_USAGE,
  isFinal,
  jobWorkflowId,
} from '@gleaner/domain';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The job ports in memory, with the promises that the API rests on: creation is atomic, state and event are written together. */
export class MemoryJobs implements JobReader, JobWriter, JobLog {
  readonly records = new Map<string, Mutable<JobRecord>>();
  readonly log = new Map<string, JobEvent[]>();
  private readonly keys = new Map<string, { bodyHash: string; jobId: string }>();
  private readonly live = new Map<string, string>();
  polls = 0;
  /** Ids of two stores never meet: they may share a Temporal server. */
  private readonly run = randomBytes(4).toString('hex').toUpperCase();

  async create(draft: JobDraft): Promise<JobCreation> {
    const key = draft.idempotency && `${draft.ownerId} ${draft.idempotency.key}`;
    const known = key === undefined ? undefined : this.keys.get(key);
    if (known)
      return known.bodyHash === draft.idempotency?.bodyHash ? { kind: 'replayed', job: this.record(known.jobId) } : { kind: 'mismatch' };
    const liveId = this.live.get(`${draft.ownerId} ${draft.dedupeKey}`);
    const running = liveId === undefined ? undefined : this.records.get(liveId);
    const attached = running !== undefined && !isFinal(running.state);
    const job = attached ? running : this.add(draft);
    if (key !== undefined && draft.idempotency) this.keys.set(key, { bodyHash: draft.idempotency.bodyHash, jobId: job.id });
    return { kind: attached ? 'attached' : 'created', job: { ...job } };
  }

  async retry(ownerId: string, jobId: string, from: RetryFrom = 'failed'): Promise<JobRecord> {
    const failed = this.owned(ownerId, jobId);
    if (from === 'failed' && failed.retriedAs !== null) return { ...this.record(failed.retriedAs) };
    if (!isRetryable(failed, from)) throw new Fault('CONFLICT', { detail: `The job is ${failed.state}.` });
    const options = from === 'extract' ? { ...failed.options, retryFrom: from } : failed.options;
    const creation = await this.create({ ...failed, options, dedupeKey: `again ${jobId}` });
    const again = this.record(creation.kind === 'mismatch' ? '' : creation.job.id);
    again.retryOf = jobId;
    if (from === 'failed') failed.retriedAs = again.id;
    return { ...again };
  }

  async change(ownerId: string, jobId: string, change: JobChange): Promise<JobRecord> {
    const job = this.owned(ownerId, jobId);
    if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job is ${job.state} already.` });
    return { ...Object.assign(job, change) };
  }

  async paused(jobId: string): Promise<void> {
    this.record(jobId).state = 'paused';
    this.write(jobId, { type: 'job.paused' });
  }

  async resumed(jobId: string): Promise<void> {
    this.record(jobId).state = 'running';
    this.write(jobId, { type: 'job.resumed' });
  }

  private owned(ownerId: string, jobId: string): Mutable<JobRecord> {
    const job = this.records.get(jobId);
    if (job?.ownerId !== ownerId) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
    return job;
  }

  private add({ ownerId, kind, input, options, priority, labels, dedupeKey }: JobDraft): JobRecord {
    const id = `job_${this.run}${String(this.records.size + 1).padStart(18, '0')}`;
    const record: JobRecord = {
      id,
      ownerId,
      kind,
      state: 'queued',
      input,
      options,
      priority,
      labels,
      counts: { ...ZERO_COUNTS },
      usage: { ...ZERO_USAGE },
      error: null,
      result: null,
      workflowId: jobWorkflowId(kind, input.url, id),
      runId: null,
      createdAt: new Date().toISOString(),
      startedAt: null,
      finishedAt: null,
      retryOf: null,
      retriedAs: null,
    };
    this.records.set(id, record);
    this.log.set(id, []);
    this.live.set(`${ownerId} ${dedupeKey}`, id);
    return record;
  }

  async started(jobId: string, run: { workflowId: string; runId: string }): Promise<boolean> {
    Object.assign(this.record(jobId), { state: 'running', runId: run.runId, startedAt: new Date().toISOString() });
    this.write(jobId, { type: 'job.started' });
    return true;
  }

  async stateOf(jobId: string): Promise<JobState> {
    return this.record(jobId).state;
  }

  async append(jobId: string, _key: string, event: EventDraft, counts?: Partial<JobCounts>): Promise<void> {
    Object.assign(this.record(jobId).counts, counts);
    this.write(jobId, event);
  }

  async finish(jobId: string, end: { state: FinalState; error?: FailureReport; result?: JobResult }): Promise<boolean> {
    const job = this.record(jobId);
    if (isFinal(job.state)) return false;
    Object.assign(job, { state: end.state, error: end.error ?? null, result: end.result ?? null, finishedAt: new Date().toISOString() });
    this.write(jobId, { type: `job.${end.state}`, ...(end.error ? { error: end.error } : {}) });
    return true;
  }

  async get(ownerId: string, jobId: string): Promise<JobRecord | null> {
    const job = this.records.get(jobId);
    return job?.ownerId === ownerId ? { ...job } : null;
  }

  async list(ownerId: string, filter: JobFilter, { cursor, limit }: PageRequest): Promise<Page<JobRecord>> {
    const all = [...this.records.values()]
      .toReversed()
      .filter((job) => job.ownerId === ownerId && matches(job, filter) && (cursor === undefined || job.id < cursor));
    return { items: all.slice(0, limit), next: all.length > limit ? (all[limit - 1]?.id ?? null) : null };
  }

  async events(jobId: string, afterSeq: number, limit: number): Promise<readonly JobEvent[]> {
    return (this.log.get(jobId) ?? []).slice(afterSeq, afterSeq + limit);
  }

  async eventsOfMany(after: ReadonlyMap<string, number>, limit: number): Promise<readonly JobEvent[]> {
    this.polls++;
    return [...after].flatMap(([jobId, seq]) => (this.log.get(jobId) ?? []).slice(seq)).slice(0, limit);
  }

  async unfinished(before: Date, limit: number): Promise<readonly JobRecord[]> {
    const old = (job: JobRecord) => Date.parse(this.log.get(job.id)?.at(-1)?.at ?? job.createdAt) < before.getTime();
    return [...this.records.values()].filter((job) => !isFinal(job.state) && old(job)).slice(0, limit);
  }

  private record(jobId: string): Mutable<JobRecord> {
    const job = this.records.get(jobId);
    if (!job) throw new Error(`no job ${jobId}`);
    return job;
  }

  private write(jobId: string, draft: EventDraft): void {
    const events = this.log.get(jobId) ?? [];
    events.push({ ...draft, seq: events.length + 1, at: new Date().toISOString(), job: jobId, counts: { ...this.record(jobId).counts } });
  }
}

function isRetryable({ kind, state, counts }: JobRecord, from: RetryFrom): boolean {
  if (from === 'extract') return kind === 'crawl' && isFinal(state);
  return state === 'failed' || state === 'cancelled' || (kind === 'crawl' && state === 'completed' && counts.failed > 0);
}

function matches(job: JobRecord, { kind, state, labels = [], since }: JobFilter): boolean {
  return (
    (kind === undefined || job.kind === kind) &&
    (state === undefined || job.state === state) &&
    labels.every((label) => job.labels.includes(label)) &&
    (since === undefined || Date.parse(job.createdAt) >= Date.parse(since))
  );
}
