import { type ExtractedBatchPage, urlKey } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { digest } from '../digest.js';
import { rows } from '../statement.js';

/** Estimated share of text that two signatures have in common, 0 … 1. */
export type Similarity = (a: string, b: string) => number;

/**
 * Above it a page says what another has said already: a handful of words differ. Pages of one kind with one title may differ in one
 * word in forty. Losing a page is worse than keeping two, and pages made from one mould share much.
 */
const NEAR = 0.97;
const NEAR_NAMESAKE = 0.85;
/** A page that names another as the canonical one is believed when both have at least half of their text in common. */
const CANONICAL = 0.5;

export interface Original {
  readonly url: string;
  readonly reason: 'same_content' | 'near_duplicate' | 'canonical';
}

interface Candidate {
  readonly key: string;
  readonly url: string;
  readonly signature: string | null;
  readonly title: string | null;
  readonly type: string | null;
}

/** Stored pages that are looked at for one fingerprint: pages of one template can share a band by the thousand. */
const MOST_CANDIDATES = 16;

/** The last 64 bits of a content hash: the key under which exactly the same text is found. */
function contentKey(contentHash: string): string {
  return String(BigInt.asIntN(64, BigInt(`0x${contentHash.slice(-16)}`)));
}

export function fingerprintsOf(page: Pick<ExtractedBatchPage, 'contentHash' | 'bands'>): readonly string[] {
  return [...new Set([contentKey(page.contentHash), ...page.bands])];
}

/** The keys under which pages of a crawl are found from now on. */
export async function addFingerprints(
  manager: EntityManager,
  crawlNumber: number,
  pages: readonly { readonly id: string; readonly fingerprints: readonly string[] }[],
): Promise<void> {
  const keys = pages.flatMap(({ id, fingerprints }) => fingerprints.map((fingerprint) => ({ fingerprint, pageId: id })));
  if (keys.length === 0) return;
  await rows(
    manager,
    `
    insert into crawl_fingerprints (crawl_number, fingerprint, page_id)
    select $1, unnest($2::bigint[]), unnest($3::bigint[]) on conflict do nothing`,
    [crawlNumber, keys.map(({ fingerprint }) => fingerprint), keys.map(({ pageId }) => pageId)],
  );
}

/** Keys of a page signature under which pages with nearly the same text are found, as decimal bigints. */
export type BandsOf = (signature: string) => readonly string[];

/** Pages that keep the document of an earlier crawl can be repeated by others like those that are stored: by its text, and by their signature. */
export async function rememberKept(
  manager: EntityManager,
  crawl: { readonly jobId: string; readonly number: number },
  keys: readonly string[],
  bandsOf: BandsOf,
): Promise<void> {
  if (keys.length === 0) return;
  const kept = await rows<{ id: string; signature: string | null; contentHash: string }>(
    manager,
    `
    select page.id, page.signature, document.content_hash as "contentHash"
    from crawl_pages as page join documents as document on document.id = page.document_id
    where page.job_id = $1 and page.url_hash = any($2::text[]) and page.state in ('stored', 'unchanged')`,
    [crawl.jobId, keys],
  );
  const pages = kept.map(({ id, signature, contentHash }) => ({
    id,
    fingerprints: fingerprintsOf({ contentHash, bands: signature === null ? [] : bandsOf(signature) }),
  }));
  await addFingerprints(manager, crawl.number, pages);
}

/** What findOriginals compares with: the stored pages by fingerprint, and by their key. */
interface Candidates {
  readonly byFingerprint: Map<string, Candidate[]>;
  readonly byKey: Map<string, Candidate>;
}

/**
 * The stored page of the crawl that each of these repeats; pages of the list are compared with those before them too. Pages
 * without any text repeat nothing.
 */
