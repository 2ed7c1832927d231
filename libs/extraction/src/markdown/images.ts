import type { Element } from 'domhandler';
import { isElement, parentOf } from '../parse/elements.js';
import { collapse } from '../parse/visible-text.js';
import { resolveUrl } from '../parse/parsed-page.js';

const LAZY = ['data-src', 'data-original', 'data-lazy-src', 'data-lazy', 'data-full-src', 'data-hi-res-src', 'data-url'] as const;
const PLACEHOLDER =
  /(?:^data:|\/(?:blank|spacer|pixel|placeholder|transparent|1x1|grey)[\w-]{0,20}\.(?:gif|png|svg|jpe?g)(?:\?|$)|^about:)/i;

/** The largest candidate of a `srcset` (https://html.spec.whatwg.org/#srcset-attributes). */
function fromSrcset(srcset: string | undefined): string | null {
  if (srcset === undefined) return null;
  let best: string | null = null;
  let bestSize = -1;
  for (const candidate of srcset.slice(0, 20_000).split(/,\s+|,(?=https?:|\/)/)) {
    const [reference, descriptor] = candidate.trim().split(/\s+/);
    if (reference === undefined || reference === '' || PLACEHOLDER.test(reference)) continue;
    const size = Number.parseFloat(descriptor ?? '1') || 1;
    if (size > bestSize) [best, bestSize] = [reference.replace(/,$/, ''), size];
  }
  return best;
}

function isPixel(image: Element): boolean {
  const { width, height } = image.attribs;
  return [width, height].some((value) => value !== undefined && /^\s*[0-2](?:px)?\s*$/.test(value));
}

/** The picture an `<img>` shows when its page has run: lazy attributes before placeholders. Absolute; null for none. */
export function imageUrl(image: Element, base: string): string | null {
  if (isPixel(image)) return null;
  const { attribs } = image;
  const lazy = LAZY.map((name) => attribs[name]).find((value) => value !== undefined && value !== '' && !PLACEHOLDER.test(value));
  const source = attribs['src'];
  const plain = source !== undefined && source !== '' && !PLACEHOLDER.test(source) ? source : null;
  const picture = parentOf(image);
  const sources = picture?.name === 'picture' ? picture.children.filter(isElement).filter((child) => child.name === 'source') : [];
  const fromSources = sources
    .map((child) => fromSrcset(child.attribs['srcset'] ?? child.attribs['data-srcset']))
    .find((value) => value !== null);
  const reference = lazy ?? plain ?? fromSrcset(attribs['srcset'] ?? attribs['data-srcset']) ?? fromSources;
  return reference === undefined || reference === null ? null : resolveUrl(reference, base);
}

export function imageAlt(image: Element): string {
  return collapse(image.attribs['alt'] ?? '').slice(0, 500);
}
