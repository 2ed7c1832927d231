import {
  type BatchInput,
  type CrawlInput,
  type CrawlLedger,
  type CrawlPlan,
  type EmbeddedChunk,
  type ExtractedBatchPage,
  type FoundPage,
  type JobCounts,
  type JudgedPage,
  type LedgerState,
  type PageEnd,
  type PageFetched,
  type PageSource,
  type Snapshot,
  urlKey,
} from '@gleaner/domain';
import { expect } from 'vitest';
import type { Database } from '../database.js';
import { digest } from '../digest.js';
import { createJobLog } from '../job-log.js';
import { chunkOf, createJob, documentOf, newOwner } from '../samples.contract.js';
import { createCrawlLedger } from './crawl-ledger.js';

export const START = 'https://a.example/';
export const HOST = 'a.example';

/** Signatures of the contract are words with spaces between: the share of those that both have. */
function similarity(a: string, b: string): number {
  const [one, two] = [new Set(a.split(' ')), new Set(b.split(' '))];
  const both = [...one].filter((word) => two.has(word)).length;
  return both / (one.size + two.size - both);
}

/** The keys of a signature of the contract: those of its words. */
export function bandsOf(signature: string): readonly string[] {
  return signature.split(' ').map((word) => String(BigInt.asIntN(64, BigInt(`0x${digest(word).slice(0, 16)}`))));
}

/** Rules of the contract: an exclude is a path, and hosts other than those of the start pages are out. */
export function judge({ settings, startUrls }: CrawlPlan): (page: FoundPage) => JudgedPage {
  return (page) => {
    const { host, pathname } = new URL(page.url);
    const isOut = settings.exclude.includes(pathname) || !startUrls.some((start) => new URL(start).host === host);
    const verdict = isOut ? ({ reason: 'out_of_scope', detail: 'a rule' } as const) : null;
    const isDeep = page.depth > settings.depth;
    return { ...page, host, pattern: pathname, verdict: verdict ?? (isDeep ? { reason: 'depth', detail: 'too deep' } : null) };
  };
}

export function ledgerOf(database: Database): CrawlLedger {
  return createCrawlLedger(database, { similarity, bandsOf, judge });
}

export function urlOf(name: string): string {
  return new URL(name, START).href;
}

export function keyOf(name: string): string {
  return digest(urlKey(new URL(name, START)));
}

export interface SampleCrawl {
  readonly database: Database;
  readonly ledger: CrawlLedger;
  readonly jobId: string;
  readonly ownerId: string;
  batch(name: string, host?: string): BatchInput;
}

export async function openCrawl(database: Database, input: Partial<CrawlInput> = {}, ownerId: string = newOwner()): Promise<SampleCrawl> {
  const job = await createJob(database, ownerId, { kind: 'crawl', input: { url: START, ...input } });
  await createJobLog(database).started(job.id, { workflowId: job.workflowId, runId: 'run' });
  await ledgerOf(database).open(job.id);
  return crawlOf(database, job.id, ownerId);
}

export function crawlOf(database: Database, jobId: string, ownerId: string): SampleCrawl {
  return { database, ledger: ledgerOf(database), jobId, ownerId, batch: (batch, host = HOST) => ({ jobId, host, batch }) };
}

export async function endJob({ database, jobId }: SampleCrawl, state: 'completed' | 'failed' | 'cancelled'): Promise<void> {
  await createJobLog(database).finish(jobId, { state });
}

export function foundPage(name: string, change: Partial<JudgedPage> = {}): JudgedPage {
  const url = urlOf(name);
  const source: PageSource = 'link';
  return { url, key: keyOf(name), depth: 1, source, host: new URL(url).host, pattern: new URL(url).pathname, verdict: null, ...change };
}

