import type { Element } from 'domhandler';
import { hasAncestor, isBlock, isText, walkElements } from '../parse/elements.js';
import { asList, isObject } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { collapse, lineOf, shortLineOf } from '../parse/visible-text.js';
import { type Found, decodeEntities, describe, found, jsonText } from './found.js';

const MAX_AUTHORS = 20;
const MAX_LINES = 60;
const BYLINE = /^(?:by|von|par|por|da|door|written by|posted by|story by|words by|author:?|reported by|av|autor:?)[\s:\u00a0]+/i;
const NAME =
  /^[\p{Lu}\p{Lo}][\p{L}\p{M}.'’-]*(?:\s+(?:(?:de|da|do|del|della|van|von|der|den|la|le|el|bin|al|of|dos|di)\s+)*[\p{Lu}\p{Lo}][\p{L}\p{M}.'’-]*){0,4}$/u;

/** Names out of a byline: parts by "and", "&" and commas; what is no name (a title, a place, a date) is left. */
export function splitNames(text: string): string[] {
  const cleaned = collapse(decodeEntities(text))
    .replace(BYLINE, '')
    .replace(/\s*\|.*$/, '');
  const names = cleaned
    .split(/\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b|\n)\s*/i)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return [...new Set(names)].slice(0, MAX_AUTHORS);
}

export const isName = (text: string): boolean =>
  text.length >= 2 &&
  text.length <= 60 &&
  NAME.test(text) &&
  !/^(?:staff|admin|editor|editors|updated|published|posted|share|comments?)$/i.test(text);

function fromJsonLd(page: ParsedPage): Found<readonly string[]> | null {
  for (const entity of page.jsonLd) {
    const names = asList(entity['author'] ?? entity['creator']).flatMap((author) => {
      const name = isObject(author) || typeof author === 'string' ? jsonText(author) : null;
      return name === null || /^https?:/.test(name) ? [] : splitNames(name);
    });
    if (names.length > 0) return found([...new Set(names)].slice(0, MAX_AUTHORS), 'jsonld', 'author', false);
  }
  return null;
}

const AUTHOR_META = [
  'author',
  'article:author',
  'parsely-author',
  'sailthru.author',
  'byl',
  'dc.creator',
  'dcterms.creator',
  'citation_author',
  'og:article:author',
  'twitter:creator:name',
] as const;

function fromMeta(page: ParsedPage): Found<readonly string[]> | null {
  for (const name of AUTHOR_META) {
    const names = (page.meta.get(name) ?? [])
      .filter((content) => !/^https?:|^@|^\s*$/.test(content))
      .flatMap((content) => (name === 'citation_author' ? [collapse(content)] : splitNames(content)));
    if (names.length > 0) return found([...new Set(names)].slice(0, MAX_AUTHORS), 'meta', `meta[${name}]`);
  }
  return null;
}

const isAside = (element: Element): boolean =>
  hasAncestor(element, (ancestor) => ancestor.name === 'aside' || ancestor.name === 'nav' || ancestor.name === 'footer');

function fromMarkup(page: ParsedPage): Found<readonly string[]> | null {
  const marked = page.index.properties.filter((element) => (element.attribs['itemprop'] ?? '').split(/\s+/).includes('author'));
  const linked = page.index.anchors.filter((anchor) => /(?:^|\s)author(?:\s|$)/.test(anchor.attribs['rel'] ?? ''));
  for (const [elements, source] of [
    [marked, 'microdata'],
    [linked, 'dom'],
  ] as const) {
    const names = elements
      .filter((element) => !isAside(element))
      .flatMap((element) => {
        let named: Element = element;
        walkElements(element, (inner) => {
          if ((inner.attribs['itemprop'] ?? '') === 'name') named = inner;
        });
        return splitNames(named.attribs['content'] ?? lineOf(named)).filter(isName);
      });
    if (names.length > 0 && elements[0] !== undefined)
      return found([...new Set(names)].slice(0, MAX_AUTHORS), source, describe(elements[0]));
  }
  return null;
}

/** "By Ada Marlow" in a short line between the headline and the text. */
function fromByline(page: ParsedPage, headline: Element | null): Found<readonly string[]> | null {
  if (page.body === null) return null;
  let seen = headline === null;
  let looked = 0;
  let answer: Found<readonly string[]> | null = null;
  walkElements(page.body, (element) => {
    if (element === headline) seen = true;
    if (answer !== null || looked > MAX_LINES) return false;
    if (!seen || element.name === 'script' || element.name === 'style' || isAside(element)) return true;
    const direct = element.children.find((child) => isText(child) && child.data.trim() !== '');
    if (direct === undefined || element.children.length > 30) return true;
    looked++;
    const line = shortLineOf(element, 160);
    if (line === null || !BYLINE.test(`${line} `)) return true;
    const first = BYLINE.test(`${line} `) ? splitNames(line.split(/\s[•·|–—-]\s|\s(?:on|at|am|le)\s|\d/)[0] ?? '') : [];
    const names = first.filter(isName);
    if (names.length > 0) answer = found(names, 'text', isBlock(element) ? element.name : describe(element));
    return answer === null;
  });
  return answer;
}

/** Who wrote the page, by structured data first, then by what readers see. */
export function findAuthors(page: ParsedPage, headline: Element | null): Found<readonly string[]> | null {
  return fromJsonLd(page) ?? fromMeta(page) ?? fromMarkup(page) ?? fromByline(page, headline);
}
