import { type EventDraft, Fault, type JobCounts, type JobState, type JobUsage, ZERO_COUNTS, ZERO_USAGE } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { firstRow, rows } from './statement.js';
import { storableJson } from './storable-text.js';

/** A job whose row is locked until the transaction ends: whoever holds it is the only writer of its log. */
export interface LockedJob {
  readonly id: string;
  readonly state: JobState;
  readonly lastSeq: number;
  readonly counts: JobCounts;
}

const MAX_MESSAGE_LENGTH = 2_000;

/** Locks the job's row. Throws Fault NOT_FOUND. */
export async function lockJob(manager: EntityManager, jobId: string): Promise<LockedJob> {
  // "no key": foreign keys that point here are checked without waiting for the log.
  const sql = `select id, state, last_seq as "lastSeq", counts from jobs where id = $1 for no key update`;
  const found = await firstRow<LockedJob>(manager, sql, [jobId]);
  if (found === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
  return found;
}

/**
 * Adds the next event and the counters in one statement; answers false, and changes nothing, when the key was used before.
 * The lock makes the numbers gapless, the unique key makes a repeat harmless.
 */
export async function addEvent(
  manager: EntityManager,
  job: LockedJob,
  key: string,
  event: EventDraft,
  counts: Partial<JobCounts> = {},
): Promise<boolean> {
  const total = storableJson(sum(job.counts, counts));
  const added = await rows(
    manager,
    `
    with added as (
      insert into job_events (job_id, seq, event_key, type, stage, url, message, error, counts)
      values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::jsonb)
      on conflict (job_id, event_key) do nothing
      returning seq
    )
    update jobs set last_seq = added.seq, counts = $9::jsonb, updated_at = clock_timestamp()
    from added where jobs.id = $1
    returning jobs.id`,
    [
      job.id,
      job.lastSeq + 1,
      key,
      event.type,
      event.stage ?? null,
      event.url ?? null,
      event.message?.slice(0, MAX_MESSAGE_LENGTH) ?? null,
      event.error === undefined ? null : storableJson(event.error),
      total,
    ],
  );
  return added.length > 0;
}

/** An event with its key and what it adds to the counters. */
export interface KeyedEvent {
  readonly key: string;
  readonly event: EventDraft;
  readonly counts?: Partial<JobCounts>;
}

/**
 * Adds many events in one statement; each carries the counters right after it. The caller's own transaction makes sure that
 * they are told once: a key that was used before is an error here. Returns the job as it is now.
 */
export async function addEvents(manager: EntityManager, job: LockedJob, events: readonly KeyedEvent[]): Promise<LockedJob> {
  if (events.length === 0) return job;
  let counts = job.counts;
  const batch = events.map(({ key, event, counts: added = {} }, index) => {
    counts = sum(counts, added);
    return {
      seq: job.lastSeq + 1 + index,
      event_key: key,
      type: event.type,
      stage: event.stage ?? null,
      url: event.url ?? null,
      message: event.message?.slice(0, MAX_MESSAGE_LENGTH) ?? null,
      error: event.error ?? null,
      counts,
    };
  });
  const lastSeq = job.lastSeq + batch.length;
  await rows(
    manager,
    `
    with added as (
      insert into job_events (job_id, seq, event_key, type, stage, url, message, error, counts)
      select $1, seq, event_key, type, stage, url, message, error, counts from jsonb_to_recordset($2::jsonb)
        as event (seq integer, event_key text, type text, stage text, url text, message text, error jsonb, counts jsonb)
    )
    update jobs set last_seq = $3, counts = $4::jsonb, updated_at = clock_timestamp() where id = $1`,
    [job.id, storableJson(batch), lastSeq, storableJson(counts)],
  );
  return { ...job, lastSeq, counts };
}

/** Adds to what the job used of models; the job's row is locked. */
export async function addUsage(manager: EntityManager, jobId: string, added: Partial<JobUsage>): Promise<void> {
  const found = await firstRow<{ usage: JobUsage }>(manager, 'select usage from jobs where id = $1', [jobId]);
  const usage: JobUsage = { ...ZERO_USAGE, ...found?.usage };
  for (const name of Object.keys(usage) as (keyof JobUsage)[]) usage[name] += added[name] ?? 0;
  await rows(manager, 'update jobs set usage = $2::jsonb where id = $1', [jobId, storableJson(usage)]);
}

function sum(counts: JobCounts, added: Partial<JobCounts>): JobCounts {
  const total = { ...ZERO_COUNTS, ...counts };
  for (const name of Object.keys(total) as (keyof JobCounts)[]) total[name] += added[name] ?? 0;
  return total;
}