export function snapshotOf(name: string, change: Partial<Snapshot> = {}): Snapshot {
  const url = urlOf(name);
  return {
    body: { hash: `sha256:${digest(`body ${url}`)}`, bytes: 10 },
    url,
    finalUrl: url,
    status: 200,
    contentType: 'text/html',
    charset: 'utf-8',
    method: 'http',
    fetchedAt: '2026-01-02T03:04:05.000Z',
    redirects: [],
    ...change,
  };
}

export function fetchedPage(name: string, change: Partial<Snapshot> = {}): PageFetched {
  return { kind: 'fetched', key: keyOf(name), snapshot: snapshotOf(name, change), notModified: false, fetchMs: 7 };
}

export function endOf(name: string, change: Partial<PageEnd> = {}): PageEnd {
  return { key: keyOf(name), state: 'failed', reason: 'http_error', detail: 'HTTP 500', code: 'CONNECT_FAILED', ...change };
}

export function endedPage(name: string, change: Partial<PageEnd> = {}): PageFetched {
  return { kind: 'ended', end: endOf(name, change), fetchMs: 1 };
}

export function redirectedPage(name: string, to: string | JudgedPage): PageFetched {
  const target = typeof to === 'string' ? foundPage(to, { source: 'redirect' }) : to;
  return { kind: 'redirected', key: keyOf(name), to: target, snapshot: snapshotOf(name, { finalUrl: target.url }), fetchMs: 3 };
}

export function againPage(name: string, afterMs: number): PageFetched {
  return { kind: 'again', key: keyOf(name), code: 'FETCH_TIMEOUT', detail: 'too slow', afterMs };
}

export interface SampleText {
  readonly text?: string;
  readonly canonicalUrl?: string | null;
  readonly bands?: readonly string[];
  readonly signature?: string | null;
  readonly fetchedAt?: string;
  readonly title?: string;
  readonly chunks?: readonly EmbeddedChunk[];
}

export function extractedPage(name: string, sample: SampleText = {}): ExtractedBatchPage {
  const { text = `text of ${name}`, canonicalUrl = null, bands = [], signature = null, title = 'A title', chunks = [chunkOf(0)] } = sample;
  const { page, analysis } = documentOf({ id: 'job_x', ownerId: 'usr_x' });
  return {
    key: keyOf(name),
    url: urlOf(name),
    depth: 1,
    snapshot: snapshotOf(name, sample.fetchedAt === undefined ? {} : { fetchedAt: sample.fetchedAt }),
    page: { ...page, text, markdown: text, canonicalUrl, title, links: [] },
    analysis,
    chunks,
    embedding: { mode: 'lexical' },
    contentHash: `sha256:${digest(text)}`,
    bands,
    signature,
    timingsMs: { fetch: 1, extract: 1, embed: 0 },
  };
}

/** Leases pages, fetches and extracts those named, and leaves the store to the caller. */
export async function extractPages(crawl: SampleCrawl, batch: BatchInput, names: readonly string[]): Promise<void> {
  await crawl.ledger.fetched(
    batch,
    names.map((name) => fetchedPage(name)),
  );
  const pages = names.map((name) => ({ key: keyOf(name), templateId: 'tpl_a', extractMs: 2 }));
  await crawl.ledger.extracted(batch, { pages, ends: [], shells: [], found: [] });
}

export async function storePages(crawl: SampleCrawl, batch: BatchInput, pages: readonly ExtractedBatchPage[]): Promise<number> {
  return (await crawl.ledger.store({ ...batch, ownerId: crawl.ownerId, pages })).stored;
}

/** Puts pages into the ledger, and takes them, with the start page, through all stages but the last. */
export async function extractedBatch(crawl: SampleCrawl, names: readonly string[], name = `${HOST}#1`): Promise<BatchInput> {
  await crawl.ledger.found(
    crawl.jobId,
    names.map((page) => foundPage(page)),
  );
  const batch = crawl.batch(name);
  await crawl.ledger.lease(batch, 1_000);
  await extractPages(crawl, batch, names);
  return batch;
}

