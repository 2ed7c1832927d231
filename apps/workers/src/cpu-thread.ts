/** Runs inside a parsing thread: every export is a task that the pool calls by name. Pure work on plain data. */
import type { Chunk, TextAnalysis } from '@gleaner/domain';
import type { CpuTasks, CrawlLink, CrawlPageResult, ExtractResult, LearnResult, PageBody } from '@gleaner/activities';
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
  learnTemplate,
  looksLikeShell,
  parsePage,
  sampleCandidates as candidatesOf,
  signatureOf,
} from '@gleaner/extraction';

type Input<Name extends keyof CpuTasks> = Parameters<CpuTasks[Name]>[0];

const MIN_CONTENT_CHARACTERS = 1;

function parse(body: PageBody): ParsedPage {
  const text = new TextDecoder(body.charset).decode(body.bytes);
  return parsePage(body.contentType === 'text/plain' ? asHtml(text) : text, body.url);
}

/** Plain text is one preformatted block; its markup characters are text. */
function asHtml(text: string): string {
  return `<!doctype html><title></title><article><pre>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</pre></article>`;
}

export function extract({ body, version }: Input<'extract'>): ExtractResult {
  const parsed = parse(body);
  if (looksLikeShell(parsed)) return { kind: 'shell' };
  const { page } = extractPage(parsed, version);
  if (page.text.trim().length < MIN_CONTENT_CHARACTERS) return { kind: 'empty', detail: `${body.url} has no text.` };
  return { kind: 'page', page, type: page.type };
}

export function inspect({ body }: Input<'inspect'>): Awaited<ReturnType<CpuTasks['inspect']>> {
  return { kind: looksLikeShell(parse(body)) ? 'shell' : 'page' };
}

/** One parse for content, links, chunks, analysis and fingerprint; the record leaves as bytes, so that nobody else has to look into it. */
export function crawlPage({ body, version, maxChunkTokens, wantsContent }: Input<'crawlPage'>): CrawlPageResult {
  const parsed = parse(body);
  const { links: found, robots } = discoverPage(parsed);
  const links: CrawlLink[] = robots.nofollow ? [] : found.filter(({ nofollow }) => !nofollow).map(({ url }) => ({ url, key: keyOf(url) }));
  if (!wantsContent) return { kind: 'known', links };
  if (looksLikeShell(parsed)) return { kind: 'shell', links };
  const { page } = extractPage(parsed, version);
  if (page.text.trim().length < MIN_CONTENT_CHARACTERS) return { kind: 'empty', detail: `${body.url} has no text.`, links };
  const signature = signatureOf(page.text);
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      page,
      analysis: analyzeText(page.text, page.language),
      chunks: maxChunkTokens === 0 ? [] : chunkMarkdown(page.markdown, { maxTokens: maxChunkTokens }),
      contentHash: contentHashOf(page.text),
      bands: signature === null ? [] : bandsOf(signature),
      signature: signature === null ? null : encodeSignature(signature),
    }),
  );
  const { method, version: served } = page;
  return { kind: 'page', record: bytes, links, noindex: robots.noindex, serving: { method, version: served } };
}

export function sampleCandidates({ body, template, max }: Input<'sampleCandidates'>): readonly string[] {
  return candidatesOf(parse(body), template, max);
}

export function learn({ samples }: Input<'learn'>): LearnResult {
  return learnTemplate(samples.map((body) => ({ page: parse(body), url: body.url })));
}

export function chunk({ markdown, maxTokens }: Input<'chunk'>): readonly Chunk[] {
  return chunkMarkdown(markdown, { maxTokens });
}

export function analyze({ text, declaredLanguage }: Input<'analyze'>): TextAnalysis {
  return analyzeText(text, declaredLanguage);
}
