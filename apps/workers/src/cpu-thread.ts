/** Runs inside a parsing thread: every export is a task that the pool calls by name. Pure work on plain data. */
import type { Chunk, ExtractedPage, TemplateConfig, TextAnalysis, WantedField } from '@gleaner/domain';
import type { CpuTasks, ExtractResult, FieldAnswer, LearnResult, SampleLinks } from '@gleaner/activities';
import {
  type LearnedTemplate,
  type ParsedPage,
  type TemplateSample,
  acceptAnswers as accepted,
  analyzeText,
  chunkMarkdown,
  comparePromotions,
  extractBySchema,
  extractPage,
  isBuiltLike,
  learnTemplate,
  looksLikeShell,
  placePage,
  pruneDom,
  readProposals,
  sampleCandidates as candidatesOf,
  toText,
} from '@gleaner/extraction';
import { placeOf, versionOf } from './page-place.js';
import { parseBody } from './parse-body.js';

export { crawlPages } from './crawl-thread.js';

type Input<Name extends keyof CpuTasks> = Parameters<CpuTasks[Name]>[0];

const MIN_CONTENT_CHARACTERS = 1;
/** About 15,000 tokens: what a model is shown of a page. */
const MAX_SHOWN = 60_000;

export function extract({ body, templates, unknownTemplate, wanted }: Input<'extract'>): ExtractResult {
  const parsed = parseBody(body);
  if (looksLikeShell(parsed)) return { kind: 'shell' };
  const placed = placePage(parsed, templates);
  const place = placeOf(placed);
  if (unknownTemplate === 'report' && (placed.template === null || placed.template.state.kind === 'unknown'))
    return { kind: 'unknown_template', place };
  const { page, observation } = extractPage(parsed, versionOf(placed));
  if (page.text.trim().length < MIN_CONTENT_CHARACTERS) return { kind: 'empty', detail: `${body.url} has no text.` };
  const result = { kind: 'page', place, page, type: page.type, observation } as const;
  return wanted === undefined ? result : { ...result, answer: answerOf(parsed, page, wanted) };
}

/** The whole page and not its content alone: what is asked for often stands beside it. */
function answerOf(parsed: ParsedPage, page: ExtractedPage, wanted: readonly WantedField[]): FieldAnswer {
  const answer = extractBySchema(parsed, page, wanted);
  if (answer.missing.length === 0) return { ...answer, shownText: '' };
  const whole = parsed.body === null ? '' : toText([parsed.body]);
  return { ...answer, shownText: (whole.length <= MAX_SHOWN ? whole : `${page.title}\n\n${page.markdown}`).slice(0, MAX_SHOWN) };
}

export function acceptAnswers({ body, wanted, answers, model }: Input<'acceptAnswers'>): Omit<FieldAnswer, 'shownText'> {
  return accepted(parseBody(body), wanted, answers, model);
}

export function prune({ body, maxBytes }: Input<'prune'>): string {
  return pruneDom(parseBody(body), maxBytes);
}

export function sampleCandidates({ body, templates, shape, max }: Input<'sampleCandidates'>): SampleLinks {
  const parsed = parseBody(body);
  return { place: placeOf(placePage(parsed, templates)), candidates: max === 0 ? [] : candidatesOf(parsed, shape, max) };
}

export function learn({ samples, structure, rival, further, proposals = [] }: Input<'learn'>): LearnResult {
  const pages = samples.map((body) => ({ page: parseBody(body), url: body.url }));
  const { learned, isAided } = bestLearned(pages, structure, proposals);
  const { misses } = learned;
  if (learned.kind === 'unlearnable') return { kind: 'unlearnable', reason: learned.reason, misses };
  const { config, scores, setAside } = learned;
  const result = { kind: 'learned', config, scores, isAided, misses, setAside } as const;
  if (rival === null) return { ...result, winner: 'new' };
  const used = pages.filter(({ url }) => !setAside.includes(url)).map(({ page }) => page);
  // Pages of before say nothing where the template is built otherwise since.
  const before = further.map(parseBody).filter((page) => isBuiltLike(page, config.fingerprint.structure ?? []));
  const { winner } = comparePromotions(rival, config, [...used, ...before]);
  return { ...result, winner };
}

/** With the proposals where they win, without them where they do not: a model is named as author only of what it made better. */
function bestLearned(
  pages: readonly TemplateSample[],
  structure: readonly string[] | null,
  proposed: readonly unknown[],
): { readonly learned: LearnedTemplate; readonly isAided: boolean } {
  const own = learnTemplate(pages, { structure });
  const { proposals } = readProposals(proposed);
  if (proposals.length === 0) return { learned: own, isAided: false };
  const aided = learnTemplate(pages, { structure, proposals });
  if (aided.kind === 'unlearnable') return { learned: own, isAided: false };
  if (own.kind === 'unlearnable') return { learned: aided, isAided: true };
  const isBetter = aided.scores.mean > own.scores.mean || (aided.scores.mean === own.scores.mean && hasMoreFields(aided, own));
  return { learned: isBetter ? aided : own, isAided: isBetter };
}

function hasMoreFields(one: { readonly config: TemplateConfig }, other: { readonly config: TemplateConfig }): boolean {
  return Object.keys(one.config.fields).some((field) => !Object.hasOwn(other.config.fields, field));
}

export function chunk({ markdown, maxTokens }: Input<'chunk'>): readonly Chunk[] {
  return chunkMarkdown(markdown, { maxTokens });
}

export function analyze({ text, declaredLanguage }: Input<'analyze'>): TextAnalysis {
  return analyzeText(text, declaredLanguage);
}
