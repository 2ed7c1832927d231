/** Fields of a template that are there because jobs asked for them. */
import type { FieldWish, TemplateConfig, WantedField, WishType } from '@gleaner/domain';
import { type FieldReader, LEARNED_FIELDS, readerOf } from './field-readers.js';
import type { Proposal } from './proposals.js';

export type Wishes = Readonly<Record<string, FieldWish>>;

/** Names of rules that are about content: learned for every template, and no fields. */
const CONTENT_RULES: ReadonlySet<string> = new Set(['content', 'exclude']);

/** What learning can do for the fields of a job: by their paths, without lists of objects, which no selector serves. */
export function wishesOf(wanted: readonly WantedField[]): Wishes {
  const learnable = wanted.filter(({ path, isComplex }) => !isComplex && !CONTENT_RULES.has(path));
  return Object.fromEntries(learnable.map(({ path, wish }) => [path, wish]));
}

export function isAsked({ asked = {} }: Pick<TemplateConfig, 'asked'>, field: string): boolean {
  return Object.hasOwn(asked, field);
}

/** Which of the learned fields jobs asked for; those that every template learns are not among them. */
export function askedPart(learned: readonly string[], wishes: Wishes = {}): Pick<TemplateConfig, 'asked'> {
  const asked = learned.filter((field) => Object.hasOwn(wishes, field) && !LEARNED_FIELDS.includes(field));
  const types = asked.map((field) => [field, wishes[field]?.type ?? 'string'] as [string, WishType]);
  return asked.length === 0 ? {} : { asked: Object.fromEntries(types) };
}

/**
 * How a field is read off a page that is served. Of asked fields only lists are read otherwise than as text: what text is worth in
 * the wanted type is for who asked, and whether the page says so can be told of the text alone.
 */
export function servingReaderOf({ asked = {} }: Pick<TemplateConfig, 'asked'>, field: string): FieldReader {
  return Object.hasOwn(asked, field) && asked[field] === 'list' ? readerOf(field, { type: 'list' }) : readerOf(field);
}

/** What jobs of before asked the template for: learning again keeps it, with the rules of before as proposals, to be tried like all others. */
export function askedProposals(config: TemplateConfig | null): { readonly wishes: Wishes; readonly proposals: readonly Proposal[] } {
  if (config === null) return { wishes: {}, proposals: [] };
  const asked = Object.entries(config.asked ?? {});
  return {
    wishes: Object.fromEntries(asked.map(([field, type]) => [field, { type }])),
    proposals: asked.flatMap(([field]) => (config.fields[field] ?? []).map((rule) => ({ field, rule }))),
  };
}
