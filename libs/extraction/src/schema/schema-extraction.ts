import type { AskedValue, Evidence, ExtractedPage, MissReason, MissingField, WantedField } from '@gleaner/domain';
import { PageWords } from '../fields/verbatim.js';
import { wordsOfName } from '../fields/wish.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { coerce } from './coercion.js';
import { NestedDraft, define } from './nested-draft.js';
import { PageSources, type Source } from './page-sources.js';

export interface SchemaAnswer {
  readonly data: Readonly<Record<string, AskedValue>>;
  /** By path. `verbatim` is about the value as the page writes it, before it was brought to the wanted type. */
  readonly evidence: Readonly<Record<string, Evidence>>;
  /** What is left for a model. */
  readonly missing: readonly MissingField[];
}

/** Longer descriptions say what a field means, not what it is called. */
const MAX_NAME_WORDS = 4;

function namesFor({ path, wish }: WantedField): string[] {
  const last = wordsOfName(path.slice(path.lastIndexOf('.') + 1));
  const described = wordsOfName(wish.description ?? '').replace(/^(?:the|an?) /, '');
  const whole = wordsOfName(path);
  return [...new Set([whole, last, ...(described.split(' ').length <= MAX_NAME_WORDS ? [described] : [])])].filter((name) => name !== '');
}

class AnswerDraft {
  private readonly data = new NestedDraft();
  private readonly evidence: Record<string, Evidence> = {};
  private readonly missing: MissingField[] = [];

  put({ path }: WantedField, value: AskedValue, evidence: Evidence): void {
    this.data.put(path, value);
    define(this.evidence, path, evidence);
  }

  leave({ path, required }: WantedField, reason: MissReason): void {
    this.missing.push({ path, required, reason });
  }

  done(): SchemaAnswer {
    return { data: this.data.value, evidence: this.evidence, missing: this.missing };
  }
}

function isVerbatim(words: PageWords, source: Source): boolean {
  return typeof source.value === 'string' && source.value.length > 2_000 ? words.shareOf(source.value) > 0.98 : words.says(source.value);
}

/**
 * What a page has of the wanted fields without a model: by the rules that its template learned and by what the general extractor
 * found (both stand in `extracted`), by structured data, meta tags and visible labels. Every value is brought to its type and
 * carries its evidence; the first source whose value is valid wins. `missing` is what a model would have to find.
 */
export function extractBySchema(page: ParsedPage, extracted: ExtractedPage, fields: readonly WantedField[]): SchemaAnswer {
  const sources = new PageSources(page, extracted);
  const words = new PageWords(page);
  const draft = new AnswerDraft();
  for (const field of fields) {
    if (field.isComplex) {
      draft.leave(field, 'complex');
      continue;
    }
    const offered = namesFor(field).flatMap((name) => [...sources.named(name)]);
    const answer = offered
      .map((source) => ({ source, value: coerce(source.value, field, page.baseUrl) }))
      .find(({ value }) => value !== null);
    if (answer === undefined) draft.leave(field, offered.length === 0 ? 'not_found' : 'not_valid');
    else draft.put(field, answer.value, { ...answer.source.evidence, verbatim: isVerbatim(words, answer.source) });
  }
  return draft.done();
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every text and number of an answer, as the model wrote it. */
function leavesOf(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(leavesOf);
}

/**
 * A model's answer for the fields it was asked for, `{path: value}`: brought to the wanted types and checked against the page.
 * Nothing that the model adds is taken. Values that are not literally on the page are kept and say so (`verbatim: false`). `model`
 * names who answered.
 */
export function acceptAnswers(page: ParsedPage, fields: readonly WantedField[], answers: unknown, model?: string): SchemaAnswer {
  const words = new PageWords(page);
  const draft = new AnswerDraft();
  const named = model === undefined ? {} : { model };
  for (const field of fields) {
    const raw = isRecord(answers) && Object.hasOwn(answers, field.path) ? answers[field.path] : undefined;
    const value = coerce(raw, field, page.baseUrl);
    if (value === null) draft.leave(field, raw === undefined || raw === null ? 'not_found' : 'not_valid');
    else draft.put(field, value, { source: 'text', method: 'model', ...named, verbatim: words.says(leavesOf(raw)) });
  }
  return draft.done();
}
