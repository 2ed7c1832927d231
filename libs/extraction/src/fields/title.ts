import type { Element } from 'domhandler';
import { hasAncestor } from '../parse/elements.js';
import { type ParsedPage, metaValue } from '../parse/parsed-page.js';
import { collapse, isHidden, lineOf } from '../parse/visible-text.js';
import { type Found, decodeEntities, found, isArticleType, jsonText, mainEntity } from './found.js';

const MAX_TITLE = 400;
const SEPARATOR = /\s[|\-–—·•:»«›‹/~]{1,2}\s|\s?\|\s?|:\s/g;

/** Lower case letters and digits only: how headlines are compared. */
export function fold(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A title without the name of the site before or after it. */
function withoutSite(title: string, siteName: string | null): string {
  const parts = [...title.matchAll(SEPARATOR)];
  if (parts.length === 0) return title;
  const site = siteName === null ? '' : fold(siteName);
  const first = parts[0],
    last = parts.at(-1);
  if (first === undefined || last === undefined) return title;
  const head = title.slice(0, last.index).trim(),
    tail = title.slice(last.index + last[0].length).trim();
  const start = title.slice(0, first.index).trim(),
    rest = title.slice(first.index + first[0].length).trim();
  if (site !== '' && fold(tail) === site) return head;
  if (site !== '' && fold(start) === site) return rest;
  const hard = !/^:?\s?$/.test(last[0].trim()) && last[0].trim() !== ':';
  if (hard && tail.split(/\s+/).length <= 4 && head.split(/\s+/).length >= 2 && head.length > tail.length) return head;
  return title;
}

const usable = (heading: Element): boolean =>
  !isHidden(heading) &&
  !hasAncestor(
    heading,
    (ancestor) => ancestor.name === 'nav' || ancestor.name === 'aside' || ancestor.name === 'footer' || isHidden(ancestor),
  );

/** The headline: the `<h1>` whose words the page's own title has, or the only one. */
export function findHeadline(page: ParsedPage, siteName: string | null = null): Element | null {
  const site = siteName === null ? '' : fold(siteName);
  const isSite = (heading: Element): boolean => site !== '' && fold(lineOf(heading)) === site && fold(page.title) !== site;
  const headings = page.index.headings.filter(
    (heading) => heading.name === 'h1' && usable(heading) && lineOf(heading) !== '' && !isSite(heading),
  );
  const claimed = fold(`${page.title} ${(page.meta.get('og:title') ?? []).join(' ')}`);
  const agreeing = headings.filter((heading) => fold(lineOf(heading)).length > 2 && claimed.includes(fold(lineOf(heading))));
  const longest = [...agreeing].toSorted((a, b) => lineOf(b).length - lineOf(a).length)[0];
  if (longest !== undefined) return longest;
  const inMain = headings.filter((heading) => hasAncestor(heading, (ancestor) => ancestor.name === 'main' || ancestor.name === 'article'));
  if (inMain.length > 0) return inMain[0] ?? null;
  if (headings.length > 0) return headings[0] ?? null;
  return (
    page.index.headings.find(
      (heading) =>
        heading.name === 'h2' && usable(heading) && fold(lineOf(heading)).length > 5 && claimed.startsWith(fold(lineOf(heading))),
    ) ?? null
  );
}

/** Where the page names itself nowhere, its first heading does. */
function firstHeading({ index }: ParsedPage): Found {
  const heading = index.headings.find((candidate) => usable(candidate) && lineOf(candidate) !== '');
  return heading === undefined ? found('', 'text', 'none', false) : found(lineOf(heading).slice(0, MAX_TITLE), 'dom', heading.name);
}

/** The title of the page as its headline says it, without the name of the site. */
export function findTitle(page: ParsedPage, headline: Element | null, siteName: string | null): Found {
  const shown = headline === null ? '' : lineOf(headline).slice(0, MAX_TITLE);
  const claims: Found[] = [];
  const og = metaValue(page, ['og:title', 'twitter:title', 'citation_title', 'dc.title', 'headline']);
  if (og !== null) claims.push(found(withoutSite(decodeEntities(og.value), siteName), 'meta', `meta[${og.name}]`));
  const entity = mainEntity(page.jsonLd, (type) => isArticleType(type) || type.endsWith('Product'));
  const named = entity === null ? null : (jsonText(entity['headline']) ?? jsonText(entity['name']));
  if (named !== null) claims.push(found(collapse(decodeEntities(named)), 'jsonld', 'headline'));
  if (page.title !== '') claims.push(found(withoutSite(page.title, siteName), 'meta', 'title'));
  if (shown !== '' && headline !== null) {
    const isSite = siteName !== null && fold(shown) === fold(siteName);
    const agrees = claims.some((claim) => fold(claim.value).includes(fold(shown)) || fold(shown).includes(fold(claim.value)));
    if ((agrees && !isSite) || claims.length === 0 || (!isSite && headline.name === 'h1')) return found(shown, 'dom', headline.name);
  }
  const [claim] = claims;
  return claim === undefined ? firstHeading(page) : { ...claim, value: claim.value.slice(0, MAX_TITLE) };
}