export async function findOriginals(
  manager: EntityManager,
  crawl: { readonly jobId: string; readonly number: number },
  pages: readonly ExtractedBatchPage[],
  similarity: Similarity,
): Promise<ReadonlyMap<string, Original>> {
  const { byFingerprint, byKey } = await findCandidates(manager, crawl, pages);
  const originals = new Map<string, Original>();
  for (const page of pages) {
    const original = page.page.text.trim() === '' ? null : originalOf(page, { byFingerprint, byKey }, similarity);
    if (original !== null) {
      originals.set(page.key, original);
      continue;
    }
    const { title, type } = page.page;
    const candidate = { key: page.key, url: page.url, signature: page.signature, title, type };
    byKey.set(page.key, candidate);
    for (const fingerprint of fingerprintsOf(page)) byFingerprint.set(fingerprint, [...(byFingerprint.get(fingerprint) ?? []), candidate]);
  }
  return originals;
}

async function findCandidates(
  manager: EntityManager,
  { jobId, number }: { readonly jobId: string; readonly number: number },
  pages: readonly ExtractedBatchPage[],
): Promise<Candidates> {
  const found = await rows<{ fingerprint: string; id: string }>(
    manager,
    `
    select known.fingerprint::text as fingerprint, known.page_id as id
    from unnest($2::bigint[]) as wanted (fingerprint) cross join lateral (
      select fingerprint, page_id from crawl_fingerprints
      where crawl_number = $1 and crawl_fingerprints.fingerprint = wanted.fingerprint order by page_id limit ${MOST_CANDIDATES}
    ) as known order by known.page_id`,
    [number, [...new Set(pages.flatMap(fingerprintsOf))]],
  );
  const canonicals = pages.flatMap(({ key, page }) => canonicalKey(page.canonicalUrl, key) ?? []);
  const stored = await rows<Candidate & { readonly id: string }>(
    manager,
    `
    select page.id, page.url_hash as key, page.url, page.signature, document.title, document.type from (
      select id, url_hash, url, signature, document_id from crawl_pages where id = any($2::bigint[])
      union
      select id, url_hash, url, signature, document_id from crawl_pages
      where job_id = $1 and url_hash = any($3::text[]) and state in ('stored', 'unchanged')
    ) as page left join documents as document on document.id = page.document_id`,
    [jobId, [...new Set(found.map(({ id }) => id))], canonicals],
  );
  const byId = new Map(stored.map(({ id, ...candidate }) => [id, candidate]));
  const byFingerprint = new Map<string, Candidate[]>();
  for (const { fingerprint, id } of found) {
    const candidate = byId.get(id);
    if (candidate !== undefined) byFingerprint.set(fingerprint, [...(byFingerprint.get(fingerprint) ?? []), candidate]);
  }
  return { byFingerprint, byKey: new Map(stored.map((candidate) => [candidate.key, candidate])) };
}

/** The key of the page that is named as the canonical one; null when that is the page itself, or no page. */
function canonicalKey(canonicalUrl: string | null, own: string): string | null {
  if (canonicalUrl === null || !URL.canParse(canonicalUrl)) return null;
  const key = digest(urlKey(new URL(canonicalUrl)));
  return key === own ? null : key;
}

function nearOf({ page: { title, type } }: ExtractedBatchPage, candidate: Candidate): number {
  return candidate.title === title && candidate.type === type ? NEAR_NAMESAKE : NEAR;
}

function originalOf(page: ExtractedBatchPage, { byFingerprint, byKey }: Candidates, similarity: Similarity): Original | null {
  const same = byFingerprint.get(contentKey(page.contentHash))?.find(({ key }) => key !== page.key);
  if (same !== undefined) return { url: same.url, reason: 'same_content' };
  const shareOf = ({ signature }: Candidate): number =>
    page.signature === null || signature === null ? 0 : similarity(page.signature, signature);
  const near = [...new Set(page.bands.flatMap((band) => byFingerprint.get(band) ?? []))].find(
    (candidate) => candidate.key !== page.key && shareOf(candidate) >= nearOf(page, candidate),
  );
  if (near !== undefined) return { url: near.url, reason: 'near_duplicate' };
  const canonical = byKey.get(canonicalKey(page.page.canonicalUrl, page.key) ?? '');
  return canonical !== undefined && shareOf(canonical) >= CANONICAL ? { url: canonical.url, reason: 'canonical' } : null;
}
