import type { FieldValue } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { hasAncestor, isText, walkElements } from '../parse/elements.js';
import { type JsonObject, asList, isObject, typesOf } from '../parse/json-ld.js';
import { type ParsedPage, metaValue } from '../parse/parsed-page.js';
import { lineOf, shortLineOf } from '../parse/visible-text.js';
import { type Found, describe, found, jsonText } from './found.js';

export type ProductFields = Readonly<Record<string, Found<FieldValue>>>;

const SYMBOLS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
  zł: 'PLN',
  R$: 'BRL',
  '₽': 'RUB',
  '₺': 'TRY',
  US$: 'USD',
  $: 'USD',
};
const PRICE =
  /(US\$|R\$|[€£¥₹₩₽₺$]|zł)\s?(\d{1,3}(?:[.,\s]\d{3})*(?:[.,]\d{2})?|\d+(?:[.,]\d{2})?)|(\d{1,3}(?:[.,\s]\d{3})*(?:[.,]\d{2})?|\d+(?:[.,]\d{2})?)\s?(€|£|zł|₽|₺|EUR|USD|GBP|CHF|PLN|SEK|NOK|DKK)/;

/** A price with a point before the cents and nothing between thousands: `1.299,00` and `1,299.00` are `1299.00`. */
export function normalizePrice(text: string): string | null {
  const digits = text.replace(/[^\d.,]/g, '');
  if (!/\d/.test(digits)) return null;
  const cents = /[.,](\d{1,2})$/.exec(digits);
  const whole = (cents === null ? digits : digits.slice(0, cents.index)).replace(/[.,]/g, '');
  return cents === null ? whole : `${whole || '0'}.${cents[1]}`;
}

/** The first price in a text, with its currency as ISO 4217; null when there is none. */
function readPrice(text: string): { readonly price: string; readonly currency: string } | null {
  const match = PRICE.exec(text);
  if (match === null) return null;
  const price = normalizePrice(match[2] ?? match[3] ?? '');
  const unit = match[1] ?? match[4] ?? '';
  return price === null ? null : { price, currency: SYMBOLS[unit] ?? unit };
}

export const hasPrice = (line: string): boolean => PRICE.test(line);

function offerOf(product: JsonObject): JsonObject | null {
  const offers = asList(product['offers']).filter(isObject);
  return offers.find((offer) => offer['price'] !== undefined || offer['lowPrice'] !== undefined) ?? offers[0] ?? null;
}

const lastSegment = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

function fromJsonLd(page: ParsedPage, fields: Record<string, Found<FieldValue>>): void {
  const product = page.jsonLd.find((entity) => typesOf(entity).some((type) => type.endsWith('Product') || type === 'ProductGroup'));
  if (product === undefined) return;
  const put = (name: string, value: string | null, path: string): void => {
    if (value !== null && value !== '') fields[name] ??= found(value, 'jsonld', path);
  };
  const offer = offerOf(product);
  if (offer !== null) {
    put('price', jsonText(offer['price'] ?? offer['lowPrice']), 'offers.price');
    put('currency', jsonText(offer['priceCurrency']), 'offers.priceCurrency');
    const availability = jsonText(offer['availability']);
    put('availability', availability === null ? null : lastSegment(availability), 'offers.availability');
  }
  const rating = asList(product['aggregateRating']).find(isObject);
  put('rating', jsonText(rating?.['ratingValue']), 'aggregateRating.ratingValue');
  put('ratingCount', jsonText(rating?.['reviewCount'] ?? rating?.['ratingCount']), 'aggregateRating.reviewCount');
  put('brand', jsonText(product['brand']), 'brand');
  put('sku', jsonText(product['sku']), 'sku');
}

const PROPERTIES: Readonly<Record<string, string>> = {
  price: 'price',
  priceCurrency: 'currency',
  availability: 'availability',
  ratingValue: 'rating',
  reviewCount: 'ratingCount',
  sku: 'sku',
  brand: 'brand',
};

function fromMicrodata(page: ParsedPage, fields: Record<string, Found<FieldValue>>): void {
  for (const element of page.index.properties) {
    const field = PROPERTIES[element.attribs['itemprop'] ?? ''];
    if (field === undefined) continue;
    const value = element.attribs['content'] ?? element.attribs['href'] ?? lineOf(element);
    const clean = field === 'price' ? normalizePrice(value) : field === 'availability' ? lastSegment(value) : value.trim();
    if (clean !== null && clean !== '') fields[field] ??= found(clean.slice(0, 200), 'microdata', describe(element));
  }
}