export interface PageRow {
  readonly url: string;
  readonly state: LedgerState;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly duplicateOf: string | null;
  readonly documentId: string | null;
  readonly batch: string | null;
  readonly attempts: number;
  readonly hasSnapshot: boolean;
  readonly reuse: boolean;
}

export async function pageRows({ database, jobId }: SampleCrawl): Promise<readonly PageRow[]> {
  return database.dataSource.query(
    `select url, state, reason, detail, duplicate_of as "duplicateOf", document_id as "documentId", batch, attempts,
       snapshot is not null as "hasSnapshot", reuse_snapshot as reuse from crawl_pages where job_id = $1 order by id`,
    [jobId],
  );
}

/** The row of one page. */
export async function pageRow(crawl: SampleCrawl, name: string): Promise<PageRow | undefined> {
  return (await pageRows(crawl)).find(({ url }) => url === urlOf(name));
}

export interface Standing {
  readonly counts: JobCounts;
  readonly admitted: number;
  readonly rowCount: number;
  readonly lastSeq: number;
}

export async function standingOf({ database, jobId }: SampleCrawl): Promise<Standing> {
  const [row] = await database.dataSource.query(
    `select counts, admitted, row_count as "rowCount", last_seq as "lastSeq" from jobs join crawls on job_id = jobs.id where jobs.id = $1`,
    [jobId],
  );
  return row;
}

/** Everything of a job that a repeat must leave as it is. */
export async function everythingOf(crawl: SampleCrawl): Promise<unknown> {
  const query = (sql: string): Promise<unknown> => crawl.database.dataSource.query(sql, [crawl.jobId]);
  return {
    pages: await query(`select * from crawl_pages where job_id = $1 order by id`),
    crawl: await query('select * from crawls where job_id = $1'),
    patterns: await query('select * from crawl_patterns where job_id = $1 order by pattern'),
    documents: await query('select id, is_current from documents where job_id = $1 order by id'),
    job: await query('select counts, last_seq from jobs where id = $1'),
  };
}

const HELD: ReadonlySet<LedgerState> = new Set(['leased', 'fetched', 'extracted', 'stored', 'unchanged']);

/** What holds for a crawl after every change, whatever was repeated. */
export async function expectLaws(crawl: SampleCrawl): Promise<void> {
  const { database, jobId } = crawl;
  const pages = await pageRows(crawl);
  const { counts, admitted, rowCount, lastSeq } = await standingOf(crawl);
  const inState = (state: LedgerState): number => pages.filter((page) => page.state === state).length;
  for (const state of ['stored', 'unchanged', 'duplicate', 'failed', 'skipped'] as const)
    expect({ [state]: counts[state] }).toEqual({ [state]: inState(state) });
  expect({ admitted, rowCount, discovered: counts.discovered }).toEqual({
    admitted: pages.filter(({ state }) => HELD.has(state)).length,
    rowCount: pages.length,
    discovered: pages.length,
  });
  expect(new Set(pages.map(({ url }) => url)).size).toBe(pages.length);
  for (const { state, batch } of pages) expect(batch !== null).toBe(HELD.has(state) && state !== 'stored' && state !== 'unchanged');
  const events: readonly { seq: number; type: string; url: string | null }[] = await database.dataSource.query(
    'select seq, type, url from job_events where job_id = $1 order by seq',
    [jobId],
  );
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(lastSeq).toBe(events.length);
  const ends = events.filter(({ type }) => type.startsWith('page.')).map(({ url }) => url);
  expect(new Set(ends).size).toBe(ends.length);
  const [odd] = await database.dataSource.query(
    `select (select count(*) from documents where job_id = $1 and id not in (select document_id from crawl_pages where job_id = $1 and document_id is not null))::integer as orphans,
       (select count(*) from chunks join documents on documents.id = document_id where job_id = $1 and not is_current)::integer as stale`,
    [jobId],
  );
  expect(odd).toEqual({ orphans: 0, stale: 0 });
}
