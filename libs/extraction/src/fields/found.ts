import type { Evidence } from '@gleaner/domain';
import type { Element } from 'domhandler';
import type { JsonObject, JsonValue } from '../parse/json-ld.js';
import { asList, isObject } from '../parse/json-ld.js';
import { collapse } from '../parse/visible-text.js';

/** A value with where it came from. */
export interface Found<Value = string> {
  readonly value: Value;
  readonly evidence: Evidence;
}

export function found<Value>(value: Value, source: Evidence['source'], selector: string, verbatim = true): Found<Value> {
  return { value, evidence: { source, selector, verbatim } };
}

/** A short selector for people: what an element is, not where it stands. */
export function describe(element: Element): string {
  const { itemprop, rel, datetime } = element.attribs;
  if (itemprop !== undefined) return `${element.name}[itemprop="${itemprop.split(/\s+/)[0] ?? ''}"]`;
  if (rel !== undefined && element.name === 'a') return `a[rel="${rel}"]`;
  if (datetime !== undefined) return `${element.name}[datetime]`;
  return element.name;
}

/** Text of a JSON-LD value: itself, or the name of the entity that stands there. */
export function jsonText(value: JsonValue | undefined): string | null {
  for (const item of asList(value)) {
    if (typeof item === 'string' || typeof item === 'number') {
      const text = collapse(String(item));
      if (text !== '') return text;
    }
    if (isObject(item)) {
      const name = item['name'] ?? item['@value'];
      if (typeof name === 'string' && collapse(name) !== '') return collapse(name);
    }
  }
  return null;
}

/** JSON-LD strings are HTML text at times: the named and numbered references that occur in titles. */
export function decodeEntities(text: string): string {
  const names: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: ' ',
    rsquo: '’',
    lsquo: '‘',
    rdquo: '”',
    ldquo: '“',
    ndash: '–',
    mdash: '—',
    hellip: '…',
  };
  return text.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return names[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const ARTICLE_TYPES = /(?:Article|Posting|Report|Review|HowTo|Recipe|NewsItem|CreativeWork)$/;

/** The entity that the page is about: its article or product before its frame. */
export function mainEntity(entities: readonly JsonObject[], wanted: (type: string) => boolean): JsonObject | null {
  return entities.find((entity) => asList(entity['@type']).some((type) => typeof type === 'string' && wanted(type))) ?? null;
}

export const isArticleType = (type: string): boolean => ARTICLE_TYPES.test(type);
