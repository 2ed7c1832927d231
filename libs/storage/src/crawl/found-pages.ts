import { COMBINED_QUERY, CRAWL_LIMITS, type JudgedPage, mostRows } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { jsonBatches } from '../json-batches.js';
import { rows } from '../statement.js';
import { storableText, storableValue } from '../storable-text.js';
import type { LockedCrawl } from './crawl-row.js';

/** A batch of pages can have 100,000 links: no statement names all of them. */
const PAGES_A_TURN = 500;
const MAX_DETAIL_LENGTH = 500;

/** What came of found pages, for the counters of the job. */
export interface AddedPages {
  readonly added: number;
  readonly skipped: number;
  readonly newHosts: readonly string[];
}

/**
 * Adds the pages that the ledger does not have. The crawl is locked. Pages beyond the bounds of the ledger are forgotten; those
 * of a pattern that is a trap, or of a host too many, are kept as skipped.
 */
export async function addFound(
  manager: EntityManager,
  jobId: string,
  crawl: LockedCrawl,
  pages: readonly JudgedPage[],
): Promise<AddedPages> {
  const room = Math.max(0, mostRows(crawl.settings) - crawl.rowCount);
  const distinct = [...new Map(pages.map((page) => [page.key, page])).values()];
  const newHosts: string[] = [];
  let added = 0;
  let skipped = 0;
  for (let start = 0; start < distinct.length && added < room; start += PAGES_A_TURN) {
    const turn = distinct.slice(start, start + PAGES_A_TURN).map((page) => storableValue(page) as JudgedPage);
    const unseen = (await withoutKnown(manager, jobId, turn)).slice(0, room - added);
    const bounded = await boundHosts(manager, jobId, await boundPatterns(manager, jobId, unseen));
    newHosts.push(...bounded.newHosts);
    const inserted = await insert(manager, jobId, bounded.judged);
    added += inserted.length;
    skipped += inserted.filter(({ state }) => state === 'skipped').length;
  }
  if (added > 0) await rows(manager, 'update crawls set row_count = row_count + $2 where job_id = $1', [jobId, added]);
  return { added, skipped, newHosts };
}

async function withoutKnown(manager: EntityManager, jobId: string, pages: readonly JudgedPage[]): Promise<readonly JudgedPage[]> {
  const unseen = new Map(pages.map((page) => [page.key, page]));
  const known = await rows<{ key: string }>(
    manager,
    'select url_hash as key from crawl_pages where job_id = $1 and url_hash = any($2::text[])',
    [jobId, [...unseen.keys()]],
  );
  for (const { key } of known) unseen.delete(key);
  return [...unseen.values()];
}

/** A query can make endless pages of one address: what a pattern with a query has beyond its limit is a trap. */
async function boundPatterns(manager: EntityManager, jobId: string, pages: readonly JudgedPage[]): Promise<readonly JudgedPage[]> {
  const wanted = new Map<string, number>();
  for (const { pattern, verdict } of pages) if (verdict === null) wanted.set(pattern, (wanted.get(pattern) ?? 0) + 1);
  if (wanted.size === 0) return pages;
  const patterns = [...wanted.keys()].toSorted();
  const counted = await rows<{ pattern: string; pages: number; isTrap: boolean }>(
    manager,
    `
    insert into crawl_patterns as known (job_id, pattern, pages)
    select $1, pattern, pages from unnest($2::text[], $3::integer[]) as wanted (pattern, pages)
    on conflict (job_id, pattern) do update set pages = known.pages + excluded.pages
    returning pattern, pages, seen >= $4 and repeats >= seen * $5::double precision as "isTrap"`,
    [jobId, patterns, patterns.map((pattern) => wanted.get(pattern) ?? 0), CRAWL_LIMITS.trapSample, CRAWL_LIMITS.trapShare],
  );
  const standing = new Map(counted.map((row) => [row.pattern, row]));
  return pages.map((page) => {
    const row = page.verdict === null ? standing.get(page.pattern) : undefined;
    if (row === undefined) return page;
    if (row.isTrap) return trapped(page, `pages like ${page.pattern} repeat others`);
    const most = mostOf(page.pattern);
    return row.pages > most ? trapped(page, `more than ${most} pages like ${page.pattern}`) : page;
  });
}

