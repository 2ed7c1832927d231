import type { FieldValue, TemplateConfig, TemplateVersion } from '@gleaner/domain';
import type { PageFields } from '../content/general.js';
import { isName } from '../fields/author.js';
import { type Found, found } from '../fields/found.js';
import { fold } from '../fields/title.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { define } from '../schema/nested-draft.js';
import { isAsked, servingReaderOf } from './asked-fields.js';
import { isSameValue, readRule } from './field-readers.js';

/** Fields of documents; all others stand in `fields`. */
const OWN = new Set(['title', 'author', 'publishedAt', 'modifiedAt']);
const SAID_BY_PAGE = new Set(['jsonld', 'meta', 'microdata']);

/** What the general extractor has for a field, as readers write it. */
function generalValue(general: PageFields, field: string): { readonly value: string; readonly said: boolean } | null {
  const answer: Found<FieldValue> | null | undefined = OWN.has(field)
    ? general[field as 'title' | 'author' | 'publishedAt' | 'modifiedAt']
    : general.fields[field];
  if (answer === null || answer === undefined) return null;
  const value = Array.isArray(answer.value) ? answer.value.join('\n') : String(answer.value);
  return { value, said: SAID_BY_PAGE.has(answer.evidence.source) };
}

/** Whether a rule's value can be that of its field on this page: stale rules find something at times, but not this. */
function isPlausible(field: string, value: string, general: PageFields): boolean {
  const known = generalValue(general, field);
  if (field === 'title') {
    const own = fold(value);
    return (
      own !== '' &&
      (known === null || general.wordings.some((wording) => fold(wording).includes(own) || (wording !== '' && own.includes(fold(wording)))))
    );
  }
  if (known !== null && known.said) return isSameValue(value, known.value);
  return field !== 'author' || value === known?.value || value.split('\n').every(isName);
}

export interface FieldAnswers {
  readonly answers: Readonly<Record<string, Found>>;
  /** Share of the template's own fields that have a value on this page, by a rule or else; 1 when it has none. */
  readonly filled: number;
}

/**
 * The first plausible answer of a rule for each field of a template. What the page's structured data says otherwise is not
 * plausible: then the caller keeps what the general extractor read there. Fields that jobs asked for are read where `withAsked` says
 * so, and count for nothing in `filled`: not every page has them.
 */
export function readFields(
  page: ParsedPage,
  { config, version }: TemplateVersion,
  general: PageFields,
  { withAsked }: { readonly withAsked: boolean },
): FieldAnswers {
  const answers: Record<string, Found> = {};
  const fields = Object.entries(config.fields).filter(([field]) => withAsked || !isAsked(config, field));
  const own = fields.filter(([field]) => !isAsked(config, field)).length;
  let filled = 0;
  for (const [field, rules] of fields) {
    const reader = servingReaderOf(config, field);
    for (const rule of rules) {
      const value = readRule(page, rule, reader);
      if (value === null || value === '' || !isPlausible(field, value, general)) continue;
      const { evidence } = found(
        value,
        rule.evidence === 'structured-data' ? 'microdata' : 'dom',
        rule.label === undefined ? rule.selector : `${rule.selector} "${rule.label}"`,
      );
      define(answers, field, { value, evidence: { ...evidence, method: 'template', version } });
      break;
    }
    if (!isAsked(config, field) && (Object.hasOwn(answers, field) || generalValue(general, field) !== null)) filled++;
  }
  return { answers, filled: own === 0 ? 1 : filled / own };
}

const listOf = (answer: Found): Found<readonly string[]> => ({ value: answer.value.split('\n'), evidence: answer.evidence });

/** The fields of a page with the answers of the rules of `config` in their places. */
export function withAnswers(
  general: PageFields,
  answers: FieldAnswers['answers'],
  config: TemplateConfig,
): Pick<PageFields, 'title' | 'author' | 'publishedAt' | 'modifiedAt' | 'fields'> {
  const fields: Record<string, Found<FieldValue>> = { ...general.fields };
  for (const [field, answer] of Object.entries(answers))
    if (!OWN.has(field))
      define(fields, field, servingReaderOf(config, field).many === true || answer.value.includes('\n') ? listOf(answer) : answer);
  const { title, author, publishedAt, modifiedAt } = answers;
  return {
    title: title ?? general.title,
    author: author === undefined ? general.author : listOf(author),
    publishedAt: publishedAt ?? general.publishedAt,
    modifiedAt: modifiedAt ?? general.modifiedAt,
    fields,
  };
}
