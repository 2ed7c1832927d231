import type { AskedValue, FieldBounds, FieldValue, WantedField, WishType } from '@gleaner/domain';
import { readDate } from '../fields/dates.js';
import { normalizePrice } from '../fields/product.js';
import { resolveUrl } from '../parse/parsed-page.js';
import { collapse } from '../parse/visible-text.js';
import { NestedDraft } from './nested-draft.js';

const TRUE = /^(?:true|yes|y|1|ja|oui|sí|si|in ?stock|available|auf lager|en stock)$/i;
const FALSE = /^(?:false|no|n|0|nein|non|out ?of ?stock|sold out|unavailable|not available)$/i;
const NUMBER = /-?\d+(?:[.,'\u00a0 ]\d+)*/;
const MAX_STRING = 20_000;
const MAX_ITEMS = 200;

function toNumber(text: string): number | null {
  const match = NUMBER.exec(text);
  const digits = match === null ? null : normalizePrice(match[0]);
  if (match === null || digits === null) return null;
  const value = Number(digits);
  return Number.isFinite(value) ? (match[0].startsWith('-') ? -value : value) : null;
}

const toText = (value: unknown): string | null =>
  typeof value === 'string'
    ? value.trim().slice(0, MAX_STRING) || null
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null;

function allowed(text: string, oneOf: readonly string[] | undefined): string | null {
  if (oneOf === undefined) return text;
  const folded = collapse(text).toLowerCase();
  return oneOf.find((value) => value.toLowerCase() === folded) ?? null;
}

function toScalar(text: string, type: WishType | undefined, oneOf: readonly string[] | undefined, baseUrl: string): FieldValue {
  switch (type) {
    case 'number':
    case 'integer': {
      const number = toNumber(text);
      if (number === null || (type === 'integer' && !Number.isInteger(number))) return null;
      return oneOf === undefined || oneOf.includes(String(number)) ? number : null;
    }
    case 'boolean':
      return TRUE.test(text) ? true : FALSE.test(text) ? false : null;
    case 'date':
      return allowed(readDate(text) ?? '', oneOf) || null;
    case 'url':
      return allowed(resolveUrl(text, baseUrl) ?? '', oneOf) || null;
    case 'list':
    case 'string':
    case undefined:
    default:
      return allowed(text, oneOf);
  }
}

function toList(value: unknown, { items, oneOf }: WantedField, baseUrl: string): readonly AskedValue[] | null {
  const list = (Array.isArray(value) ? value : [value])
    .map(toText)
    .map((text) => (text === null ? null : toScalar(text, items, oneOf, baseUrl)))
    .filter((item) => item !== null);
  return list.length === 0 ? null : list.slice(0, MAX_ITEMS);
}

/** Objects of a list, as a model answers them: items that lack what they must have are left out. */
function toObjects(value: unknown, { itemFields = [] }: WantedField, baseUrl: string): readonly AskedValue[] | null {
  const objects = (Array.isArray(value) ? value : []).slice(0, MAX_ITEMS).flatMap((item: unknown) => {
    const draft = new NestedDraft();
    for (const field of itemFields) {
      const found = coerce(valueAt(item, field.path), field, baseUrl);
      if (found !== null) draft.put(field.path, found);
      else if (field.required) return [];
    }
    return draft.isEmpty ? [] : [draft.value];
  });
  return objects.length === 0 ? null : objects;
}

function valueAt(item: unknown, path: string): unknown {
  let value = item;
  for (const name of path.split('.'))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Readonly<Record<string, unknown>>)[name]
        : undefined;
  return value;
}

function isWithin(value: AskedValue, bounds: FieldBounds | undefined): boolean {
  if (bounds === undefined) return true;
  const { minimum = -Infinity, maximum = Infinity, minLength = 0, maxLength = Infinity, minItems = 0, maxItems = Infinity } = bounds;
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  // JSON Schema counts characters, not UTF-16 units.
  const characters = typeof value === 'string' ? Array.from(value).length : 0;
  if (typeof value === 'string') return characters >= minLength && characters <= maxLength;
  return !Array.isArray(value) || (value.length >= minItems && value.length <= maxItems);
}

function converted(value: unknown, field: WantedField, baseUrl: string): AskedValue {
  if (field.isComplex) return toObjects(value, field, baseUrl);
  if (field.wish.type === 'list') return toList(value, field, baseUrl);
  const text = toText(Array.isArray(value) ? (value.length === 1 ? value[0] : value.map(toText).filter(Boolean).join(', ')) : value);
  return text === null ? null : toScalar(text, field.wish.type, field.oneOf, baseUrl);
}

/**
 * A value in the type that a field wants: `"€1.299,00"` as number is `1299`, `"5 March 2026"` as date `2026-03-05`, a
 * relative reference as url absolute against `baseUrl`, a list item by item. Null when it cannot be that, is not among the allowed
 * values, or lies outside the bounds: what is not null fits the schema.
 */
export function coerce(value: unknown, field: WantedField, baseUrl: string): AskedValue {
  const found = converted(value, field, baseUrl);
  return found !== null && isWithin(found, field.bounds) ? found : null;
}
