import { urlKey } from '@gleaner/domain';
import { metaValue, type ParsedPage, resolveUrl } from '../parse/parsed-page.js';
import { type RobotsDirectives, readRobotsDirectives } from './robots-directives.js';

/** Most links that one page gives: what has more is a list that its own pages split up. */
const MAX_LINKS = 2_000;

const FRAME_LINKS = new Set(['next', 'prev', 'previous', 'alternate', 'canonical']);

export interface DiscoveredLink {
  /** Absolute, http or https, without a fragment. */
  readonly url: string;
}

export interface DiscoveredPage {
  /** Distinct by URL key, in document order, at most 2,000. */
  readonly links: readonly DiscoveredLink[];
  readonly robots: RobotsDirectives;
}

/** Where a page leads, and what it asks of robots. `robotsTag`: the X-Robots-Tag header, where there was one. */
export function discoverPage(page: ParsedPage, robotsTag: string | null = null): DiscoveredPage {
  const found = new Map<string, DiscoveredLink>();
  const add = (reference: string): void => {
    if (found.size >= MAX_LINKS) return;
    const url = pageUrl(reference, page.baseUrl);
    const key = url === null ? '' : urlKey(url);
    if (url !== null && !found.has(key)) found.set(key, { url: url.href });
  };
  // rel="nofollow" is a word to search engines about what a link is worth; whether it may be fetched is robots.txt's to say.
  for (const { url } of page.links) add(url);
  for (const { attribs } of page.index.linkTags) {
    const isFeed = /xml|json/i.test(attribs['type'] ?? '');
    if (
      !isFeed &&
      (attribs['rel'] ?? '')
        .toLowerCase()
        .split(/\s+/)
        .some((word) => FRAME_LINKS.has(word))
    )
      add(attribs['href'] ?? '');
  }
  return { links: [...found.values()], robots: directivesOf(page, robotsTag) };
}

function pageUrl(reference: string, base: string): URL | null {
  const resolved = resolveUrl(reference, base);
  if (resolved === null) return null;
  const url = new URL(resolved);
  url.hash = '';
  if (url.username !== '' || url.password !== '') return null;
  return url;
}

function directivesOf(page: ParsedPage, robotsTag: string | null): RobotsDirectives {
  const named = ['robots', 'gleanerbot'].map((name) => metaValue(page, [name])?.value ?? '');
  return readRobotsDirectives([...named, ...headerValues(robotsTag)]);
}

/** The parts of an X-Robots-Tag header that are for everybody or for us: `otherbot: noindex` is not. */
function headerValues(header: string | null): readonly string[] {
  if (header === null) return [];
  const values: string[] = [];
  let isForUs = true;
  for (const part of header.split(',')) {
    const named = /^\s*([\w-]+)\s*:\s*(.*)$/.exec(part);
    const isDirective = named !== null && /^(unavailable_after|max-)/i.test(named[1] ?? '');
    if (named !== null && !isDirective) isForUs = /^gleanerbot$/i.test(named[1] ?? '');
    if (isForUs) values.push(named === null || isDirective ? part : (named[2] ?? ''));
  }
  return values;
}
