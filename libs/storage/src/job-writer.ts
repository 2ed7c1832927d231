import {
  Fault,
  type JobCreation,
  type JobDraft,
  type JobRecord,
  type JobWriter,
  jobWorkflowId,
  ZERO_COUNTS,
  ZERO_USAGE,
} from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { JobEntity } from './entities/job.entity.js';
import { newId } from './identifiers.js';
import { jobRecord } from './job-record.js';
import { firstRow, rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { inTransaction } from './transaction.js';

const LIVE = `state in ('queued', 'running', 'paused')`;
/** Each turn loses only when the job that stood in the way ended between two statements. */
const MAX_TURNS = 5;

export function createJobWriter(database: Database): JobWriter {
  return { create: (draft) => inTransaction(database, (manager) => create(manager, draft)) };
}

/**
 * The key is claimed before the request is, always in this order, so that two of the same cannot wait for each other. Both
 * claims are inserts against a unique index: the second comer waits for the first to commit and then sees what it made.
 */
async function create(manager: EntityManager, draft: JobDraft): Promise<JobCreation> {
  const id = newId('job');
  const earlier = await claimKey(manager, draft, id);
  if (earlier !== null) return earlier;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (await insertJob(manager, draft, id)) return { kind: 'created', job: await load(manager, id) };
    const live = await firstRow<{ id: string }>(manager, `select id from jobs where owner_id = $1 and dedupe_hash = $2 and ${LIVE}`, [
      draft.ownerId,
      digest(draft.dedupeKey),
    ]);
    if (live === null) continue;
    await pointKey(manager, draft, live.id);
    return { kind: 'attached', job: await load(manager, live.id) };
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

async function insertJob(manager: EntityManager, draft: JobDraft, id: string): Promise<boolean> {
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
      digest(draft.dedupeKey),
    ],
  );
  return inserted.length > 0;
}

async function load(manager: EntityManager, id: string): Promise<JobRecord> {
  return jobRecord(await manager.findOneByOrFail(JobEntity, { id }));
}
