import { Fault, type FinalState, isFinal, isFinalEvent, type JobLog, type JobState } from '@gleaner/domain';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { addEvent, addUsage, lockJob } from './job-ledger.js';
import { rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { inTransaction } from './transaction.js';

const FINAL_EVENT = { completed: 'job.completed', failed: 'job.failed', cancelled: 'job.cancelled' } as const satisfies Record<
  FinalState,
  string
>;
const MAX_PLAIN_KEY_LENGTH = 200;

/** State, counters and events of jobs; see `JobLog`. Throws Fault NOT_FOUND for an unknown job. */
export function createJobLog(database: Database): JobLog {
  return {
    started: (jobId, run) =>
      inTransaction(database, async (manager) => {
        const job = await lockJob(manager, jobId);
        if (isFinal(job.state)) return false;
        await rows(
          manager,
          `
        update jobs set state = case when state = 'queued' then 'running' else state end,
          started_at = coalesce(started_at, clock_timestamp()), workflow_id = $2, run_id = $3
        where id = $1`,
          [jobId, run.workflowId, run.runId],
        );
        await addEvent(manager, job, 'job:started', { type: 'job.started' });
        return true;
      }),

    append: async (jobId, key, event, counts, usage) => {
      if (isFinalEvent(event.type)) throw new Fault('INTERNAL', { detail: `Only finish() writes ${event.type}.` });
      await inTransaction(database, async (manager) => {
        const job = await lockJob(manager, jobId);
        const isNew = !isFinal(job.state) && (await addEvent(manager, job, callerKey(key), event, counts));
        if (isNew && usage !== undefined) await addUsage(manager, jobId, usage);
      });
    },

    paused: (jobId, key) => turn(database, jobId, { key, type: 'job.paused', from: ['queued', 'running'], to: 'paused' }),
    resumed: (jobId, key) => turn(database, jobId, { key, type: 'job.resumed', from: ['paused'], to: 'running' }),
    stateOf: (jobId) => inTransaction(database, async (manager) => (await lockJob(manager, jobId)).state),

    finish: (jobId, { state, error, result }) =>
      inTransaction(database, async (manager) => {
        const job = await lockJob(manager, jobId);
        if (isFinal(job.state)) return false;
        await addEvent(manager, job, 'job:final', { type: FINAL_EVENT[state], ...(error === undefined ? {} : { error }) });
        await rows(
          manager,
          `
        update jobs set state = $2, error = $3::jsonb, result = $4::jsonb, finished_at = clock_timestamp()
        where id = $1`,
          [jobId, state, error === undefined ? null : storableJson(error), result === undefined ? null : storableJson(result)],
        );
        return true;
      }),
  };
}

interface Turn {
  readonly key: string;
  readonly type: 'job.paused' | 'job.resumed';
  readonly from: readonly JobState[];
  readonly to: JobState;
}

/** State and event together, and once: a repeat finds its key used and changes neither. */
async function turn(database: Database, jobId: string, { key, type, from, to }: Turn): Promise<void> {
  await inTransaction(database, async (manager) => {
    const job = await lockJob(manager, jobId);
    if (isFinal(job.state) || !(await addEvent(manager, job, callerKey(key), { type }))) return;
    await rows(manager, 'update jobs set state = $2 where id = $1 and state = any($3::text[])', [jobId, to, from]);
  });
}

/** Keys of callers live in their own name space and fit an index entry. */
function callerKey(key: string): string {
  return `step:${key.length > MAX_PLAIN_KEY_LENGTH ? digest(key) : key}`;
}
