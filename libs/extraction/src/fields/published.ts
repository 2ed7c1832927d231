import type { Element } from 'domhandler';
import { hasAncestor, isBlock, isText, parentOf, walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf, shortLineOf } from '../parse/visible-text.js';
import { readDate } from './dates.js';
import { type Found, describe, found, jsonText } from './found.js';

const PUBLISHED_META = [
  'article:published_time',
  'datepublished',
  'og:published_time',
  'article:published',
  'parsely-pub-date',
  'sailthru.date',
  'publish-date',
  'publish_date',
  'publication_date',
  'dc.date.issued',
  'dcterms.issued',
  'dc.date',
  'dcterms.date',
  'dcterms.created',
  'citation_publication_date',
  'citation_date',
  'date',
  'pubdate',
  'cxenseparse:recs:publishtime',
] as const;
const MODIFIED_META = ['article:modified_time', 'datemodified', 'og:updated_time', 'dcterms.modified', 'last-modified', 'lastmod'] as const;

function fromMeta(page: ParsedPage, names: readonly string[]): Found | null {
  for (const name of names) {
    for (const content of page.meta.get(name) ?? []) {
      const date = readDate(content);
      if (date !== null) return found(date, 'meta', `meta[${name}]`, content.includes(date));
    }
  }
  return null;
}

function fromJsonLd(page: ParsedPage, property: string): Found | null {
  for (const entity of page.jsonLd) {
    const text = jsonText(entity[property]);
    const date = text === null ? null : readDate(text);
    if (date !== null) return found(date, 'jsonld', property, text?.includes(date) === true);
  }
  return null;
}

function fromProperty(page: ParsedPage, property: string): Found | null {
  for (const element of page.index.properties) {
    if (!(element.attribs['itemprop'] ?? '').split(/\s+/).includes(property)) continue;
    const date = readDate(element.attribs['datetime'] ?? element.attribs['content'] ?? lineOf(element));
    if (date !== null) return found(date, 'microdata', describe(element));
  }
  return null;
}

const isAside = (element: Element): boolean =>
  hasAncestor(
    element,
    (ancestor) => ancestor.name === 'aside' || ancestor.name === 'nav' || ancestor.name === 'footer' || ancestor.name === 'li',
  );

function articleOf(element: Element): Element | null {
  for (let parent = parentOf(element); parent !== null; parent = parentOf(parent)) if (parent.name === 'article') return parent;
  return null;
}

/** Dates of three and more articles are those of a list: only the article of the headline is the page's own. */
function ownTimes(page: ParsedPage, headline: Element | null): Element[] {
  const times = page.index.times.filter((time) => !isAside(time));
  const articles = new Set(times.map(articleOf));
  articles.delete(null);
  if (articles.size < 3) return times;
  const own = headline === null ? null : articleOf(headline);
  return times.filter((time) => articleOf(time) === null || articleOf(time) === own);
}

function fromTime(page: ParsedPage, headline: Element | null): Found | null {
  const times = ownTimes(page, headline);
  const marked = times.filter((time) => time.attribs['pubdate'] !== undefined);
  for (const time of [...marked, ...times]) {
    const date = readDate(time.attribs['datetime'] ?? '') ?? readDate(lineOf(time));
    if (date !== null) return found(date, 'dom', describe(time));
  }
  return null;
}

const MAX_VISIBLE = 40;

/** A short line with a date near the headline: where papers print it. */
function fromVisibleText(page: ParsedPage, headline: Element | null): Found | null {
  if (page.body === null || headline === null) return null;
  let seen = false;
  let looked = 0;
  let answer: Found | null = null;
  walkElements(page.body, (element) => {
    if (element === headline) seen = true;
    if (!seen || answer !== null || looked > MAX_VISIBLE) return answer === null && looked <= MAX_VISIBLE;
    const isLeaf = element.children.some((child) => isText(child) && child.data.trim() !== '');
    if (!isLeaf || element.children.length > 30 || element.name === 'script' || element.name === 'style') return true;
    looked++;
    const line = shortLineOf(element, 120);
    if (line !== null && (articleOf(element) === null || articleOf(element) === articleOf(headline))) {
      const date = readDate(line);
      if (date !== null) answer = found(date, 'text', isBlock(element) ? element.name : describe(element), line.includes(date));
    }
    return answer === null;
  });
  return answer;
}

function fromUrl(page: ParsedPage): Found | null {
  const match = /\/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:\/|-|$)/.exec(new URL(page.url).pathname);
  const date = match === null ? null : readDate(`${match[1]}/${match[2]}/${match[3]}`);
  return date === null ? null : found(date, 'url', 'path', false);
}

export function findPublished(page: ParsedPage, headline: Element | null): Found | null {
  return (
    fromJsonLd(page, 'datePublished') ??
    fromMeta(page, PUBLISHED_META) ??
    fromProperty(page, 'datePublished') ??
    fromTime(page, headline) ??
    fromVisibleText(page, headline) ??
    fromJsonLd(page, 'dateCreated') ??
    fromJsonLd(page, 'uploadDate') ??
    fromUrl(page)
  );
}

export function findModified(page: ParsedPage): Found | null {
  return fromJsonLd(page, 'dateModified') ?? fromMeta(page, MODIFIED_META) ?? fromProperty(page, 'dateModified');
}
