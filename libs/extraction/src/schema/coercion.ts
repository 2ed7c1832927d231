import type { FieldValue } from '@gleaner/domain';
import { readDate } from '../fields/dates.js';
import { normalizePrice } from '../fields/product.js';
import { resolveUrl } from '../parse/parsed-page.js';
import { collapse } from '../parse/visible-text.js';
import type { WantedField } from './wanted-fields.js';

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

function toList(value: unknown): readonly string[] | null {
  const items = (Array.isArray(value) ? value : [value]).map(toText).filter((item) => item !== null);
  return items.length === 0 ? null : items.slice(0, MAX_ITEMS);
}

function allowed(text: string, oneOf: readonly string[] | undefined): string | null {
  if (oneOf === undefined) return text;
  const folded = collapse(text).toLowerCase();
  return oneOf.find((value) => value.toLowerCase() === folded) ?? null;
}

/**
 * A value in the type that a field wants: `"€1.299,00"` as number is `1299`, `"5 March 2026"` as date `2026-03-05`, a
 * relative reference as url absolute against `baseUrl`. Null when it cannot be that, or is not among the allowed values.
 */
export function coerce(value: unknown, { wish, oneOf }: WantedField, baseUrl: string): FieldValue {
  if (wish.type === 'list') return toList(value);
  const text = toText(Array.isArray(value) ? (value.length === 1 ? value[0] : value.map(toText).filter(Boolean).join(', ')) : value);
  if (text === null) return null;
  switch (wish.type) {
    case 'number':
      return toNumber(text);
    case 'integer': {
      const number = toNumber(text);
      return number !== null && Number.isInteger(number) ? number : null;
    }
    case 'boolean':
      return TRUE.test(text) ? true : FALSE.test(text) ? false : null;
    case 'date':
      return readDate(text);
    case 'url':
      return resolveUrl(text, baseUrl);
    case 'string':
    case undefined:
    default:
      return allowed(text, oneOf);
  }
}
