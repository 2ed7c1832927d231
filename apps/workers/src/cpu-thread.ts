/** Runs inside a parsing thread: every export is a task that the pool calls by name. Pure work on plain data. */
import type { BlobStore, Chunk, TemplateConfig, TextAnalysis } from '@gleaner/domain';
import type { CpuTasks, ExtractResult, LearnResult, SampleLinks } from '@gleaner/activities';
import {
  type LearnOptions,
  type LearnedTemplate,
  type Proposal,
  type SchemaAnswer,
  type TemplateSample,
  type Wishes,
  acceptAnswers as accepted,
  analyzeText,
  askedProposals,
  chunkMarkdown,
  comparePromotions,
  extendedConfig,
  extractPage,
  isBuiltLike,
  learnTemplate,
  looksLikeShell,
  placePage,
  pruneDom,
  readProposals,
  sampleCandidates as candidatesOf,
} from '@gleaner/extraction';
import { answerOf } from './field-answer.js';
import { placeOf, versionOf } from './page-place.js';
import { parseBody, parseSnapshot } from './parse-body.js';
import { threadBlobs } from './thread-blobs.js';

export { crawlPages } from './crawl-thread.js';

type Input<Name extends keyof CpuTasks> = Parameters<CpuTasks[Name]>[0];

const MIN_CONTENT_CHARACTERS = 1;

export function extract({ body, templates, unknownTemplate, wanted }: Input<'extract'>): ExtractResult {
  const parsed = parseBody(body);
  if (looksLikeShell(parsed)) return { kind: 'shell' };
  const placed = placePage(parsed, templates);
  const place = placeOf(placed);
  if (unknownTemplate === 'report' && (placed.template === null || placed.template.state.kind === 'unknown'))
    return { kind: 'unknown_template', place };
  const { page, observation } = extractPage(parsed, versionOf(placed), { withAsked: wanted !== undefined });
  if (page.text.trim().length < MIN_CONTENT_CHARACTERS) return { kind: 'empty', detail: `${body.url} has no text.` };
  const result = { kind: 'page', place, page, type: page.type, observation } as const;
  return wanted === undefined ? result : { ...result, answer: answerOf(parsed, page, wanted) };
}

export async function acceptAnswers(
  { body, wanted, answers, model }: Input<'acceptAnswers'>,
  blobs: () => BlobStore = threadBlobs,
): Promise<SchemaAnswer> {
  const page = 'bytes' in body ? parseBody(body) : parseSnapshot(body, await blobs().get(body.body.hash));
  return accepted(page, wanted, answers, model);
}

export function prune({ body, maxBytes }: Input<'prune'>): string {
  return pruneDom(parseBody(body), maxBytes);
}

export function sampleCandidates({ body, templates, shape, max }: Input<'sampleCandidates'>): SampleLinks {
  const parsed = parseBody(body);
  return { place: placeOf(placePage(parsed, templates)), candidates: max === 0 ? [] : candidatesOf(parsed, shape, max) };
}

export function learn({ samples, structure, rival, further, wishes = {}, proposals = [] }: Input<'learn'>): LearnResult {
  const pages = samples.map((body) => ({ page: parseBody(body), url: body.url }));
  const before = askedProposals(rival);
  const own = { structure, wishes: { ...wishes, ...withoutNames(before.wishes, wishes) }, proposals: before.proposals };
  const { learned, isAided } = bestLearned(pages, own, proposals);
  const { misses } = learned;
  if (learned.kind === 'unlearnable') return { kind: 'unlearnable', reason: learned.reason, misses };
  const { config, scores, setAside } = learned;
  const result = { kind: 'learned', config, scores, isAided, misses, setAside } as const;
  if (rival === null) return { ...result, winner: 'new' };
  const used = pages.filter(({ url }) => !setAside.includes(url)).map(({ page }) => page);
  // Pages of before say nothing where the template is built otherwise since.
  const earlier = further.map(parseBody).filter((page) => isBuiltLike(page, config.fingerprint.structure ?? []));
  const { winner } = comparePromotions(rival, config, [...used, ...earlier]);
  const extended = winner === 'new' ? null : extendedConfig(rival, config, wishes);
  return extended === null ? { ...result, winner } : { ...result, config: extended, isExtension: true, winner: 'new' };
}

/** With the proposals where they win, without them where they do not: a model is named as author only of what it made better. */
function bestLearned(
  pages: readonly TemplateSample[],
  options: LearnOptions & { readonly wishes: object; readonly proposals: readonly Proposal[] },
  proposed: readonly unknown[],
): { readonly learned: LearnedTemplate; readonly isAided: boolean } {
  const own = learnTemplate(pages, options);
  const { proposals } = readProposals(proposed, new Set(Object.keys(options.wishes)));
  if (proposals.length === 0) return { learned: own, isAided: false };
  const aided = learnTemplate(pages, { ...options, proposals: [...options.proposals, ...proposals] });
  if (aided.kind === 'unlearnable') return { learned: own, isAided: false };
  if (own.kind === 'unlearnable') return { learned: aided, isAided: true };
  const isBetter = aided.scores.mean > own.scores.mean || (aided.scores.mean === own.scores.mean && hasMoreFields(aided, own));
  return { learned: isBetter ? aided : own, isAided: isBetter };
}

function withoutNames(wishes: Wishes, others: Wishes): Wishes {
  return Object.fromEntries(Object.entries(wishes).filter(([name]) => !Object.hasOwn(others, name)));
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
