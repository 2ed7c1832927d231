import type { Evidence, ExtractedPage, FieldValue } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { describe, jsonText } from '../fields/found.js';
import { wordsOfName } from '../fields/wish.js';
import { SILENT_TAGS, childElements, isElement, walkElements } from '../parse/elements.js';
import { asList, typesOf } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { shortLineOf } from '../parse/visible-text.js';

/** A raw value of a page with where it stands. */
export interface Source {
  readonly value: FieldValue;
  readonly evidence: Omit<Evidence, 'verbatim'>;
}

const MAX_LABELS = 2_000;
const MAX_LABEL = 50;
const MAX_VALUE = 500;
const FRAME_TYPES = /^(?:WebSite|WebPage|Organization|BreadcrumbList|ListItem|ImageObject|SearchAction|Person|NewsMediaOrganization)$/;

/** Words by which callers ask for what every document has. */
const KNOWN: readonly (readonly [RegExp, (page: ExtractedPage) => FieldValue, string])[] = [
  [/^(?:title|headline|name|heading|(?:product|article|page|post) (?:name|title))$/, (page) => page.title, 'title'],
  [/^(?:authors?|by|byline|writer|written by|author names?)$/, (page) => page.author, 'author'],
  [
    /^(?:published|published at|publish(?:ed|ing)? date|publication date|date published|date|pub date|posted at)$/,
    (page) => page.publishedAt,
    'publishedAt',
  ],
  [/^(?:modified|modified at|date modified|updated|updated at|last updated)$/, (page) => page.modifiedAt, 'modifiedAt'],
  [/^(?:language|lang)$/, (page) => page.language, 'language'],
  [/^(?:site|site name|publisher|source)$/, (page) => page.siteName, 'siteName'],
  [/^(?:description|summary|excerpt|abstract|meta description)$/, (page) => page.description, 'description'],
  [/^(?:url|canonical url|canonical|link)$/, (page) => page.canonicalUrl, 'canonicalUrl'],
  [/^(?:content|body|text|article body|full text)$/, (page) => page.text, 'content'],
  [/^(?:markdown|content markdown)$/, (page) => page.markdown, 'content'],
  [/^(?:images?|pictures?|image urls?)$/, (page) => page.images.map(({ url }) => url), 'content'],
  [/^(?:page type|content type)$/, (page) => page.type, 'type'],
];

const ALIASES: Readonly<Record<string, string>> = {
  cost: 'price', amount: 'price', 'current price': 'price', 'sale price': 'price', 'product price': 'price',
  'price currency': 'currency', 'in stock': 'availability', stock: 'availability', available: 'availability',
  stars: 'rating', 'rating value': 'rating', 'average rating': 'rating', score: 'rating',
  reviews: 'rating count', 'review count': 'rating count', 'number of reviews': 'rating count',
  manufacturer: 'brand', maker: 'brand', 'article number': 'sku', breadcrumb: 'breadcrumbs', categories: 'breadcrumbs',
}; // prettier-ignore

const isEmpty = (value: FieldValue): boolean => value === null || value === '' || (Array.isArray(value) && value.length === 0);

function fromDocument(words: string, page: ExtractedPage): Source | null {
  const alias = Object.hasOwn(ALIASES, words) ? ALIASES[words] : undefined;
  const field = Object.keys(page.fields).find((name) => wordsOfName(name) === words || wordsOfName(name) === alias);
  if (field !== undefined)
    return { value: (page.fields[field] ?? null) as FieldValue, evidence: page.evidence[field] ?? { source: 'dom' } };
  for (const [pattern, read, name] of KNOWN) {
    if (!pattern.test(words)) continue;
    const value = read(page);
    if (!isEmpty(value)) return { value, evidence: page.evidence[name] ?? { source: 'dom' } };
  }
  return null;
}

