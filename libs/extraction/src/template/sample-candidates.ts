import { type TemplateKey, urlKey } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';
import { templateKeyOf } from './key.js';

const NO_PAGE = /\.(?:pdf|jpe?g|png|gif|webp|svg|zip|gz|mp[34]|css|js|json|xml|rss|ico|docx?|xlsx?|pptx?|exe|dmg)$/i;

/**
 * Links of a page that lead to other pages of an address shape, by its key, as canonical URLs without fragment and tracking parameters,
 * in document order; the page itself (by its URL and its canonical one) is left out.
 */
export function sampleCandidates(page: ParsedPage, shape: TemplateKey, max: number): string[] {
  const seen = new Set<string>([urlKey(new URL(page.url))]);
  for (const link of page.index.linkTags) {
    const href = link.attribs['rel'] === 'canonical' ? URL.parse(link.attribs['href'] ?? '', page.baseUrl) : null;
    if (href !== null) seen.add(urlKey(href));
  }
  const candidates: string[] = [];
  for (const link of page.links) {
    if (candidates.length >= max) break;
    const url = URL.parse(link.url);
    if (url === null || url.host !== shape.site || NO_PAGE.test(url.pathname)) continue;
    const canonical = urlKey(url);
    if (seen.has(canonical)) continue;
    seen.add(canonical);
    if (templateKeyOf(url).templateId === shape.templateId) candidates.push(canonical);
  }
  return candidates;
}
