import {
  type CrawlInput,
  type CrawlPlan,
  Fault,
  type JobCounts,
  type RetryFrom,
  crawlSettings,
  isFinal,
  shapeOf,
  siteOf,
  urlKey,
} from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { digest } from '../digest.js';
import { lockJob } from '../job-ledger.js';
import { firstRow, rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl } from './crawl-row.js';
import { addFound } from './found-pages.js';

const COPIED_ROWS = 2_000;
/** Failures before there was a body are repaired by fetching; what failed later goes on from the stored body. */
const AGAIN = `state in ('queued', 'leased', 'fetched', 'extracted', 'failed') or (state = 'skipped' and reason in ('cancelled', 'deadline', 'limit', 'internal'))`;

/** States of pages that an earlier crawl which was cut off left behind. */
const OPEN = `state in ('queued', 'leased', 'fetched', 'extracted')`;
/** There is a body, and extracting it differently may lead to something else. */
const EXTRACTABLE = `snapshot is not null and (state <> 'skipped' or reason in ('cancelled', 'deadline', 'limit', 'internal', 'empty', 'noindex'))`;

/** What `contentKey` makes of a content hash: what was stored by the earlier crawl is not stored again under another URL. */
const CONTENT_KEY = `('x' || right(documents.content_hash, 16))::bit(64)::bigint`;

interface CrawlJob {
  readonly ownerId: string;
  readonly kind: string;
  readonly input: CrawlInput;
  readonly retryFrom: RetryFrom | null;
}

/** Makes the row of the crawl; one that is there stays as it is. Throws Fault NOT_FOUND when the job is not a crawl. */
export async function makeCrawl(manager: EntityManager, jobId: string): Promise<void> {
  const sql = `select owner_id as "ownerId", kind, input, case when retry_of is not null then options ->> 'retryFrom' end as "retryFrom" from jobs where id = $1`;
  const asked = await firstRow<CrawlJob>(manager, sql, [jobId]);
  if (asked?.kind !== 'crawl') throw new Fault('NOT_FOUND', { detail: `There is no crawl ${jobId}.` });
  const start = startOf(asked.input.url);
  await rows(
    manager,
    `
    insert into crawls (job_id, owner_id, start_hash, settings, start_urls) values ($1, $2, $3, $4::jsonb, $5::text[])
    on conflict (job_id) do nothing`,
    [jobId, asked.ownerId, digest(urlKey(start)), storableJson(crawlSettings(asked.input, asked.retryFrom ?? undefined)), [start.href]],
  );
}

/** Puts the start page into the ledger where it is not in it, unless nothing is fetched; returns the hosts that have pages to work on. */
export async function addStart(manager: EntityManager, { jobId, settings }: CrawlPlan): Promise<readonly string[]> {
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return [];
  const crawl = await lockCrawl(manager, jobId);
  const start = startOf(settings.url);
  const page = { url: start.href, key: digest(urlKey(start)), depth: 0, source: 'start' } as const;
  const found = crawl.settings.offline ? [] : [{ ...page, host: siteOf(start), pattern: shapeOf(start), verdict: null }];
  const { added } = await addFound(manager, jobId, crawl, found);
  if (added > 0) await addCounts(manager, jobId, job.counts, { discovered: added });
  return hostsOf(manager, jobId);
}

function startOf(url: string): URL {
  const start = new URL(url);
  start.hash = '';
  return start;
}

async function hostsOf(manager: EntityManager, jobId: string): Promise<readonly string[]> {
  const found = await rows<{ host: string }>(
    manager,
    `select host from crawl_hosts where job_id = $1
     and exists (select from crawls where job_id = $1 and admitted < (settings ->> 'limit')::integer)
     and exists (select from crawl_pages where crawl_pages.job_id = $1 and crawl_pages.host = crawl_hosts.host and state = 'queued') order by host`,
    [jobId],
  );
  return found.map(({ host }) => host);
}

async function addCounts(manager: EntityManager, jobId: string, counts: JobCounts, added: Partial<JobCounts>): Promise<void> {
  const total = { ...counts };
  for (const name of Object.keys(added) as (keyof JobCounts)[]) total[name] = (total[name] ?? 0) + (added[name] ?? 0);
  await rows(manager, 'update jobs set counts = $2::jsonb where id = $1', [jobId, storableJson(total)]);
}

