import type { PageLink } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { lineOf } from './visible-text.js';

export const MAX_LINKS = 5_000;
const MAX_LINK_TEXT = 300;

/** Distinct links, absolute, in document order; the first non-empty text names a link. */
export function readLinks(anchors: readonly Element[], resolve: (reference: string) => string | null): PageLink[] {
  const found = new Map<string, { text: string; rel: string | undefined }>();
  for (const anchor of anchors) {
    const { href, rel, title } = anchor.attribs;
    if (href === undefined || href.startsWith('#')) continue;
    const url = resolve(href);
    if (url === null) continue;
    const known = found.get(url);
    if (known !== undefined && known.text !== '') continue;
    if (known === undefined && found.size >= MAX_LINKS) break;
    const text = (lineOf(anchor) || anchor.attribs['aria-label'] || title || '').slice(0, MAX_LINK_TEXT);
    found.set(url, { text, rel: known?.rel ?? rel });
  }
  return [...found].map(([url, { text, rel }]) => (rel === undefined || rel === '' ? { url, text } : { url, text, rel }));
}
