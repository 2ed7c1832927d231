import {
  Fault,
  type JobCreation,
  type JobDraft,
  type JobRecord,
  type JobWriter,
  jobWorkflowId,
  ZERO_COUNTS,
  NO_LIMITS,
  type OwnerLimits,
  type RetryFrom,
  ZERO_USAGE,
  isFinal,
} from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { JobEntity } from './entities/job.entity.js';
import { newId } from './identifiers.js';
import { admitJob } from './job-admission.js';
import { jobRecord } from './job-record.js';
import { firstRow, rows } from './statement.js';
import { storableJson, storableText } from './storable-text.js';
import { inTransaction } from './transaction.js';

const LIVE = `state in ('queued', 'running', 'paused')`;
/** Each turn loses only when the job that stood in the way ended between two statements. */
const MAX_TURNS = 5;

/** `limits` hold for every owner for whom nothing else was set. */
export function createJobWriter(database: Database, limits: OwnerLimits = NO_LIMITS): JobWriter {
  return {
    create: (draft) => inTransaction(database, (manager) => create(manager, draft, limits)),
    retry: (ownerId, jobId, from = 'failed') => inTransaction(database, (manager) => retry(manager, { ownerId, jobId, from }, limits)),
    change: (ownerId, jobId, change) =>
      inTransaction(database, async (manager) => {
        const job = await lockOwned(manager, ownerId, jobId);
        if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job is ${job.state} already.` });
        const sql = `update jobs set priority = coalesce($2, priority), labels = coalesce($3::text[], labels), updated_at = clock_timestamp() where id = $1`;
        await rows(manager, sql, [jobId, change.priority ?? null, change.labels ?? null]);
        return load(manager, jobId);
      }),
  };
}

/** Both jobs name each other; the final one keeps its one final event. The lock makes all who retry it at once wait for the first. */
async function retry(
  manager: EntityManager,
  { ownerId, jobId, from }: { readonly ownerId: string; readonly jobId: string; readonly from: RetryFrom },
  limits: OwnerLimits,
): Promise<JobRecord> {
  const failed = await lockOwned(manager, ownerId, jobId);
  // One that was removed since is not the answer any more.
  const earlier = failed.retriedAs === null || from === 'extract' ? null : await manager.findOneBy(JobEntity, { id: failed.retriedAs });
  if (earlier !== null) return jobRecord(earlier);
  const problem = retryProblem(failed, from);
  if (problem !== null) throw new Fault('CONFLICT', { detail: problem });
  const again = await startOrAttach(manager, { job: jobAgain(failed, from), id: newId('job') }, limits);
  await rows(manager, 'update jobs set retry_of = coalesce(retry_of, $2) where id = $1', [again.id, jobId]);
  if (from === 'failed') await rows(manager, 'update jobs set retried_as = $2 where id = $1', [jobId, again.id]);
  return load(manager, again.id);
}

/**
 * The states of a job that extracted again say what is left of it: doing that one again does not begin with extracting. Extracting
 * again is not the same request as the crawl itself, which may run at the moment.
 */
function jobAgain({ id, ownerId, kind, input, options, priority, labels, dedupeHash }: JobEntity, from: RetryFrom): NewJob {
  const { retryFrom: _earlier, ...plain } = options;
  const same = { ownerId, kind, input, priority, labels };
  return from === 'extract'
    ? { ...same, options: { ...plain, retryFrom: from }, dedupeHash: digest(`extract ${id}`) }
    : { ...same, options: plain, dedupeHash };
}

/** A crawl that completed may have pages that failed, and its stored pages can be extracted as often as one likes. */
function retryProblem({ kind, state, counts }: JobEntity, from: RetryFrom): string | null {
  if (from === 'extract' && kind !== 'crawl') return `A job of kind ${kind} cannot begin with extracting: send it anew.`;
  if (from === 'extract') return isFinal(state) ? null : `The job is ${state}: its pages are extracted again when it is final.`;
  if (state === 'failed' || state === 'cancelled') return null;
  if (state === 'completed' && kind === 'crawl') return counts.failed > 0 ? null : 'No page of the job failed.';
  return `The job is ${state}: only a failed or cancelled job is done again.`;
}

/** Throws Fault NOT_FOUND, also for the job of another owner. */
async function lockOwned(manager: EntityManager, ownerId: string, jobId: string): Promise<JobEntity> {
  const owned = await firstRow(manager, 'select id from jobs where id = $1 and owner_id = $2 for no key update', [jobId, ownerId]);
  if (owned === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
  return manager.findOneByOrFail(JobEntity, { id: storableText(jobId) });
}

/**
 * The key is claimed before the request is, always in this order, so that two of the same cannot wait for each other. Both
 * claims are inserts against a unique index: the second comer waits for the first to commit and then sees what it made.
 */
async function create(manager: EntityManager, draft: JobDraft, limits: OwnerLimits): Promise<JobCreation> {
  const id = newId('job');
  const earlier = await claimKey(manager, draft, id);
  if (earlier !== null) return earlier;
  const started = await startOrAttach(manager, { job: { ...draft, dedupeHash: digest(draft.dedupeKey) }, id }, limits);
  if (started.kind === 'attached') await pointKey(manager, draft, started.id);
  return { kind: started.kind, job: await load(manager, started.id) };
}

/** What a row begins with. */
type NewJob = Pick<JobEntity, 'ownerId' | 'kind' | 'input' | 'options' | 'priority' | 'dedupeHash'> & {
  readonly labels: readonly string[];
};

async function startOrAttach(
  manager: EntityManager,
  { job, id }: { readonly job: NewJob; readonly id: string },
  limits: OwnerLimits,
): Promise<{ readonly kind: 'created' | 'attached'; readonly id: string }> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (await insertJob(manager, job, id)) {
      await admitJob(manager, job, limits);
      return { kind: 'created', id };
    }
    const sql = `select id from jobs where owner_id = $1 and dedupe_hash = $2 and ${LIVE}`;
    const live = await firstRow<{ id: string }>(manager, sql, [job.ownerId, job.dedupeHash]);
    if (live !== null) return { kind: 'attached', id: live.id };
  }
  throw new Fault('STORAGE_UNAVAILABLE', { detail: 'The same request kept starting and ending at this moment.' });
}

async function claimKey(manager: EntityManager, { ownerId, idempotency }: JobDraft, jobId: string): Promise<JobCreation | null> {
  if (idempotency === undefined) return null;
  const keyHash = digest(idempotency.key);
  const claimed = await rows(
    manager,
    `
    insert into idempotency_keys (owner_id, key_hash, body_hash, job_id) values ($1, $2, $3, $4)
    on conflict (owner_id, key_hash) do nothing returning job_id`,
    [ownerId, keyHash, idempotency.bodyHash, jobId],
  );
  if (claimed.length > 0) return null;
  const sql = `select body_hash as "bodyHash", job_id as "jobId" from idempotency_keys where owner_id = $1 and key_hash = $2`;
  const known = await firstRow<{ bodyHash: string; jobId: string }>(manager, sql, [ownerId, keyHash]);
  if (known === null)
    throw new Fault('STORAGE_UNAVAILABLE', { detail: 'The Idempotency-Key was removed at this moment; send the request again.' });
  if (known.bodyHash !== idempotency.bodyHash) return { kind: 'mismatch' };
  return { kind: 'replayed', job: await load(manager, known.jobId) };
}

/** The key leads to the job that the request was attached to, also after that job has ended. */
async function pointKey(manager: EntityManager, { ownerId, idempotency }: JobDraft, jobId: string): Promise<void> {
  if (idempotency === undefined) return;
  await rows(manager, 'update idempotency_keys set job_id = $3 where owner_id = $1 and key_hash = $2', [
    ownerId,
    digest(idempotency.key),
    jobId,
  ]);
}

async function insertJob(manager: EntityManager, draft: NewJob, id: string): Promise<boolean> {
  const inserted = await rows(
    manager,
    `
    insert into jobs (id, owner_id, kind, input, options, priority, labels, counts, usage, workflow_id, dedupe_hash)
    values ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7::text[], $8::jsonb, $9::jsonb, $10, $11)
    on conflict (owner_id, dedupe_hash) where ${LIVE} do nothing
    returning id`,
    [
      id,
      draft.ownerId,
      draft.kind,
      storableJson(draft.input),
      storableJson(draft.options),
      draft.priority,
      draft.labels,
      storableJson(ZERO_COUNTS),
      storableJson(ZERO_USAGE),
      jobWorkflowId(draft.kind, draft.input.url, id),
      draft.dedupeHash,
    ],
  );
  return inserted.length > 0;
}

async function load(manager: EntityManager, id: string): Promise<JobRecord> {
  return jobRecord(await manager.findOneByOrFail(JobEntity, { id }));
}
