import { type CrawlInput, type CrawlPlan, Fault, type RetryFrom, crawlSettings, isFinal, shapeOf, siteOf, urlKey } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { digest } from '../digest.js';
import { lockJob } from '../job-ledger.js';
import { firstRow, rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl } from './crawl-row.js';
import { type PageOrigin, addCounts } from './copy-pages.js';
import { addFound } from './found-pages.js';

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

/** Where the pages of a new crawl come from besides its start page; null: from nowhere. */
export async function sourceOf(manager: EntityManager, { jobId, ownerId, settings }: CrawlPlan): Promise<PageOrigin | null> {
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

/** Where the start page of the earlier crawl led to belongs to the site from the beginning: its pages are judged before it is fetched again. */
export async function inheritStart(manager: EntityManager, jobId: string, origin: PageOrigin): Promise<void> {
  await rows(
    manager,
    `
    update crawls set start_urls = earlier.start_urls from crawls as earlier
    where crawls.job_id = $1 and earlier.job_id = $2 and cardinality(crawls.start_urls) = 1 and earlier.start_urls[1] = crawls.start_urls[1]`,
    [jobId, origin.jobId],
  );
}
