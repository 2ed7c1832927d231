import { type ParsedPage, metaValue, resolveUrl } from '../parse/parsed-page.js';
import { typesOf } from '../parse/json-ld.js';
import { collapse } from '../parse/visible-text.js';
import { type Found, decodeEntities, found, jsonText } from './found.js';

/** A BCP 47 tag with its usual case, or null when the text is none. */
function normalizeLanguage(tag: string): string | null {
  const [canonical] = (() => {
    try {
      return Intl.getCanonicalLocales(tag.trim().replace(/_/g, '-').split(/[;,]/)[0] ?? '');
    } catch {
      return []; // not a language tag: then the page has not said any
    }
  })();
  return canonical ?? null;
}

export function findLanguage(page: ParsedPage): Found | null {
  const claims: readonly (readonly [string | undefined, Found['evidence']['source'], string])[] = [
    [page.index.html?.attribs['lang'] ?? page.index.html?.attribs['xml:lang'], 'dom', 'html[lang]'],
    [page.body?.attribs['lang'], 'dom', 'body[lang]'],
    [metaValue(page, ['content-language', 'language', 'dc.language'])?.value, 'meta', 'meta[language]'],
    [metaValue(page, ['og:locale'])?.value, 'meta', 'meta[og:locale]'],
  ];
  for (const [claim, source, selector] of claims) {
    const tag = claim === undefined || claim.trim() === '' ? null : normalizeLanguage(claim);
    if (tag !== null) return found(tag, source, selector);
  }
  return null;
}

export function findSiteName(page: ParsedPage): Found | null {
  const meta = metaValue(page, ['og:site_name', 'application-name', 'apple-mobile-web-app-title']);
  if (meta !== null) return found(decodeEntities(meta.value), 'meta', `meta[${meta.name}]`);
  const site = page.jsonLd.find((entity) => typesOf(entity).includes('WebSite'));
  const name = site === undefined ? null : jsonText(site['name']);
  if (name !== null) return found(name, 'jsonld', 'WebSite.name');
  const publisher = page.jsonLd.map((entity) => jsonText(entity['publisher'])).find((value) => value !== null && !/^https?:/.test(value));
  if (publisher !== undefined && publisher !== null) return found(publisher, 'jsonld', 'publisher.name');
  const parts = page.title.split(/\s+[|·»]\s+|\s+[–—-]\s+/);
  const last = parts.at(-1) ?? '';
  return parts.length >= 2 && last.length <= 40 && last.split(/\s+/).length <= 4 ? found(last, 'text', 'title') : null;
}

export function findDescription(page: ParsedPage): Found | null {
  const meta = metaValue(page, ['description', 'og:description', 'twitter:description', 'dc.description']);
  return meta === null ? null : found(decodeEntities(collapse(meta.value)).slice(0, 2_000), 'meta', `meta[${meta.name}]`);
}

export function findCanonical(page: ParsedPage): Found | null {
  for (const link of page.index.linkTags) {
    if (!/(?:^|\s)canonical(?:\s|$)/i.test(link.attribs['rel'] ?? '')) continue;
    const url = resolveUrl(link.attribs['href'] ?? '', page.baseUrl);
    if (url !== null) return found(url, 'dom', 'link[rel="canonical"]', link.attribs['href'] === url);
  }
  const og = metaValue(page, ['og:url']);
  const url = og === null ? null : resolveUrl(og.value, page.baseUrl);
  return url === null ? null : found(url, 'meta', 'meta[og:url]');
}
