import type { FieldWish, SelectorRule } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { splitNames } from '../fields/author.js';
import { readDate } from '../fields/dates.js';
import { normalizePrice } from '../fields/product.js';
import { isElement, parentOf } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { select, selectOutermost } from './selection.js';

/** How text on a page becomes the value of a field. Values of lists stand on lines of their own. */
export interface FieldReader {
  readonly read: (text: string) => string | null;
  /** The value is a list, one item for each match. */
  readonly many?: boolean;
}

const MAX_TEXT = 400;
const MAX_ITEMS = 12;
const PRICE_LINE = /^[^\d]{0,12}\d[\d.,\s\u00a0']*[^\d]{0,12}$/;
const RATING_LINE = /^[^\d]{0,20}(\d(?:[.,]\d{1,2})?)(?:\s?(?:\/|out of|von|sur|de|of|stars?).{0,30})?$/i;
const NUMBER = /-?\d+(?:[.,]\d+)*/;

const readText = (text: string): string | null => (text === '' || text.length > MAX_TEXT || text.includes('\n') ? null : text);
const readPrice = (text: string): string | null => (text.length <= 40 && PRICE_LINE.test(text) ? normalizePrice(text) : null);
const readNumber = (text: string): string | null => {
  const match = text.length > 60 ? null : NUMBER.exec(text);
  return match === null ? null : normalizePrice(match[0]);
};

/** Fields that every template learns. */
const READERS: Readonly<Record<string, FieldReader>> = {
  title: { read: readText },
  author: { read: (text) => (text.length > 160 ? null : splitNames(text).join('\n') || null) },
  publishedAt: { read: readDate },
  modifiedAt: { read: readDate },
  price: { read: readPrice },
  rating: { read: (text) => RATING_LINE.exec(text)?.[1]?.replace(',', '.') ?? null },
  breadcrumbs: { read: (text) => (text.length > 100 ? null : text.replace(/^[\s/»›>]{1,3}|[\s/»›>]{1,3}$/g, '') || null), many: true },
};

export const LEARNED_FIELDS: readonly string[] = Object.keys(READERS);

/** The reader of a field: its own, or that of the type a caller wants. */
export function readerOf(field: string, wish?: FieldWish): FieldReader {
  const known = Object.hasOwn(READERS, field) ? READERS[field] : undefined;
  if (known !== undefined) return known;
  if (wish?.type === 'date') return { read: readDate };
  if (wish?.type === 'number' || wish?.type === 'integer') return { read: readNumber };
  return { read: readText, many: wish?.type === 'list' };
}

const DATE = /^\d{4}-\d{2}-\d{2}/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** Whether two readings say the same: `12.5` and `12.50` do, and a day and a time on that day. */
export function isSameValue(a: string, b: string): boolean {
  if (a === b) return true;
  if (DECIMAL.test(a) && DECIMAL.test(b)) return Number(a) === Number(b);
  const [day] = DATE.exec(a) ?? [];
  return day !== undefined && (a.length === 10 || b.length === 10) && b.startsWith(day);
}

const MAX_LABELLED = 2_000;
const MAX_LABEL_LINE = 300;

const nextElement = (element: Element): Element | null => {
  for (let next = element.next; next !== null; next = next.next) if (isElement(next)) return next;
  return null;
};

/** Label words without the colon, lower case. */
export const foldLabel = (text: string): string => text.replace(/[\s:：]+$/, '').toLowerCase();

/** The text that stands after a label: on its line, in the next element, or in the one after its parent. */
function readLabelled(page: ParsedPage, selector: string, label: string): string | null {
  const wanted = foldLabel(label);
  for (const element of select(page, selector, MAX_LABELLED)) {
    if (element.children.length > 10) continue;
    const line = lineOf(element);
    if (line.length > MAX_LABEL_LINE || !line.toLowerCase().startsWith(wanted)) continue;
    const rest = line.slice(wanted.length);
    if (/^\s*[:：]\s*\S/.test(rest)) return rest.replace(/^\s*[:：]\s*/, '');
    if (foldLabel(rest) !== '') continue;
    const parent = parentOf(element);
    const value = nextElement(element) ?? (parent === null ? null : nextElement(parent));
    const text = value === null ? '' : lineOf(value);
    if (text !== '') return text;
  }
  return null;
}

/** The value that a rule reads from a page; null when it finds nothing or something that is no such value. */
export function readRule(page: ParsedPage, rule: SelectorRule, reader: FieldReader): string | null {
  if (rule.label !== undefined) {
    const text = readLabelled(page, rule.selector, rule.label);
    return text === null ? null : reader.read(text.trim());
  }
  const textOf = (element: Element): string =>
    (rule.attribute === undefined ? lineOf(element) : (element.attribs[rule.attribute] ?? '')).trim();
  if (reader.many !== true) {
    const element = select(page, rule.selector)[0];
    return element === undefined ? null : reader.read(textOf(element));
  }
  const items = selectOutermost(page, rule.selector)
    .map((element) => reader.read(textOf(element)))
    .filter((item) => item !== null);
  return [...new Set(items)].slice(0, MAX_ITEMS).join('\n') || null;
}