function mostOf(pattern: string): number {
  if (pattern.endsWith(COMBINED_QUERY)) return CRAWL_LIMITS.pagesPerCombinedQuery;
  return pattern.includes('?') ? CRAWL_LIMITS.pagesPerQueryPattern : Number.POSITIVE_INFINITY;
}

function trapped(page: JudgedPage, detail: string): JudgedPage {
  return { ...page, verdict: { reason: 'trap', detail } };
}

/** Remembers the hosts of pages to fetch; those of a host too many are a trap. */
async function boundHosts(
  manager: EntityManager,
  jobId: string,
  pages: readonly JudgedPage[],
): Promise<{ readonly judged: readonly JudgedPage[]; readonly newHosts: readonly string[] }> {
  const wanted = [...new Set(pages.filter(({ verdict }) => verdict === null).map(({ host }) => host))].toSorted();
  if (wanted.length === 0) return { judged: pages, newHosts: [] };
  const known = await rows<{ host: string }>(manager, 'select host from crawl_hosts where job_id = $1', [jobId]);
  const hosts = new Set(known.map(({ host }) => host));
  const newHosts = wanted.filter((host) => !hosts.has(host)).slice(0, Math.max(0, CRAWL_LIMITS.hosts - hosts.size));
  if (newHosts.length > 0)
    await rows(manager, 'insert into crawl_hosts (job_id, host) select $1, unnest($2::text[]) on conflict do nothing', [jobId, newHosts]);
  const served = new Set([...hosts, ...newHosts]);
  const judged = pages.map((page) =>
    page.verdict === null && !served.has(page.host) ? trapped(page, `more than ${CRAWL_LIMITS.hosts} hosts of one site`) : page,
  );
  return { judged, newHosts };
}

/** Shallow pages first, at the same depth those that a sitemap calls important. */
function rankOf({ depth, priority = 0.5 }: JudgedPage): number {
  const share = Number.isFinite(priority) ? Math.min(1, Math.max(0, priority)) : 0.5;
  return depth * 100 + Math.round((1 - share) * 99);
}

/** PostgreSQL reads no year 0 and none of more than four digits, and sitemaps have both. */
function timeOf({ lastModified }: JudgedPage): string | null {
  const time = Date.parse(lastModified ?? '');
  const iso = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^(?!0000)\d/.test(iso) ? iso : null;
}

async function insert(manager: EntityManager, jobId: string, pages: readonly JudgedPage[]): Promise<readonly { state: string }[]> {
  const inserted: { state: string }[] = [];
  for (const batch of jsonBatches(pages, rowOf, PAGES_A_TURN)) {
    const added = await rows<{ state: string }>(
      manager,
      `
      insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, reason, detail, last_modified)
      select $1, url_hash, url, host, pattern, depth, rank, source, state, reason, detail, last_modified
      from jsonb_to_recordset($2::jsonb) as found (url_hash text, url text, host text, pattern text, depth integer, rank integer,
        source text, state text, reason text, detail text, last_modified timestamptz)
      on conflict (job_id, url_hash) do nothing returning state`,
      [jobId, batch],
    );
    inserted.push(...added);
  }
  return inserted;
}

function rowOf(page: JudgedPage): Record<string, unknown> {
  return {
    url_hash: page.key,
    url: page.url,
    host: page.host,
    pattern: page.pattern,
    depth: page.depth,
    rank: rankOf(page),
    source: page.source,
    state: page.verdict === null ? 'queued' : 'skipped',
    reason: page.verdict?.reason ?? null,
    detail: page.verdict === null ? null : storableText(page.verdict.detail).slice(0, MAX_DETAIL_LENGTH),
    last_modified: timeOf(page),
  };
}
