import { type CrawlEnd, type FinishedCrawl, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { lockCrawl } from './crawl-row.js';

const ROWS_A_TURN = 1_000;
const KEYS_A_TURN = 5_000;

const DETAIL: Record<CrawlEnd, string> = {
  limit: 'the limit of pages was reached',
  cancelled: 'the job was cancelled before',
  deadline: 'the deadline of the job came before',
  failed: 'the crawl failed before',
};

/** Ends the pages that are left, some at a time; true when there are none. What only a running crawl needs is removed then. */
export async function endLeft(manager: EntityManager, jobId: string, end: CrawlEnd): Promise<boolean> {
  const job = await lockJob(manager, jobId);
  const crawl = await lockCrawl(manager, jobId);
  const ended = isFinal(job.state)
    ? []
    : await rows<{ held: boolean }>(
        manager,
        `
        with remaining as materialized (
          select id, state <> 'queued' as held from crawl_pages
          where job_id = $1 and state in ('queued', 'leased', 'fetched', 'extracted') limit ${ROWS_A_TURN}
        )
        update crawl_pages as page set state = 'skipped', reason = $2, detail = $3, batch = null, updated_at = clock_timestamp()
        from remaining where page.id = remaining.id returning held`,
        [jobId, end === 'failed' ? 'internal' : end, DETAIL[end]],
      );
  if (ended.length > 0) {
    const event = { type: 'job.progress', message: `${ended.length} pages left: ${DETAIL[end]}` } as const;
    await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event, counts: { skipped: ended.length } }]);
    const released = ended.filter(({ held }) => held).length;
    await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, released]);
  }
  if (ended.length === ROWS_A_TURN) return false;
  const removed = await rows(
    manager,
    `
    delete from crawl_fingerprints
    where ctid = any (array(select ctid from crawl_fingerprints where crawl_number = $1 limit ${KEYS_A_TURN})) returning 1`,
    [crawl.number],
  );
  return removed.length < KEYS_A_TURN;
}

interface Outcome {
  readonly pages: number;
  readonly incomplete: number | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly reason: string | null;
}

/** Pages that can be read, those of them that lack what they must have, and why the start page was not stored where none can be read. */
export async function failureOf(manager: EntityManager, jobId: string): Promise<FinishedCrawl> {
  const [found] = await rows<Outcome>(
    manager,
    `
    select (select count(*)::integer from crawl_pages where job_id = $1 and state in ('stored', 'unchanged')) as pages,
      case when exists (select from crawls where job_id = $1 and settings -> 'asked' is not null) then (
        select count(*)::integer from crawl_pages as page join documents on documents.id = page.document_id
        where page.job_id = $1 and page.state in ('stored', 'unchanged') and field_report ->> 'valid' = 'false'
      ) end as incomplete,
      start.code, start.detail, start.reason
    from crawl_pages as start where job_id = $1 order by depth, state = 'duplicate', id limit 1`,
    [jobId],
  );
  const pages = found?.pages ?? 0;
  const incomplete = found?.incomplete ?? null;
  if (found === undefined || pages > 0) return { pages, failure: null, ...(incomplete === null ? {} : { incomplete }) };
  return {
    pages,
    failure: { code: found.code ?? 'EMPTY_CONTENT', detail: found.detail ?? `nothing was stored (${found.reason ?? 'no page'})` },
  };
}
