import { urlKey } from './url.js';

/** Longest URL that a crawl follows; a single page may be asked for with more, see `MAX_URL_LENGTH`. */
export const MAX_CRAWLED_URL_LENGTH = 2_048;
const MAX_SEGMENTS = 20;
const MAX_PARAMETERS = 12;
/** `/a/b/a/b/a/b` */
const REPEATS_IN_A_ROW = 3;
const REPEATS_ANYWHERE = 4;

const MAX_SHAPE_SEGMENT_LENGTH = 60;
const MAX_SHAPE_LENGTH = 400;
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const HEX = /^[0-9a-f]{8,}$/i;

/** Segments of a path; the empty one after a last slash is none, empty ones between slashes count. */
function segmentsOf(path: string): readonly string[] {
  const inner = path.replace(/^\//, '').replace(/\/$/, '');
  return inner === '' && path.length <= 2 ? [] : inner.split('/');
}

/** Length of the shortest sequence of segments that stands three times in a row; 0 when there is none. */
function repeatedSequence(segments: readonly string[]): number {
  for (let period = 1; period * REPEATS_IN_A_ROW <= segments.length; period++) {
    let equal = 0;
    for (let at = period; at < segments.length; at++) {
      equal = segments[at] === segments[at - period] ? equal + 1 : 0;
      if (equal === period * (REPEATS_IN_A_ROW - 1)) return period;
    }
  }
  return 0;
}

function mostFrequent(segments: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const segment of segments) if (!/^\d+$/.test(segment)) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/**
 * Why a URL looks like one of the endless ones that a site makes by mistake (relative links that pile up, combinations of
 * filters), in words; null when it does not. Judged by the URL alone: what pages say and how many share a shape is for the caller.
 */
export function trapProblem(url: URL): string | null {
  if (url.href.length - url.hash.length > MAX_CRAWLED_URL_LENGTH) return `longer than ${MAX_CRAWLED_URL_LENGTH} characters`;
  const segments = segmentsOf(url.pathname);
  if (segments.length > MAX_SEGMENTS) return `more than ${MAX_SEGMENTS} path segments`;
  if (repeatedSequence(segments) > 0) return `path segments repeated ${REPEATS_IN_A_ROW} times in a row`;
  if (mostFrequent(segments) >= REPEATS_ANYWHERE) return `a path segment ${REPEATS_ANYWHERE} times`;
  if (url.searchParams.size > MAX_PARAMETERS) return `more than ${MAX_PARAMETERS} query parameters`;
  return null;
}

/** True for a segment with a number in it; a version (`v2`) is a name. */
export function isNumbered(segment: string): boolean {
  return /\d/.test(segment) && !/^v\d{1,2}$/i.test(segment);
}

/** Letters outside ASCII are escaped, and the digits of an escape are no number. */
function isIdentifier(part: string): boolean {
  return isNumbered(part.replace(/%[0-9a-f]{2}/g, '')) || HEX.test(part);
}

/** `2026-11-27` → `*`, `page-12.html` → `page-*.html`, `3f2a9c…` → `*`. */
function shapeOfName(name: string): string {
  const parts = name
    .toLowerCase()
    .replace(UUID, '0')
    .split(/([-_.])/);
  const shape = parts.map((part) => (isIdentifier(part) ? '*' : part)).join('');
  return shape.replace(/\*(?:[-_.]?\*)+/g, '*').slice(0, MAX_SHAPE_SEGMENT_LENGTH);
}

/**
 * The pattern key of a URL, by which a crawl counts how much of one kind it has taken: numbers, dates, UUIDs and hexadecimal
 * names become `*`, `;parameters` go, of the query the sorted names stay: `/calendar/*\/*?month`. At most 400 characters; what
 * is longer is cut and shares the key of its beginning. A template's shape (extraction) is coarser: there the last segment varies.
 */
export function shapeOf(url: URL): string {
  const canonical = new URL(urlKey(url));
  const segments = segmentsOf(canonical.pathname).slice(0, MAX_SEGMENTS);
  const path = segments.map((segment) => shapeOfName(segment.split(';', 1)[0] ?? '')).join('/');
  const names = [...new Set([...canonical.searchParams.keys()].map(shapeOfName))].toSorted().slice(0, MAX_PARAMETERS);
  return `/${path}${names.length === 0 ? '' : `?${names.join('&')}`}`.slice(0, MAX_SHAPE_LENGTH);
}
