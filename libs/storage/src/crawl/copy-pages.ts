import { type CrawlPlan, type FoundPage, type JobCounts, type JudgedPage, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { lockJob } from '../job-ledger.js';
import { firstRow, rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl } from './crawl-row.js';
import { type BandsOf, rememberKept } from './duplicates.js';

/** An earlier crawl whose pages a new one begins with. */
export interface PageOrigin {
  readonly jobId: string;
  /**
   * `again`: what was done stays done, the rest is queued. `extract`: every stored body is extracted anew, and what has none stays
   * without. `known`: every page that was stored is visited again, unless the new crawl does not want it.
   */
  readonly mode: 'again' | 'extract' | 'known';
}

/** Decides which pages belong to a crawl; storage does not know how. */
export type PageJudge = (plan: CrawlPlan) => (page: FoundPage) => JudgedPage;

const COPIED_ROWS = 2_000;
/** Failures before there was a body are repaired by fetching; what failed later goes on from the stored body. */
const AGAIN = `state in ('queued', 'leased', 'fetched', 'extracted', 'failed') or (state = 'skipped' and reason in ('cancelled', 'deadline', 'limit', 'internal'))`;

/** States of pages that an earlier crawl which was cut off left behind. */
const OPEN = `state in ('queued', 'leased', 'fetched', 'extracted')`;
/** There is a body, and extracting it differently may lead to something else. */
const EXTRACTABLE = `snapshot is not null and (state <> 'skipped' or reason in ('cancelled', 'deadline', 'limit', 'internal', 'empty', 'noindex'))`;

/** What becomes of a page of the earlier crawl: its next state, and whether it goes on from its stored body. */
const MODES = {
  again: {
    next: `(case when ${AGAIN} then 'queued' else state end)`,
    // The body of a page that waits for the browser is the shell that sent it there.
    reuse: `snapshot is not null and coalesce(code, '') not in ('EMPTY_CONTENT', 'BLOB_MISSING')
      and not (needs_browser and snapshot ->> 'method' <> 'browser')`,
  },
  extract: { next: `(case when ${EXTRACTABLE} then 'queued' when ${OPEN} then 'skipped' else state end)`, reuse: 'true' },
  known: { next: `(case when out_reason is null then 'queued' else 'skipped' end)`, reuse: 'false' },
} as const satisfies Record<PageOrigin['mode'], object>;

/** A page that the new crawl does not want: under the rule that says so, or not at all. */
interface Unwanted {
  readonly id: string;
  readonly reason: string | null;
  readonly detail: string | null;
}

interface CopyRules {
  readonly afterId: string;
  readonly judge: PageJudge;
  readonly bandsOf: BandsOf;
}

/** Copies the next pages of an earlier crawl, after `afterId`. Returns the last id that was looked at, null at the end. */
export async function copyPages(
  manager: EntityManager,
  plan: CrawlPlan,
  origin: PageOrigin,
  { afterId, judge, bandsOf }: CopyRules,
): Promise<string | null> {
  const { jobId } = plan;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return null;
  const { number } = await lockCrawl(manager, jobId);
  const unwanted = origin.mode === 'known' ? await judgeKnown(manager, origin.jobId, afterId, judge(plan)) : [];
  const copied = await firstRow<{ last: string | null; added: number; admitted: number; counts: Partial<JobCounts>; kept: string[] }>(
    manager,
    copyStatement(origin.mode),
    [jobId, origin.jobId, afterId, storableJson(unwanted)],
  );
  if (copied === null || copied.last === null) return null;
  await rows(manager, 'update crawls set row_count = row_count + $2, admitted = admitted + $3 where job_id = $1', [
    jobId,
    copied.added,
    copied.admitted,
  ]);
  await addCounts(manager, jobId, job.counts, { ...copied.counts, discovered: copied.added });
  // What the earlier crawl stored is not stored again under another URL.
  await rememberKept(manager, { jobId, number }, copied.kept, bandsOf);
  return copied.last;
}

/** $1 is the job, $2 the earlier one, $3 the id to start after, $4 the unwanted pages. */
function copyStatement(mode: PageOrigin['mode']): string {
  const { next, reuse } = MODES[mode];
  const kept = (column: string): string => `case when is_kept then ${column} end`;
  return `
    with earlier as (
      select crawl_pages.*, out.id is not null as is_out, out.reason as out_reason, out.detail as out_detail
      from (select * from crawl_pages where job_id = $2 and id > $3::bigint order by id limit ${COPIED_ROWS}) as crawl_pages
      left join jsonb_to_recordset($4::jsonb) as out (id bigint, reason text, detail text) on out.id = crawl_pages.id
    ),
    judged as (
      select *, ${next} as next, ${next} = state and state <> 'queued' as is_kept from earlier
      where ${mode === 'known' ? `state in ('stored', 'unchanged') and (not is_out or out_reason is not null)` : 'true'}
    ),
    added as (
      insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, reason, detail, code, snapshot, status,
        bytes, method, document_id, duplicate_of, needs_browser, reuse_snapshot, last_modified, timings_ms, signature)
      select $1, url_hash, url, host, pattern, depth, rank, ${mode === 'known' ? `'known'` : 'source'}, next,
        case when is_kept then reason when next = 'skipped' then coalesce(out_reason, 'cancelled') end,
        case when is_kept then detail else out_detail end, ${kept('code')}, snapshot, ${kept('status')}, ${kept('bytes')}, ${kept('method')},
        ${kept('document_id')}, ${kept('duplicate_of')}, needs_browser and ${mode === 'extract' ? 'false' : 'true'},
        next = 'queued' and ${reuse}, last_modified, case when is_kept then timings_ms else '{}'::jsonb end, signature
      from judged order by id
      on conflict (job_id, url_hash) do nothing returning url_hash, host, pattern, state
    ),
    hosts as (insert into crawl_hosts (job_id, host) select distinct $1, host from added where state = 'queued' on conflict do nothing),
    patterns as (
      insert into crawl_patterns as known (job_id, pattern, pages)
      select $1, pattern, count(*) from added where state <> 'skipped' group by pattern
      on conflict (job_id, pattern) do update set pages = known.pages + excluded.pages
    )
    select (select max(id) from earlier)::text as last, (select count(*)::integer from added) as added,
      (select count(*)::integer from added where state in ('stored', 'unchanged')) as admitted,
      array(select url_hash from added where state in ('stored', 'unchanged')) as kept,
      (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*)::integer as n from added
        where state in ('stored', 'unchanged', 'duplicate', 'failed', 'skipped') group by state) as ended) as counts`;
}

/**
 * Which of the next pages the new crawl does not want. A rule about the address holds however a page is found; one that was too deep
 * may be nearer now, so it is left to the links.
 */
async function judgeKnown(
  manager: EntityManager,
  jobId: string,
  afterId: string,
  judge: (page: FoundPage) => JudgedPage,
): Promise<readonly Unwanted[]> {
  const pages = await rows<{ id: string; key: string; url: string; depth: number; state: string }>(
    manager,
    `select id, url_hash as key, url, depth, state from crawl_pages where job_id = $1 and id > $2::bigint order by id limit ${COPIED_ROWS}`,
    [jobId, afterId],
  );
  return pages.flatMap(({ id, key, url, depth, state }): readonly Unwanted[] => {
    if (depth === 0 || (state !== 'stored' && state !== 'unchanged')) return [];
    const { verdict } = judge({ key, url, depth, source: 'known' });
    if (verdict === null) return [];
    return verdict.reason === 'depth' ? [{ id, reason: null, detail: null }] : [{ id, ...verdict }];
  });
}

export async function addCounts(manager: EntityManager, jobId: string, counts: JobCounts, added: Partial<JobCounts>): Promise<void> {
  const total = { ...counts };
  for (const name of Object.keys(added) as (keyof JobCounts)[]) total[name] = (total[name] ?? 0) + (added[name] ?? 0);
  await rows(manager, 'update jobs set counts = $2::jsonb where id = $1', [jobId, storableJson(total)]);
}
