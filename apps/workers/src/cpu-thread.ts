/** Runs inside a parsing thread: every export is a task that the pool calls by name. Pure work on plain data. */
import type { Chunk, TextAnalysis } from '@gleaner/domain';
import type { CpuTasks, ExtractResult, LearnResult } from '@gleaner/activities';
import {
  analyzeText,
  chunkMarkdown,
  comparePromotions,
  extractPage,
  learnTemplate,
  looksLikeShell,
  sampleCandidates as candidatesOf,
} from '@gleaner/extraction';
import { parseBody } from './parse-body.js';

export { crawlPages } from './crawl-thread.js';

type Input<Name extends keyof CpuTasks> = Parameters<CpuTasks[Name]>[0];

const MIN_CONTENT_CHARACTERS = 1;

export function extract({ body, version }: Input<'extract'>): ExtractResult {
  const parsed = parseBody(body);
  if (looksLikeShell(parsed)) return { kind: 'shell' };
  const { page, observation } = extractPage(parsed, version);
  if (page.text.trim().length < MIN_CONTENT_CHARACTERS) return { kind: 'empty', detail: `${body.url} has no text.` };
  return { kind: 'page', page, type: page.type, observation };
}

export function inspect({ body }: Input<'inspect'>): Awaited<ReturnType<CpuTasks['inspect']>> {
  return { kind: looksLikeShell(parseBody(body)) ? 'shell' : 'page' };
}

export function sampleCandidates({ body, template, max }: Input<'sampleCandidates'>): readonly string[] {
  return candidatesOf(parseBody(body), template, max);
}

export function learn({ samples, rival, further }: Input<'learn'>): LearnResult {
  const pages = samples.map((body) => ({ page: parseBody(body), url: body.url }));
  const learned = learnTemplate(pages);
  if (learned.kind === 'unlearnable') return { kind: 'unlearnable', reason: learned.reason };
  const { config, scores } = learned;
  if (rival === null) return { kind: 'learned', config, scores, winner: 'new' };
  const { winner } = comparePromotions(rival, config, [...pages.map(({ page }) => page), ...further.map(parseBody)]);
  return { kind: 'learned', config, scores, winner };
}

export function chunk({ markdown, maxTokens }: Input<'chunk'>): readonly Chunk[] {
  return chunkMarkdown(markdown, { maxTokens });
}

export function analyze({ text, declaredLanguage }: Input<'analyze'>): TextAnalysis {
  return analyzeText(text, declaredLanguage);
}
