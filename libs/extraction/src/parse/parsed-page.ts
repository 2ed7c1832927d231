import type { PageLink } from '@gleaner/domain';
import type { Document, Element } from 'domhandler';
import { type JsonObject, readJsonLd } from './json-ld.js';
import { isElement } from './elements.js';
import { parseHtml } from './bounded-parser.js';
import { readLinks } from './links.js';
import { type PageIndex, indexPage } from './page-index.js';
import { collapse, lineOf } from './visible-text.js';

/** A page after its one parse. Nothing in it is changed afterwards: all extractors read the same tree. */
export interface ParsedPage {
  readonly url: string;
  /** Where relative links start: `<base href>` against the URL, or the URL. */
  readonly baseUrl: string;
  readonly document: Document;
  /** `<body>`, else `<html>`, else null for a page without elements. */
  readonly body: Element | null;
  /** Text of `<title>`. */
  readonly title: string;
  readonly index: PageIndex;
  readonly meta: PageIndex['meta'];
  readonly jsonLd: readonly JsonObject[];
  /** Every distinct http(s) link of the page, at most 5,000, absolute, in document order. */
  readonly links: readonly PageLink[];
  readonly htmlLength: number;
}

/** Absolute form of a reference, or null when it is none that a page can be fetched from. */
export function resolveUrl(reference: string, base: string): string | null {
  const trimmed = reference.trim();
  if (trimmed === '' || trimmed.length > 8_192) return null;
  const url = URL.parse(trimmed, base);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : null;
}

function bodyOf(document: Document, index: PageIndex): Element | null {
  if (index.body !== null) return index.body;
  if (index.html !== null) return index.html;
  const elements = document.children.filter(isElement);
  if (
    elements.length <= 1 &&
    document.children.every((child) => child === elements[0] || !('data' in child) || collapse(child.data) === '')
  )
    return elements[0] ?? null;
  return null;
}

/**
 * Parses a page once. `url` is where it was found after redirects (absolute). Bounded: see `parseHtml` for nesting and size,
 * JSON-LD up to 1 MB, 5,000 links. A fragment without `<html>` is read as if it stood in a body.
 */
export function parsePage(html: string, url: string): ParsedPage {
  let document = parseHtml(html);
  let index = indexPage(document);
  let body = bodyOf(document, index);
  if (body === null) {
    document = parseHtml(`<body>${html}</body>`);
    index = indexPage(document);
    body = index.body;
  }
  const baseUrl = (index.baseHref === null ? null : resolveUrl(index.baseHref, url)) ?? url;
  const title = index.titles.find((element) => element.parent !== null && lineOfTitle(element) !== '');
  return {
    url,
    baseUrl,
    document,
    body,
    index,
    meta: index.meta,
    htmlLength: html.length,
    title: title === undefined ? '' : lineOfTitle(title),
    jsonLd: readJsonLd(index.jsonLdBlocks),
    links: readLinks(index.anchors, (reference) => resolveUrl(reference, baseUrl)),
  };
}

function lineOfTitle(element: Element): string {
  return collapse(element.children.map((child) => ('data' in child ? child.data : lineOf(child))).join(''));
}

/** First non-empty content of the named `<meta>` tags, with the name that answered. */
export function metaValue(page: ParsedPage, names: readonly string[]): { readonly name: string; readonly value: string } | null {
  for (const name of names) {
    for (const content of page.meta.get(name) ?? []) {
      const value = collapse(content);
      if (value !== '') return { name, value };
    }
  }
  return null;
}
