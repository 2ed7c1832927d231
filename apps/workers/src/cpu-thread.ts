/** Runs inside a parsing thread: every export is a task that the pool calls by name. Pure work on plain data. */
import type { Chunk, TextAnalysis } from '@gleaner/domain';
import type { CpuTasks, ExtractResult, LearnResult, PageBody } from '@gleaner/activities';
import {
  type ParsedPage,
  analyzeText,
  chunkMarkdown,
  extractPage,
  learnTemplate,
  looksLikeShell,
  parsePage,
  sampleCandidates as candidatesOf,
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
