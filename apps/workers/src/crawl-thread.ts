/** The half of the parsing threads that works for crawls: body in by reference, documents out by reference. */
import {
  type BlobStore,
  type ExtractedBatchPage,
  type ExtractedPage,
  Fault,
  type FieldReport,
  type Snapshot,
  type TemplateVersion,
} from '@gleaner/domain';
import type {
  CrawlLink,
  CrawlPageInput,
  CrawlPageResult,
  CrawlPagesInput,
  CrawlPagesResult,
  EarlierText,
  FieldAnswer,
  FieldsServed,
  UnansweredPage,
} from '@gleaner/activities';
import {
  type ParsedPage,
  analyzeText,
  answeredPage,
  bandsOf,
  browserAdds,
  chunkMarkdown,
  contentHashOf,
  discoverPage,
  encodeSignature,
  extractPage,
  keyOf,
  looksLikeShell,
  placePage,
  signatureOf,
  untriedFields,
} from '@gleaner/extraction';
import { answerOf } from './field-answer.js';
import { placeOf, versionOf } from './page-place.js';
import { parseBody, parseSnapshot } from './parse-body.js';
import { threadBlobs } from './thread-blobs.js';

const NEWLINE = Buffer.from('\n');

/** One parse a page for content, fields, links, chunks, analysis and fingerprint; the documents go to one blob, or two. */
export async function crawlPages({ pages, ...options }: CrawlPagesInput, blobs: () => BlobStore = threadBlobs): Promise<CrawlPagesResult> {
  const lines: Buffer[] = [];
  const toAsk: Buffer[] = [];
  const results: CrawlPageResult[] = [];
  for (const input of pages) {
    const { line, ...result } = await crawlOne(input, options, blobs());
    if (line !== undefined) ('answer' in line ? toAsk : lines).push(Buffer.from(JSON.stringify(line)), NEWLINE);
    results.push(result);
  }
  const put = async (all: readonly Buffer[]) => (all.length === 0 ? null : blobs().put(Buffer.concat(all)));
  return { lines: await put(lines), toAsk: await put(toAsk), pages: results };
}

type Options = Omit<CrawlPagesInput, 'pages'>;
type Line = ExtractedBatchPage | UnansweredPage;

async function crawlOne(input: CrawlPageInput, options: Options, blobs: BlobStore): Promise<CrawlPageResult & { readonly line?: Line }> {
  const startedAt = performance.now();
  const { key, snapshot } = input;
  const bytes = await bodyOf(blobs, snapshot.body.hash);
  const result = (kind: CrawlPageResult['kind'], links: readonly CrawlLink[] = []): CrawlPageResult => ({
    key,
    kind,
    links,
    extractMs: Math.ceil(performance.now() - startedAt),
  });
  if (bytes === null) return result('missing');
  const parsed = parseSnapshot(snapshot, bytes);
  const { links, noindex } = linksOf(parsed, snapshot.robotsTag ?? null);
  const placed = placePage(parsed, input.templates);
  const [place, version] = [placeOf(placed), versionOf(placed)];
  const earlier = madeAlike(input, version);
  const adds = await browserAddsTo(parsed, snapshot, blobs);
  const seen = { place, ...(adds === null ? {} : { browserAdds: adds }) };
  if (earlier?.isSameBody === true && !noindex) return { ...result('known', links), ...seen };
  if (looksLikeShell(parsed)) return result('shell', links);
  if (noindex) return result('noindex', links);
  const { page, observation } = extractPage(parsed, version, { withAsked: options.asked !== undefined });
  if (page.text.trim() === '') return result('empty', links);
  // What is asked for can stand beside the text: then the answers are compared where they are stored.
  if (options.asked === undefined && earlier !== null && saysTheSame(page, earlier))
    return { ...result('known', links), ...seen, observation };
  const answer = options.asked === undefined ? null : answerOf(parsed, page, options.asked.wanted);
  const answered = answer === null ? { page } : withFields(page, answer, options);
  const knowledge = knowledgeOf(page, options);
  const done = { ...result('page', links), ...seen, observation };
  const line = { ...lineOf(input, options, done.extractMs), ...knowledge, ...answered };
  const { fieldReport } = answered.page;
  return {
    ...done,
    ...(fieldReport === undefined ? {} : { fields: servedBy(fieldReport) }),
    ...(answer !== null && wantsRules(version, answer) ? { wantsRules: true } : {}),
    line,
  };
}

/** What an earlier visit made of the page, where the same would make it today. */
function madeAlike({ earlier }: CrawlPageInput, version: TemplateVersion | null): EarlierText | null {
  return earlier !== undefined && earlier.templateVersion === (version?.version ?? null) ? earlier : null;
}

function saysTheSame(page: ExtractedPage, { title, contentHash }: EarlierText): boolean {
  return page.title === title && contentHashOf(page.text) === contentHash;
}

/** A version that somebody pinned stays as it is. */
function wantsRules(version: TemplateVersion | null, { missing }: FieldAnswer): boolean {
  if (version === null || version.pinned) return false;
  const paths = missing.filter(({ reason }) => reason !== 'complex').map(({ path }) => path);
  return untriedFields(version.config, paths).length > 0;
}

function servedBy({ asked: _asked, methods: _methods, missing: _missing, ...served }: FieldReport): FieldsServed {
  return served;
}

/** What was asked for is in the page where nothing is left for a model; else its `answer` says what is there. */
function withFields(
  page: ExtractedPage,
  answer: FieldAnswer,
  { asked }: Options,
): { readonly page: ExtractedPage; readonly answer?: FieldAnswer } {
  if (asked === undefined) return { page };
  return asked.hasModel && answer.missing.length > 0 ? { page, answer } : { page: answeredPage(page, asked.wanted, answer) };
}

type Knowledge = Pick<ExtractedBatchPage, 'analysis' | 'chunks' | 'contentHash' | 'bands' | 'signature'>;

function knowledgeOf(page: ExtractedPage, { maxChunkTokens }: Options): Knowledge {
  const signature = signatureOf(page.text);
  return {
    analysis: analyzeText(page.text, page.language),
    chunks: maxChunkTokens === 0 ? [] : chunkMarkdown(page.markdown, { maxTokens: maxChunkTokens }),
    contentHash: contentHashOf(page.text),
    bands: signature === null ? [] : bandsOf(signature),
    signature: signature === null ? null : encodeSignature(signature),
  };
}

function lineOf(
  { key, url, depth, snapshot, fetchMs }: CrawlPageInput,
  { embedding }: Options,
  extractMs: number,
): Pick<ExtractedBatchPage, 'key' | 'url' | 'depth' | 'snapshot' | 'embedding' | 'timingsMs'> {
  return { key, url, depth, snapshot, embedding, timingsMs: { fetch: fetchMs, extract: extractMs, embed: 0 } };
}

/** Whether the browser was of use; null for pages that were not in it, and where what the server had sent is not there. */
async function browserAddsTo(rendered: ParsedPage, { served, finalUrl }: Snapshot, blobs: BlobStore): Promise<boolean | null> {
  const bytes = served === undefined ? null : await bodyOf(blobs, served.body.hash);
  if (served === undefined || bytes === null) return null;
  return browserAdds(parseBody({ bytes, charset: served.charset, contentType: 'text/html', url: finalUrl }), rendered);
}

async function bodyOf(blobs: BlobStore, hash: string): Promise<Uint8Array | null> {
  try {
    return await blobs.get(hash);
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