/** Where the pages of a new crawl come from besides its start page; null: from nowhere. */
export async function sourceOf(
  manager: EntityManager,
  { jobId, ownerId, settings }: CrawlPlan,
): Promise<{ readonly jobId: string; readonly mode: 'again' | 'extract' | 'known' } | null> {
  const asked = await firstRow<{ readonly retryOf: string | null; readonly options: { readonly retryFrom?: RetryFrom } }>(
    manager,
    'select retry_of as "retryOf", options from jobs where id = $1',
    [jobId],
  );
  if (asked?.retryOf) return { jobId: asked.retryOf, mode: asked.options.retryFrom === 'extract' ? 'extract' : 'again' };
  if (!settings.refresh) return null;
  const earlier = await firstRow<{ jobId: string }>(
    manager,
    `
    select crawls.job_id as "jobId" from crawls join jobs on jobs.id = crawls.job_id
    where crawls.owner_id = $1 and start_hash = $2 and crawls.job_id < $3 and jobs.state in ('completed', 'failed', 'cancelled')
    order by crawls.job_id desc limit 1`,
    [ownerId, digest(urlKey(new URL(settings.url))), jobId],
  );
  return earlier === null ? null : { jobId: earlier.jobId, mode: 'known' };
}

/**
 * Copies the next pages of an earlier crawl, after `afterId`. `again`: what was done stays done, the rest is queued. `extract`:
 * every stored body is extracted anew, and what has none stays without. `known`: every page that was stored is visited again. Returns the last id, null at the end.
 */
export async function copyPages(
  manager: EntityManager,
  jobId: string,
  source: { readonly jobId: string; readonly mode: 'again' | 'extract' | 'known' },
  afterId: string,
): Promise<string | null> {
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return null;
  const { number } = await lockCrawl(manager, jobId);
  const state = STATE_OF[source.mode];
  const copied = await firstRow<{ last: string | null; added: number; admitted: number; counts: Partial<JobCounts> }>(
    manager,
    `
    with earlier as (
      select * from crawl_pages where job_id = $2 and id > $3::bigint order by id limit ${COPIED_ROWS}
    ),
    added as (
      insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, reason, detail, code, snapshot, status,
        bytes, method, document_id, duplicate_of, needs_browser, reuse_snapshot, last_modified, timings_ms)
      select $1, url_hash, url, host, pattern, depth, rank, ${source.mode === 'known' ? `'known'` : 'source'}, ${state},
        case when ${state} = 'queued' then null when ${OPEN} then 'cancelled' else reason end, case when ${state} = 'queued' then null else detail end,
        case when ${state} = 'queued' then null else code end, snapshot,
        case when ${state} = 'queued' then null else status end, case when ${state} = 'queued' then null else bytes end,
        case when ${state} = 'queued' then null else method end,
        case when ${state} = 'queued' then null else document_id end, case when ${state} = 'queued' then null else duplicate_of end,
        needs_browser and ${source.mode === 'extract' ? 'false' : 'true'},
        ${reuseOf(source.mode, state)},
        last_modified, case when ${state} = 'queued' then '{}'::jsonb else timings_ms end
      from earlier where ${source.mode === 'known' ? `state in ('stored', 'unchanged')` : 'true'} order by id
      on conflict (job_id, url_hash) do nothing returning id, host, pattern, state, document_id
    ),
    hosts as (insert into crawl_hosts (job_id, host) select distinct $1, host from added where state = 'queued' on conflict do nothing),
    patterns as (
      insert into crawl_patterns as known (job_id, pattern, pages)
      select $1, pattern, count(*) from added where state <> 'skipped' group by pattern
      on conflict (job_id, pattern) do update set pages = known.pages + excluded.pages
    ),
    texts as (
      insert into crawl_fingerprints (crawl_number, fingerprint, page_id)
      select $4, ${CONTENT_KEY}, added.id from added join documents on documents.id = added.document_id where added.state in ('stored', 'unchanged')
    )
    select (select max(id) from earlier)::text as last, (select count(*)::integer from added) as added,
      (select count(*)::integer from added where state in ('stored', 'unchanged')) as admitted,
      (select coalesce(jsonb_object_agg(state, n), '{}') from (select state, count(*)::integer as n from added
        where state in ('stored', 'unchanged', 'duplicate', 'failed', 'skipped') group by state) as ended) as counts`,
    [jobId, source.jobId, afterId, number],
  );
  if (copied === null || copied.last === null) return null;
  await rows(manager, 'update crawls set row_count = row_count + $2, admitted = admitted + $3 where job_id = $1', [
    jobId,
    copied.added,
    copied.admitted,
  ]);
  await addCounts(manager, jobId, job.counts, { ...copied.counts, discovered: copied.added });
  return copied.last;
}

const STATE_OF = {
  again: `(case when ${AGAIN} then 'queued' else state end)`,
  extract: `(case when ${EXTRACTABLE} then 'queued' when ${OPEN} then 'skipped' else state end)`,
  known: `'queued'`,
} as const;

/** Whether a copied page goes on from its stored body. */
function reuseOf(mode: keyof typeof STATE_OF, state: string): string {
  if (mode === 'known') return 'false';
  if (mode === 'extract') return `${state} = 'queued'`;
  return `${state} = 'queued' and snapshot is not null and coalesce(code, '') not in ('EMPTY_CONTENT', 'BLOB_MISSING')`;
}