function fromJsonLd(words: string, page: ParsedPage): Source | null {
  for (const entity of page.jsonLd) {
    if (typesOf(entity).some((type) => FRAME_TYPES.test(type))) continue;
    for (const [name, value] of Object.entries(entity)) {
      if (wordsOfName(name) !== words) continue;
      const items = asList(value)
        .map(jsonText)
        .filter((item) => item !== null);
      const [first] = items;
      if (first !== undefined)
        return { value: items.length > 1 ? items : first, evidence: { source: 'jsonld', selector: name, method: 'general' } };
    }
  }
  return null;
}

function fromMarkup(words: string, page: ParsedPage): Source | null {
  for (const element of page.index.properties) {
    if (!(element.attribs['itemprop'] ?? '').split(/\s+/).some((name) => wordsOfName(name) === words)) continue;
    const value = element.attribs['content'] ?? element.attribs['datetime'] ?? shortLineOf(element, MAX_VALUE);
    if (value !== null && value !== '') return { value, evidence: { source: 'microdata', selector: describe(element), method: 'general' } };
  }
  for (const [name, [value]] of page.meta) {
    if (value === undefined || value === '' || wordsOfName(name.slice(name.lastIndexOf(':') + 1)) !== words) continue;
    return { value, evidence: { source: 'meta', selector: `meta[${name}]`, method: 'general' } };
  }
  return null;
}

/** What readers see as "Height: 265 mm", in tables, definition lists and lines; the first of each label. */
function labelledValues(page: ParsedPage): ReadonlyMap<string, Source> {
  const values = new Map<string, Source>();
  const put = (label: string | null, value: string | null, selector: string): void => {
    if (label === null || value === null || value === '' || label.length > MAX_LABEL || values.size >= MAX_LABELS) return;
    const words = wordsOfName(label);
    if (words !== '' && !values.has(words))
      values.set(words, { value, evidence: { source: 'text', selector: `${selector} "${words}"`, method: 'general' } });
  };
  const lineAfter = (element: Element): string | null => {
    for (let next = element.next; next !== null; next = next.next) if (isElement(next)) return shortLineOf(next, MAX_VALUE);
    return null;
  };
  if (page.body === null) return values;
  walkElements(page.body, (element) => {
    if (SILENT_TAGS.has(element.name) || element.name === 'nav') return false;
    const { name } = element;
    if (name === 'dt') put(shortLineOf(element, MAX_LABEL), lineAfter(element), 'dt');
    else if (name === 'tr') {
      const [head, ...cells] = childElements(element);
      const [cell] = cells;
      if (head !== undefined && cell !== undefined && cells.length === 1)
        put(shortLineOf(head, MAX_LABEL), shortLineOf(cell, MAX_VALUE), 'tr');
    } else if (['li', 'p', 'div', 'span', 'td', 'dd'].includes(name) && element.children.length <= 6) {
      const line = shortLineOf(element, MAX_LABEL + MAX_VALUE);
      const match = line === null ? null : /^([^:：]{2,50})[:：]\s*(\S.*)$/.exec(line);
      if (match !== null) put(match[1] ?? '', match[2] ?? '', name);
      else if (name === 'span' || name === 'div') {
        const label = shortLineOf(element, MAX_LABEL);
        if (label !== null && label !== '' && childElements(element).length === 0) put(label, lineAfter(element), name);
      }
    }
    return true;
  });
  return values;
}

/** Where values of a page can come from without a model, asked by name. */
export class PageSources {
  private labels: ReadonlyMap<string, Source> | null = null;

  constructor(
    private readonly page: ParsedPage,
    private readonly extracted: ExtractedPage,
  ) {}

  /**
   * Values that go by a name, best first: what the document has (learned rules and the general extractor), structured data, meta
   * tags, labels that readers see.
   */
  *named(words: string): Generator<Source> {
    const known = fromDocument(words, this.extracted);
    if (known !== null) yield known;
    const declared = fromJsonLd(words, this.page) ?? fromMarkup(words, this.page);
    if (declared !== null) yield declared;
    this.labels ??= labelledValues(this.page);
    const labelled = this.labels.get(words);
    if (labelled !== undefined) yield labelled;
  }
}
