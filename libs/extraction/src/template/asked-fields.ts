/** Fields of a template that are there because jobs asked for them. */
import type { FieldWish, TemplateConfig, WantedField, WishType } from '@gleaner/domain';
import { type FieldReader, LEARNED_FIELDS, readerOf } from './field-readers.js';
import type { Proposal } from './proposals.js';

export type Wishes = Readonly<Record<string, FieldWish>>;
type Asked = Pick<TemplateConfig, 'asked' | 'unlearned'>;

/** Names of rules that are about content: learned for every template, and no fields. */
const CONTENT_RULES: ReadonlySet<string> = new Set(['content', 'exclude']);
/** Of one learning: what is asked for beyond is tried by the next one. */
const MAX_WISHES = 30;
/** Of all jobs together: what is asked for beyond is served without rules of its own. */
const MAX_ASKED = 100;

const isOfEveryTemplate = (field: string): boolean => CONTENT_RULES.has(field) || LEARNED_FIELDS.includes(field);

/** What learning can do for the fields of a job: by their paths, without lists of objects, which no selector serves. */
export function wishesOf(wanted: readonly WantedField[]): Wishes {
  const learnable = wanted.filter(({ path, isComplex }) => !isComplex && !CONTENT_RULES.has(path));
  return Object.fromEntries(learnable.map(({ path, wish }) => [path, wish]));
}

export function isAsked({ asked = {} }: Asked, field: string): boolean {
  return Object.hasOwn(asked, field);
}

/** Those of the fields that learning has not been tried for. */
export function untriedFields({ fields, asked = {}, unlearned = [] }: TemplateConfig, paths: readonly string[]): readonly string[] {
  if (Object.keys(asked).length + unlearned.length >= MAX_ASKED) return [];
  return paths.filter((path) => !isOfEveryTemplate(path) && !Object.hasOwn(fields, path) && !unlearned.includes(path));
}

/** The wishes of a job in the order in which learning should try them: first those that the rules that serve were never tried for. */
export function wishesInTurn(wishes: Wishes, serving: TemplateConfig | null): Wishes {
  const untried = new Set(serving === null ? [] : untriedFields(serving, Object.keys(wishes)));
  return Object.fromEntries(Object.entries(wishes).toSorted(([a], [b]) => Number(untried.has(b)) - Number(untried.has(a))));
}

/** Those that one learning tries: the first ones, and all that there are rules for to be tried. The others stay untried, for the next one. */
export function wishesToTry(wishes: Wishes, proposals: readonly Proposal[] = []): Wishes {
  const proposed = new Set(proposals.map(({ field }) => field));
  return Object.fromEntries(Object.entries(wishes).filter(([field], position) => position < MAX_WISHES || proposed.has(field)));
}

/** Which of the fields that jobs asked for have rules now, and which have none. */
export function askedPart(learned: readonly string[], wishes: Wishes = {}): Asked {
  const names = Object.keys(wishes).filter((field) => !isOfEveryTemplate(field));
  const found = names.filter((field) => learned.includes(field));
  const unlearned = names.filter((field) => !learned.includes(field));
  const types = found.map((field) => [field, wishes[field]?.type ?? 'string'] as [string, WishType]);
  return {
    ...(found.length === 0 ? {} : { asked: Object.fromEntries(types) }),
    ...(unlearned.length === 0 ? {} : { unlearned: unlearned.slice(0, MAX_ASKED) }),
  };
}

/**
 * The rules that serve, with those for asked fields that learning has found besides; null where nothing new was tried. What was not found
 * is remembered too, so that nobody looks for it again.
 */
export function extendedConfig(serving: TemplateConfig, learned: TemplateConfig, wishes: Wishes): TemplateConfig | null {
  const isTried = (field: string): boolean => Object.hasOwn(learned.fields, field) || learned.unlearned?.includes(field) === true;
  const untried = untriedFields(serving, Object.keys(wishes)).filter(isTried);
  if (untried.length === 0) return null;
  const found = untried.filter((field) => Object.hasOwn(learned.fields, field));
  const { asked, unlearned = [] } = askedPart(found, Object.fromEntries(untried.map((field) => [field, wishes[field] ?? {}])));
  return {
    ...serving,
    fields: { ...serving.fields, ...Object.fromEntries(found.map((field) => [field, learned.fields[field] ?? []])) },
    asked: { ...serving.asked, ...asked },
    unlearned: [...(serving.unlearned ?? []), ...unlearned],
  };
}

/** The rules that serve, with the wishes that learning found no rules for, so that nobody looks for them again; null where none of them is new. */
export function triedInVain(serving: TemplateConfig, wishes: Wishes): TemplateConfig | null {
  const untried = untriedFields(serving, Object.keys(wishes));
  return untried.length === 0 ? null : { ...serving, unlearned: [...(serving.unlearned ?? []), ...untried] };
}

/**
 * How a field is read off a page that is served. Of asked fields only lists are read otherwise than as text: what text is worth in
 * the wanted type is for who asked, and whether the page says so can be told of the text alone.
 */
export function servingReaderOf({ asked = {} }: Asked, field: string): FieldReader {
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
