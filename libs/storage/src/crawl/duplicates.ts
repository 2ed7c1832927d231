import { type ExtractedBatchPage, urlKey } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { digest } from '../digest.js';
import { rows } from '../statement.js';

/** Estimated share of text that two signatures have in common, 0 … 1. */
export type Similarity = (a: string, b: string) => number;

/** Above it a page says what another has said already: about one word in thirty differs. */
const NEAR = 0.9;
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
    const candidate = { key: page.key, url: page.url, signature: page.signature };
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
    select id, url_hash as key, url, signature from crawl_pages where id = any($2::bigint[])
    union
    select id, url_hash, url, signature from crawl_pages where job_id = $1 and url_hash = any($3::text[]) and state in ('stored', 'unchanged')`,
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

function originalOf(page: ExtractedBatchPage, { byFingerprint, byKey }: Candidates, similarity: Similarity): Original | null {
  const same = byFingerprint.get(contentKey(page.contentHash))?.find(({ key }) => key !== page.key);
  if (same !== undefined) return { url: same.url, reason: 'same_content' };
  const shareOf = ({ signature }: Candidate): number =>
    page.signature === null || signature === null ? 0 : similarity(page.signature, signature);
  const near = [...new Set(page.bands.flatMap((band) => byFingerprint.get(band) ?? []))].find(
    (candidate) => candidate.key !== page.key && shareOf(candidate) >= NEAR,
  );
  if (near !== undefined) return { url: near.url, reason: 'near_duplicate' };
  const canonical = byKey.get(canonicalKey(page.page.canonicalUrl, page.key) ?? '');
  return canonical !== undefined && shareOf(canonical) >= CANONICAL ? { url: canonical.url, reason: 'canonical' } : null;
}
