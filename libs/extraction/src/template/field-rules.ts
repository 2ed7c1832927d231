import type { SelectorRule } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { splitNames } from '../fields/author.js';
import { readDate } from '../fields/dates.js';
import { normalizePrice } from '../fields/product.js';
import { SILENT_TAGS, isText, walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import type { PageFacts } from '../content/general.js';
import { select } from './selection.js';
import { describeElement } from './selectors.js';

/** Fields that templates learn, with how a text on the page becomes their value; names are joined for comparing. */
export const FIELD_READERS: Readonly<Record<string, (text: string) => string | null>> = {
  title: (text) => (text === '' || text.length > 400 ? null : text),
  author: (text) => (text.length > 160 ? null : splitNames(text).join('; ') || null),
  publishedAt: readDate,
  price: (text) => (text.length > 40 ? null : normalizePrice(text)),
};

const MAX_RULES = 3;
const MAX_CANDIDATES = 40;
const READ_ATTRIBUTES = ['datetime', 'content'] as const;

/** The value that a rule reads from a page; null when it finds nothing or something that is no such value. */
export function readRule(page: ParsedPage, field: string, rule: SelectorRule): string | null {
  const reader = FIELD_READERS[field];
  const element = select(page, rule.selector)[0];
  if (reader === undefined || element === undefined) return null;
  const text = rule.attribute === undefined ? lineOf(element) : (element.attribs[rule.attribute] ?? '');
  return reader(text.trim());
}

function witnessValue(facts: PageFacts, field: string): string | null {
  if (field === 'title') return facts.title.value || null;
  if (field === 'author') return facts.author === null ? null : facts.author.value.join('; ');
  if (field === 'publishedAt') return facts.publishedAt?.value ?? null;
  const value = facts.fields[field]?.value;
  return typeof value === 'string' ? value : null;
}

/** `surplus`: characters around the value in the element it was read off; the element that says only the value is the best. */
type CandidateRule = SelectorRule & { readonly surplus: number };

const EVIDENCE_ORDER: readonly SelectorRule['evidence'][] = ['structured-data', 'name', 'label', 'structure'];

function rulesFor(element: Element, attribute: string | undefined, surplus: number): CandidateRule[] {
  return describeElement(element).map(({ selector, evidence }) =>
    attribute === undefined ? { selector, evidence, surplus } : { selector, attribute, evidence, surplus },
  );
}

/** Rules for every element of a page that says the value. */
function candidates(page: ParsedPage, field: string, value: string): CandidateRule[] {
  const reader = FIELD_READERS[field];
  if (page.body === null || reader === undefined) return [];
  const rules: CandidateRule[] = [];
  walkElements(page.body, (element) => {
    if (SILENT_TAGS.has(element.name) || rules.length > MAX_CANDIDATES) return false;
    for (const attribute of READ_ATTRIBUTES) {
      const text = element.attribs[attribute];
      if (text !== undefined && reader(text.trim()) === value) rules.push(...rulesFor(element, attribute, 0));
    }
    if (element.children.some(isText) && element.children.length < 20) {
      const text = lineOf(element);
      if (text !== '' && text.length < 400 && reader(text) === value)
        rules.push(...rulesFor(element, undefined, Math.max(0, text.length - value.length)));
    }
    return true;
  });
  return rules;
}

export interface FieldSample {
  readonly page: ParsedPage;
  readonly facts: PageFacts;
}

/**
 * Rules that read a field as the witnesses (structured data, general extractor) do on every sample that has it, one for each
 * kind of evidence, short ones first. Needs two samples that have the field.
 */
export function learnFieldRules(samples: readonly FieldSample[], field: string): SelectorRule[] {
  const known = samples
    .map((sample) => ({ ...sample, value: witnessValue(sample.facts, field) }))
    .filter((sample) => sample.value !== null);
  const [first] = known;
  if (first === undefined || first.value === null || known.length < 2) return [];
  const unique = new Map<string, CandidateRule>();
  for (const rule of candidates(first.page, field, first.value)) {
    const key = `${rule.selector} ${rule.attribute ?? ''}`;
    if ((unique.get(key)?.surplus ?? Infinity) > rule.surplus) unique.set(key, rule);
  }
  const right = [...unique.values()].filter((rule) => known.every((sample) => readRule(sample.page, field, rule) === sample.value));
  const ordered = right.toSorted(
    (a, b) =>
      EVIDENCE_ORDER.indexOf(a.evidence) - EVIDENCE_ORDER.indexOf(b.evidence) ||
      a.surplus - b.surplus ||
      a.selector.length - b.selector.length,
  );
  const kinds = new Map<string, CandidateRule>();
  for (const rule of ordered) if (!kinds.has(rule.evidence)) kinds.set(rule.evidence, rule);
  return [...kinds.values()]
    .slice(0, MAX_RULES)
    .map(({ selector, attribute, evidence }) => (attribute === undefined ? { selector, evidence } : { selector, attribute, evidence }));
}