function fromMeta(page: ParsedPage, fields: Record<string, Found<FieldValue>>): void {
  const names: Readonly<Record<string, readonly string[]>> = {
    price: ['product:price:amount', 'og:price:amount', 'price'],
    currency: ['product:price:currency', 'og:price:currency', 'pricecurrency'],
    availability: ['product:availability', 'og:availability', 'availability'],
    brand: ['product:brand', 'og:brand'],
    rating: ['ratingvalue'],
  };
  for (const [field, keys] of Object.entries(names)) {
    const meta = metaValue(page, keys);
    if (meta !== null)
      fields[field] ??= found(field === 'availability' ? lastSegment(meta.value) : meta.value, 'meta', `meta[${meta.name}]`);
  }
}

const MAX_LOOKED = 400;

/** Struck out: what it cost before. */
const isStruck = (element: Element): boolean => element.name === 'del' || element.name === 's' || element.name === 'strike';

/** The first price that stands alone after the headline. */
export function visiblePrice(
  page: ParsedPage,
  headline: Element | null,
): { readonly element: Element; readonly price: string; readonly currency: string } | null {
  if (page.body === null || headline === null) return null;
  let seen = false;
  let looked = 0;
  let answer: { element: Element; price: string; currency: string } | null = null;
  walkElements(page.body, (element) => {
    if (element === headline) seen = true;
    if (answer !== null || looked > MAX_LOOKED) return false;
    if (!seen || element.name === 'script' || element.name === 'style' || isStruck(element)) return !seen;
    looked++;
    if (!element.children.some(isText) || element.children.length > 30) return true;
    const line = shortLineOf(element, 40, isStruck);
    if (line === null) return true;
    const price = readPrice(line);
    if (price !== null && !hasAncestor(element, (ancestor) => ancestor.name === 'aside' || ancestor.name === 'nav'))
      answer = { element, ...price };
    return answer === null;
  });
  return answer;
}

const AVAILABILITY: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:out of stock|sold out|currently unavailable|ausverkauft|nicht verfügbar|rupture de stock|épuisé|agotado|esaurito|uitverkocht)\b/i,
    'OutOfStock',
  ],
  [/\b(?:pre-?order|vorbestell)/i, 'PreOrder'],
  [/\b(?:in stock|auf lager|sofort lieferbar|en stock|disponibile|op voorraad|available now)\b/i, 'InStock'],
];
const RATING = /\b([0-5](?:[.,]\d{1,2})?)\s?(?:out of|of|von|sur|de|\/)\s?5\b/i;
const REVIEWS = /\b(\d[\d.,]{0,9})\s(?:customer |verified )?(?:reviews?|ratings?|bewertungen|avis|opiniones|recensioni)\b/i;

/** Availability and rating from the short lines after the headline. */
function addVisibleFacts({ body }: ParsedPage, headline: Element | null, fields: Record<string, Found<FieldValue>>): void {
  if (body === null || headline === null) return;
  let seen = false;
  let left = MAX_LOOKED;
  walkElements(body, (element) => {
    seen ||= element === headline;
    if (element.name === 'script' || element.name === 'style' || left <= 0) return false;
    if (!seen || !element.children.some(isText)) return true;
    left--;
    const line = element.children.length > 20 ? null : shortLineOf(element, 80);
    if (line === null || line === '') return true;
    const state = AVAILABILITY.find(([pattern]) => pattern.test(line))?.[1];
    if (state !== undefined) fields['availability'] ??= found(state, 'text', describe(element), false);
    const rating = RATING.exec(line)?.[1];
    if (rating !== undefined) fields['rating'] ??= found(rating.replace(',', '.'), 'text', describe(element), line.includes(rating));
    const count = REVIEWS.exec(line)?.[1];
    if (count !== undefined) fields['ratingCount'] ??= found(count.replace(/[.,]/g, ''), 'text', describe(element), false);
    return true;
  });
}

/** Price, currency, availability, rating, brand and sku, as far as the page says them; only structured data unless `visible`. */
export function findProductFields(page: ParsedPage, headline: Element | null, visible: boolean): ProductFields {
  const fields: Record<string, Found<FieldValue>> = {};
  fromJsonLd(page, fields);
  fromMicrodata(page, fields);
  fromMeta(page, fields);
  if (visible) addVisibleFacts(page, headline, fields);
  if (fields['price'] === undefined && visible) {
    const seen = visiblePrice(page, headline);
    if (seen !== null) {
      fields['price'] = found(seen.price, 'text', seen.element.name, lineOf(seen.element).includes(seen.price));
      fields['currency'] ??= found(seen.currency, 'text', seen.element.name, false);
    }
  }
  return fields;
}
