import { type CrawlPlan, type CrawlSettings, Fault, type LeasedPage, type PageTimings, type Snapshot } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { firstRow } from '../statement.js';

/** A crawl whose row is locked until the transaction ends. It is always taken after the row of its job. */
export interface LockedCrawl {
  readonly number: number;
  readonly settings: CrawlSettings;
  readonly admitted: number;
  readonly rowCount: number;
}

/** Locks the crawl's row. Throws Fault NOT_FOUND. */
export async function lockCrawl(manager: EntityManager, jobId: string): Promise<LockedCrawl> {
  const sql = `select number, settings, admitted, row_count as "rowCount" from crawls where job_id = $1 for no key update`;
  return (await firstRow<LockedCrawl>(manager, sql, [jobId])) ?? noCrawl(jobId);
}

/** Throws Fault NOT_FOUND. */
export async function readPlan(manager: EntityManager, jobId: string): Promise<CrawlPlan> {
  const sql = `select job_id as "jobId", owner_id as "ownerId", settings, start_urls as "startUrls" from crawls where job_id = $1`;
  return (await firstRow<CrawlPlan>(manager, sql, [jobId])) ?? noCrawl(jobId);
}

function noCrawl(jobId: string): never {
  throw new Fault('NOT_FOUND', { detail: `There is no crawl ${jobId}.` });
}

/** Columns of a page that a batch works on, as `LeasedRow`. */
export const LEASED_COLUMNS = `url_hash as key, url, depth, attempts, state, needs_browser as "needsBrowser",
  case when reuse_snapshot or state <> 'leased' then snapshot end as snapshot, last_modified as "lastModified", timings_ms as timings`;

export interface LeasedRow extends Pick<LeasedPage, 'key' | 'url' | 'depth' | 'attempts' | 'state' | 'needsBrowser'> {
  readonly snapshot: Snapshot | null;
  readonly lastModified: Date | null;
  readonly timings: PageTimings;
}

export function leasedPage({ lastModified, timings, ...row }: LeasedRow): LeasedPage {
  return { ...row, lastModified: lastModified?.toISOString() ?? null, fetchMs: timings.fetch ?? 0 };
}
