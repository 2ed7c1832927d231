import {
  type BatchToStore,
  type DocumentRecord,
  type EmbeddedChunk,
  type EmbeddingLabel,
  type PageEnd,
  type ExtractedBatchPage,
  type StoreBatchOutcome,
  Fault,
  embedsAtLeast,
  isFinal,
  urlKey,
} from '@gleaner/domain';
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { type DocumentWithChunks, insertDocuments } from '../document-batch.js';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { type LockedCrawl, lockCrawl } from './crawl-row.js';
import { type Similarity, addFingerprints, findOriginals, fingerprintsOf } from './duplicates.js';
import { countPatterns, endPages } from './end-pages.js';
import { waiting } from './lease-batch.js';

/** What PGlite takes in one transaction before others have waited too long (a tenth of a second): in pages, and in characters of text. */
const MAX_PAGES = 10;
const MAX_CHARACTERS = 600_000;

function charactersOf({ markdown, text, links }: ExtractedBatchPage['page']): number {
  return links.reduce((sum, link) => sum + link.url.length + link.text.length, markdown.length + text.length);
}

/** Pages for one transaction each; a page that is larger alone is a transaction of its own. */
export function* transactionsOf(pages: readonly ExtractedBatchPage[]): Generator<readonly ExtractedBatchPage[]> {
  let part: ExtractedBatchPage[] = [];
  let characters = 0;
  for (const page of pages) {
    const length = charactersOf(page.page);
    if (part.length === MAX_PAGES || (part.length > 0 && characters + length > MAX_CHARACTERS)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(page);
    characters += length;
  }
  if (part.length > 0) yield part;
}

/**
 * Documents, chunks, ledger, counters and events of some pages of a batch, all or nothing. Pages that are not `extracted` any
 * more were stored by an earlier attempt and are passed over. Throws Fault CONFLICT when the job is final.
 */
export async function storePages(
  manager: EntityManager,
  batch: Omit<BatchToStore, 'pages'>,
  pages: readonly ExtractedBatchPage[],
  similarity: Similarity,
): Promise<number> {
  const { jobId } = batch;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job ${jobId} ended before these pages were stored.` });
  const crawl = await lockCrawl(manager, jobId);
  const open = await openPages(manager, batch, pages);
  const { ends, kept, unchanged } = await sortOut(manager, batch, crawl, open, similarity);
  const ids = await insertDocuments(
    manager,
    kept.map((page) => withChunks(batch, page)),
  );
  const stored = kept.map((page, index) => ({ ...page, documentId: ids[index] ?? '' }));
  await markStored(manager, batch, stored);
  await markUnchanged(manager, unchanged);
  await remember(manager, crawl, [...stored, ...unchanged]);
  const traps = await countPatterns(
    manager,
    jobId,
    stored.map(({ pattern }) => ({ pattern, isRepeat: false })),
  );
  const events = stored.map(({ key, url, embedding }) => ({
    key: `page:stored:${key}`,
    event: { type: 'page.stored', stage: 'store', url } as const,
    counts: { stored: 1, ...(embedding.mode === 'vector' ? { embedded: 1 } : {}) },
  }));
  const told = await addEvents(manager, job, [...events, ...traps]);
  const { released } = await endPages(manager, batch, told, ends);
  if (released > 0) await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, released]);
  return stored.length;
}

type OpenPage = ExtractedBatchPage & { readonly id: string; readonly pattern: string };

async function openPages(
  manager: EntityManager,
  { jobId, batch }: Pick<BatchToStore, 'jobId' | 'batch'>,
  pages: readonly ExtractedBatchPage[],
): Promise<readonly OpenPage[]> {
  const found = await rows<{ key: string; id: string; pattern: string }>(
    manager,
    `select url_hash as key, id, pattern from crawl_pages where job_id = $1 and batch = $2 and url_hash = any($3::text[]) and state = 'extracted'`,
    [jobId, batch, pages.map(({ key }) => key)],
  );
  const open = new Map(found.map((row) => [row.key, row]));
  return [...new Map(pages.map((page) => [page.key, page])).values()].flatMap((page) => {
    const row = open.get(page.key);
    return row === undefined ? [] : [{ ...page, id: row.id, pattern: row.pattern }];
  });
}

/** Which pages are stored, and what the others repeat. */
async function sortOut(
  manager: EntityManager,
  { jobId, ownerId }: Pick<BatchToStore, 'jobId' | 'ownerId'>,
  crawl: LockedCrawl,
  pages: readonly OpenPage[],
  similarity: Similarity,
): Promise<{ readonly ends: readonly PageEnd[]; readonly kept: readonly OpenPage[]; readonly unchanged: readonly OpenPage[] }> {
  const originals = await findOriginals(manager, { jobId, number: crawl.number }, pages, similarity);
  const distinct = pages.filter(({ key }) => !originals.has(key));
  const same = crawl.settings.refresh ? await findUnchanged(manager, ownerId, distinct) : new Map<string, string>();
  const ends: PageEnd[] = [];
  const kept: OpenPage[] = [];
  for (const page of pages) {
    const original = originals.get(page.key);
    const documentId = same.get(page.key);
    if (original !== undefined)
      ends.push({ key: page.key, state: 'duplicate', reason: original.reason, detail: null, duplicateOf: original.url });
    else if (documentId !== undefined) ends.push({ key: page.key, state: 'unchanged', reason: null, detail: null, documentId });
    else kept.push(page);
  }
  return { ends, kept, unchanged: distinct.filter(({ key }) => same.has(key)) };
}

/** Pages whose current document says the same, was made in the same way, and is embedded as well: page key → document id. */
async function findUnchanged(manager: EntityManager, ownerId: string, pages: readonly OpenPage[]): Promise<ReadonlyMap<string, string>> {
  const current = await rows<CurrentDocument>(
    manager,
    `
    select url_hash as key, id, content_hash as "contentHash", title, embedding ->> 'mode' as mode,
      extraction_method || coalesce(' ' || template_version, '') as made,
      case when field_report is not null then fields end as fields, field_report ->> 'asked' as asked
    from documents where owner_id = $1 and url_hash = any($2::text[]) and is_current`,
    [ownerId, pages.map(({ key }) => key)],
  );
  const known = new Map(current.map((row) => [row.key, row]));
  return new Map(
    pages.flatMap(({ key, contentHash, page, embedding }) => {
      const row = known.get(key);
      const made = `${page.method}${page.version === null ? '' : ` ${page.version}`}`;
      const isSame =
        row?.contentHash === contentHash &&
        row.title === page.title &&
        row.made === made &&
        embedsAtLeast(row.mode, embedding.mode) &&
        answersTheSame(row, page);
      return isSame ? [[key, row.id] as const] : [];
    }),
  );
}

interface CurrentDocument {
  readonly key: string;
  readonly id: string;
  readonly contentHash: string;
  readonly title: string;
  readonly mode: EmbeddingLabel['mode'];
  readonly made: string;
  /** Null where it was asked for nothing. */
  readonly fields: object | null;
  readonly asked: string | null;
}

/** What was asked for, then and now, has the same values; what a page has unasked follows from how it was made. */
function answersTheSame({ fields, asked }: CurrentDocument, page: ExtractedBatchPage['page']): boolean {
  if (fields === null || page.fieldReport === undefined) return fields === null && page.fieldReport === undefined;
  return asked === page.fieldReport.asked && isDeepStrictEqual(fields, page.fields);
}

function withChunks({ jobId, ownerId }: Pick<BatchToStore, 'jobId' | 'ownerId'>, stored: OpenPage): DocumentWithChunks {
  const { snapshot, page, analysis, contentHash, embedding, url, timingsMs, chunks, vectors = {} } = stored;
  const document: Omit<DocumentRecord, 'id'> = {
    ownerId,
    jobId,
    page,
    analysis,
    contentHash,
    embedding,
    url,
    urlKey: urlKey(new URL(url)),
    finalUrl: snapshot.finalUrl,
    canonicalUrl: page.canonicalUrl,
    status: snapshot.status,
    fetchedAt: snapshot.fetchedAt,
    snapshotHash: snapshot.body.hash,
    fetchMethod: snapshot.method,
    timingsMs: { learn: 0, analyze: 0, store: 0, ...timingsMs },
  };
  const embedded: EmbeddedChunk[] = chunks.map((chunk) => ({ ...chunk, vector: vectors[chunk.contentHash] ?? null }));
  return { document, chunks: embedded };
}

async function markStored(
  manager: EntityManager,
  { jobId }: Pick<BatchToStore, 'jobId'>,
  pages: readonly (OpenPage & { readonly documentId: string })[],
): Promise<void> {
  if (pages.length === 0) return;
  await rows(
    manager,
    `
    update crawl_pages as page set state = 'stored', batch = null, document_id = stored.document_id, signature = stored.signature,
      updated_at = clock_timestamp()
    from jsonb_to_recordset($2::jsonb) as stored (id bigint, document_id text, signature text)
    where page.id = stored.id and page.job_id = $1`,
    [jobId, storableJson(pages.map(({ id, documentId, signature }) => ({ id, document_id: documentId, signature })))],
  );
}

async function markUnchanged(manager: EntityManager, pages: readonly OpenPage[]): Promise<void> {
  if (pages.length === 0) return;
  await rows(
    manager,
    `
    update crawl_pages as page set signature = known.signature
    from jsonb_to_recordset($1::jsonb) as known (id bigint, signature text) where page.id = known.id`,
    [storableJson(pages.map(({ id, signature }) => ({ id, signature })))],
  );
}

/** Pages that others may repeat from now on. */
async function remember(manager: EntityManager, crawl: LockedCrawl, pages: readonly OpenPage[]): Promise<void> {
  if (pages.length === 0) return;
  await addFingerprints(
    manager,
    crawl.number,
    pages.map((page) => ({ id: page.id, fingerprints: fingerprintsOf(page) })),
  );
}

export async function outcomeOf(
  manager: EntityManager,
  { jobId, host }: Pick<BatchToStore, 'jobId' | 'host'>,
  stored: number,
): Promise<StoreBatchOutcome> {
  const crawl = await lockCrawl(manager, jobId);
  const { queued } = await waiting(manager, jobId, host, crawl.settings.limit - crawl.admitted);
  return { stored, queued };
}
