import { type BatchInput, type LeasedBatch, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { lockJob } from '../job-ledger.js';
import { firstRow, rows } from '../statement.js';
import { giveBack } from './record-fetched.js';
import { LEASED_COLUMNS, type LeasedRow, leasedPage, lockCrawl } from './crawl-row.js';

/** Enough to plan the next batches by; counting all would cost more than it tells. */
const MOST_COUNTED = 400;

/**
 * The pages that the batch has already (its worker died), or the best ones that are due. The lock on the crawl makes the
 * limit exact however many batches ask at once. A job that is final gives nothing; one that is paused only what has a body, and
 * takes the rest back.
 */
export async function leaseBatch(manager: EntityManager, { jobId, host, batch }: BatchInput, size: number): Promise<LeasedBatch> {
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return { pages: [], queued: 0, dueInMs: null };
  const crawl = await lockCrawl(manager, jobId);
  const isPaused = job.state === 'paused';
  const returned = isPaused ? await giveBack(manager, { jobId, host, batch }, null) : 0;
  if (returned > 0) await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, returned]);
  const known = await rows<LeasedRow>(
    manager,
    `select ${LEASED_COLUMNS} from crawl_pages where job_id = $1 and batch = $2 and state in ('leased', 'fetched', 'extracted') order by rank, id`,
    [jobId, batch],
  );
  const room = Math.max(0, crawl.settings.limit - crawl.admitted + returned);
  if (known.length > 0 || isPaused) return { pages: known.map(leasedPage), ...(await waiting(manager, jobId, host, room)) };
  const taken = await rows<LeasedRow>(
    manager,
    `
    with best as materialized (
      select id from crawl_pages where job_id = $1 and host = $2 and state = 'queued' and (due_at is null or due_at <= clock_timestamp())
      order by rank, id limit $4
    ),
    taken as (
      update crawl_pages as page set state = 'leased', batch = $3, attempts = attempts + 1, due_at = null, updated_at = clock_timestamp()
      from best where page.id = best.id returning page.*
    )
    select ${LEASED_COLUMNS} from taken order by rank, id`,
    [jobId, host, batch, Math.min(size, room)],
  );
  if (taken.length > 0) await rows(manager, 'update crawls set admitted = admitted + $2 where job_id = $1', [jobId, taken.length]);
  return { pages: taken.map(leasedPage), ...(await waiting(manager, jobId, host, room - taken.length)) };
}

/** What waits for a host: how many may still be taken, and when the first is due. */
export async function waiting(
  manager: EntityManager,
  jobId: string,
  host: string,
  room: number,
): Promise<Pick<LeasedBatch, 'queued' | 'dueInMs'>> {
  if (room <= 0) return { queued: 0, dueInMs: null };
  const found = await firstRow<{ queued: number; waitMs: number | null }>(
    manager,
    `
    with waiting as not materialized (select rank, id, due_at from crawl_pages where job_id = $1 and host = $2 and state = 'queued')
    select (select count(*)::integer from (select from waiting order by rank, id limit $3) as next) as queued,
      case when (select id from waiting where due_at is null or due_at <= clock_timestamp() order by rank, id limit 1) is null
        then (select extract(epoch from due_at - clock_timestamp()) * 1000 from waiting where due_at is not null order by due_at limit 1)::double precision end as "waitMs"`,
    [jobId, host, Math.min(room, MOST_COUNTED)],
  );
  const waitMs = found?.waitMs ?? 0;
  return { queued: found?.queued ?? 0, dueInMs: waitMs > 0 ? Math.ceil(waitMs) : null };
}
