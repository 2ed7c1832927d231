import type { FieldWish, SelectorRule } from '@gleaner/domain';
import type { PageFacts } from '../content/general.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { type CandidateRule, rulesForName, rulesForValue } from './field-candidates.js';
import { type FieldReader, isSameValue, readRule, readerOf } from './field-readers.js';

const MAX_RULES = 4;
const MAX_TRIED = 80;
/** Samples whose elements candidates are read off. */
const MAX_ORIGINS = 3;
const MIN_RIGHT = 0.8;
const MIN_ANSWERED = 0.6;
const EVIDENCE_ORDER: readonly SelectorRule['evidence'][] = ['structured-data', 'name', 'label', 'structure'];

export interface FieldSample {
  readonly page: ParsedPage;
  readonly facts: PageFacts;
}

/** What was learned of a field: rules, best first, and the share of judged samples that the best one reads right. */
export interface LearnedField {
  readonly rules: readonly SelectorRule[];
  readonly score: number;
}

export interface FieldQuestion {
  readonly field: string;
  readonly wish?: FieldWish;
  /** Rules that somebody proposed: tried like all others. */
  readonly proposed?: readonly SelectorRule[];
}

/** The value of a field as structured data and the general extractor know it, in the form that readers give. */
export function witnessValue(facts: PageFacts, field: string): string | null {
  if (field === 'title') return facts.title.value || null;
  if (field === 'author') return facts.author?.value.join('\n') || null;
  if (field === 'publishedAt') return facts.publishedAt?.value ?? null;
  if (field === 'modifiedAt') return facts.modifiedAt?.value ?? null;
  const value = facts.fields[field]?.value;
  if (Array.isArray(value)) return value.join('\n') || null;
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A value that only the caller knows: it counts where an element of the page says it. */
function exampleValue(sample: FieldSample, wish: FieldWish | undefined, reader: FieldReader): string | null {
  const value = wish?.example === undefined ? null : reader.read(wish.example.trim());
  return value !== null && rulesForValue(sample.page, value, reader).length > 0 ? value : null;
}

interface Judged {
  readonly rule: CandidateRule;
  readonly score: number;
}

const keyOf = ({ selector, attribute, label }: SelectorRule): string => `${selector}\n${attribute ?? ''}\n${label ?? ''}`;

function distinct(rules: readonly CandidateRule[]): CandidateRule[] {
  const unique = new Map<string, CandidateRule>();
  for (const rule of rules) if ((unique.get(keyOf(rule))?.surplus ?? Infinity) > rule.surplus) unique.set(keyOf(rule), rule);
  return [...unique.values()].slice(0, MAX_TRIED);
}

/** One rule for each kind of evidence: what one redesign breaks, another kind may survive. */
function bestOfKinds(judged: readonly Judged[]): LearnedField | null {
  const ordered = judged.toSorted(
    (a, b) =>
      b.score - a.score ||
      EVIDENCE_ORDER.indexOf(a.rule.evidence) - EVIDENCE_ORDER.indexOf(b.rule.evidence) ||
      a.rule.surplus - b.rule.surplus ||
      a.rule.selector.length - b.rule.selector.length,
  );
  const kinds = new Map<string, Judged>();
  for (const candidate of ordered) if (!kinds.has(candidate.rule.evidence)) kinds.set(candidate.rule.evidence, candidate);
  const rules = [...kinds.values()].slice(0, MAX_RULES).map(({ rule: { selector, attribute, label, evidence } }) => ({
    selector,
    ...(attribute === undefined ? {} : { attribute }),
    ...(label === undefined ? {} : { label }),
    evidence,
  }));
  return rules.length === 0 ? null : { rules, score: Math.round((ordered[0]?.score ?? 0) * 1_000) / 1_000 };
}

/** Fields with a known value on at least two samples: a rule has to read it on pages other than the one it was read off. */
function fromValues(known: readonly { readonly page: ParsedPage; readonly value: string }[], question: FieldQuestion): LearnedField | null {
  const reader = readerOf(question.field, question.wish);
  const proposed = (question.proposed ?? []).map((rule) => ({ ...rule, surplus: 0 }));
  const rules = distinct([...proposed, ...known.slice(0, MAX_ORIGINS).flatMap(({ page, value }) => rulesForValue(page, value, reader))]);
  const judged = rules.map((rule) => {
    const right = known.filter(({ page, value }) => isSameValue(readRule(page, rule, reader) ?? '', value)).length;
    return { rule, score: right / known.length, right };
  });
  return bestOfKinds(judged.filter(({ score, right }) => score >= MIN_RIGHT && right >= 2));
}

/** Fields whose value nobody knows on most samples: a rule has to answer on most, and not say the same everywhere. */
function fromAnswers(samples: readonly FieldSample[], question: FieldQuestion): LearnedField | null {
  const { field, wish = {} } = question;
  const reader = readerOf(field, wish);
  const example = wish.example === undefined ? null : reader.read(wish.example.trim());
  const origins = samples.flatMap(({ page }) => (example === null ? [] : rulesForValue(page, example, reader).slice(0, MAX_TRIED)));
  const named = origins.length > 0 ? [] : samples.slice(0, MAX_ORIGINS).flatMap(({ page }) => rulesForName(page, field, wish));
  const proposed = (question.proposed ?? []).map((rule) => ({ ...rule, surplus: 0 }));
  const judged = distinct([...proposed, ...origins, ...named]).map((rule) => {
    const answers = samples.map(({ page }) => readRule(page, rule, reader)).filter((value) => value !== null);
    const varies = answers.length < 3 || new Set(answers).size > 1 || rule.evidence === 'label';
    const right = example === null || answers.includes(example);
    return { rule, score: varies && right ? answers.length / samples.length : 0 };
  });
  return bestOfKinds(judged.filter(({ score }) => score >= MIN_ANSWERED));
}

/**
 * Rules that read a field as the witnesses (structured data, general extractor, the caller's example) do, one for each kind of
 * evidence, good and short ones first. Null when no rule is right on four of five samples that have the field (two at least).
 */
export function learnFieldRules(samples: readonly FieldSample[], question: FieldQuestion): LearnedField | null {
  const reader = readerOf(question.field, question.wish);
  const known = samples
    .map((sample) => ({
      page: sample.page,
      value: witnessValue(sample.facts, question.field) ?? exampleValue(sample, question.wish, reader),
    }))
    .flatMap(({ page, value }) => (value === null ? [] : [{ page, value }]));
  if (known.length >= 2) return fromValues(known, question);
  return question.wish === undefined && question.proposed === undefined ? null : fromAnswers(samples, question);
}
