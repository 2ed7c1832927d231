import type { ExtractedBatchPage } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
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
  readonly fingerprint: string;
  readonly url: string;
  readonly signature: string | null;
  readonly title: string;
  readonly type: string;
}

/** The first 63 bits of a content hash: the key under which exactly the same text is found. */
export function contentKey(contentHash: string): string {
  return String(BigInt.asIntN(64, BigInt(`0x${contentHash.slice(-16)}`)));
}

export function fingerprintsOf(page: Pick<ExtractedBatchPage, 'contentHash' | 'bands'>): readonly string[] {
  return [...new Set([contentKey(page.contentHash), ...page.bands])];
}

/**
 * The stored page of the crawl that each of these repeats; pages of the list are compared with those before them too. Pages
 * without any text repeat nothing.
 */
export async function findOriginals(
  manager: EntityManager,
  crawlNumber: number,
  pages: readonly ExtractedBatchPage[],
  similarity: Similarity,
): Promise<ReadonlyMap<string, Original>> {
  const wanted = [...new Set(pages.flatMap(fingerprintsOf))];
  const stored = await rows<Candidate>(
    manager,
    `
    select known.fingerprint::text as fingerprint, page.url, page.signature, document.title, document.type
    from crawl_fingerprints as known join crawl_pages as page on page.id = known.page_id
      join documents as document on document.id = page.document_id
    where known.crawl_number = $1 and known.fingerprint = any($2::bigint[])`,
    [crawlNumber, wanted],
  );
  const byKey = new Map<string, Candidate[]>();
  const remember = (candidate: Candidate): void => {
    const known = byKey.get(candidate.fingerprint);
    if (known === undefined) byKey.set(candidate.fingerprint, [candidate]);
    else known.push(candidate);
  };
  stored.forEach(remember);
  const originals = new Map<string, Original>();
  for (const page of pages) {
    const original = originalOf(page, byKey, similarity);
    if (original !== null) originals.set(page.key, original);
    else for (const fingerprint of fingerprintsOf(page)) remember({ ...candidateOf(page), fingerprint });
  }
  return originals;
}

function candidateOf({ url, signature, page: { title, type } }: ExtractedBatchPage): Omit<Candidate, 'fingerprint'> {
  return { url, signature, title, type };
}

function originalOf(page: ExtractedBatchPage, byKey: ReadonlyMap<string, readonly Candidate[]>, similarity: Similarity): Original | null {
  const same = byKey.get(contentKey(page.contentHash))?.find(({ url }) => url !== page.url);
  if (same !== undefined) return { url: same.url, reason: 'same_content' };
  const { signature } = page;
  if (signature === null) return null;
  const canonical = page.page.canonicalUrl;
  for (const candidate of new Set(page.bands.flatMap((band) => byKey.get(band) ?? []))) {
    if (candidate.signature === null || candidate.url === page.url) continue;
    const share = similarity(signature, candidate.signature);
    const isNamesake = candidate.title === page.page.title && candidate.type === page.page.type;
    if (share >= (isNamesake ? NEAR_NAMESAKE : NEAR)) return { url: candidate.url, reason: 'near_duplicate' };
    if (share >= CANONICAL && candidate.url === canonical) return { url: candidate.url, reason: 'canonical' };
  }
  return null;
}
