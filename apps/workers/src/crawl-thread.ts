/** The half of the parsing threads that works for crawls: body in by reference, documents out by reference. */
import { workerData } from 'node:worker_threads';
import { type BlobStore, Fault } from '@gleaner/domain';
import type { CrawlLink, CrawlPageInput, CrawlPageResult, CrawlPagesInput, CrawlPagesResult } from '@gleaner/activities';
import {
  type ParsedPage,
  analyzeText,
  bandsOf,
  chunkMarkdown,
  contentHashOf,
  discoverPage,
  encodeSignature,
  extractPage,
  keyOf,
  looksLikeShell,
  placePage,
  signatureOf,
} from '@gleaner/extraction';
import { blockingBlobsFromUrl } from '@gleaner/storage/blobs';
import { parseBody } from './parse-body.js';
import { placeOf, versionOf } from './page-place.js';
import { saysTheSame } from './same-text.js';

/** What the pool gives to each of its threads. */
export interface ThreadSettings {
  readonly blobsUrl: string | undefined;
  readonly dataFolder: string;
}

const NEWLINE = Buffer.from('\n');
let opened: BlobStore | undefined;

function blobs(): BlobStore {
  // Piscina hands its own data over before that of the pool.
  const settings = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as ThreadSettings;
  opened ??= blockingBlobsFromUrl(settings.blobsUrl, settings.dataFolder);
  return opened;
}

/** One parse a page for content, links, chunks, analysis and fingerprint; the documents go to one blob. */
export async function crawlPages({ pages, ...options }: CrawlPagesInput): Promise<CrawlPagesResult> {
  const lines: Buffer[] = [];
  const results: CrawlPageResult[] = [];
  for (const input of pages) {
    const { line, ...result } = await crawlOne(input, options);
    if (line !== undefined) lines.push(line, NEWLINE);
    results.push(result);
  }
  return { lines: lines.length === 0 ? null : await blobs().put(Buffer.concat(lines)), pages: results };
}

async function crawlOne(
  input: CrawlPageInput,
  options: Omit<CrawlPagesInput, 'pages'>,
): Promise<CrawlPageResult & { readonly line?: Buffer }> {
  const startedAt = performance.now();
  const { key, snapshot } = input;
  const bytes = await bodyOf(snapshot.body.hash);
  const result = (kind: CrawlPageResult['kind'], links: readonly CrawlLink[] = []): CrawlPageResult => ({
    key,
    kind,
    links,
    extractMs: Math.ceil(performance.now() - startedAt),
  });
  if (bytes === null) return result('missing');
  const parsed = parseBody({ bytes, charset: snapshot.charset, contentType: snapshot.contentType, url: snapshot.finalUrl });
  const { links, noindex } = linksOf(parsed, snapshot.robotsTag ?? null);
  const placed = placePage(parsed, input.templates);
  const [place, version] = [placeOf(placed), versionOf(placed)];
  if (!input.wantsContent) return { ...result('known', links), place };
  if (looksLikeShell(parsed)) return result('shell', links);
  if (noindex) return result('noindex', links);
  const { page, observation } = extractPage(parsed, version);
  if (page.text.trim() === '') return result('empty', links);
  if (input.earlier !== undefined && saysTheSame(parsed, page, input.earlier)) return { ...result('known', links), place, observation };
  const signature = signatureOf(page.text);
  const extracted = {
    page,
    analysis: analyzeText(page.text, page.language),
    chunks: options.maxChunkTokens === 0 ? [] : chunkMarkdown(page.markdown, { maxTokens: options.maxChunkTokens }),
    contentHash: contentHashOf(page.text),
    bands: signature === null ? [] : bandsOf(signature),
    signature: signature === null ? null : encodeSignature(signature),
  };
  const done = result('page', links);
  return {
    ...done,
    place,
    observation,
    line: lineOf(input, options, done.extractMs, extracted),
  };
}

function lineOf(
  { key, url, depth, snapshot, fetchMs }: CrawlPageInput,
  { embedding }: Pick<CrawlPagesInput, 'embedding'>,
  extractMs: number,
  extracted: object,
): Buffer {
  const timingsMs = { fetch: fetchMs, extract: extractMs, embed: 0 };
  return Buffer.from(JSON.stringify({ key, url, depth, snapshot, embedding, timingsMs, ...extracted }));
}

async function bodyOf(hash: string): Promise<Uint8Array | null> {
  try {
    return await blobs().get(hash);
  } catch (error) {
    if (error instanceof Fault && error.code === 'BLOB_MISSING') return null;
    throw error;
  }
}

function linksOf(parsed: ParsedPage, robotsTag: string | null): { readonly links: readonly CrawlLink[]; readonly noindex: boolean } {
  const { links, robots } = discoverPage(parsed, robotsTag);
  if (robots.nofollow) return { links: [], noindex: robots.noindex };
  return { links: links.map(({ url }) => ({ url, key: keyOf(url) })), noindex: robots.noindex };
}
