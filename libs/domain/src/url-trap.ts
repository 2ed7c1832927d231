const MAX_LENGTH = 2_048;
const MAX_SEGMENTS = 20;
const MAX_PARAMETERS = 12;
/** A word that stands so often in one path, or a run of segments that follows itself so often, has been appended by a loop. */
const MOST_SAME_SEGMENTS = 3;
const MOST_REPEATS = 2;
const MAX_SHAPE_LENGTH = 300;

/** Why a URL looks like a trap for crawlers by itself; null when it does not. */
export function trapProblem(url: URL): string | null {
  if (url.href.length > MAX_LENGTH) return `longer than ${MAX_LENGTH} characters`;
  const segments = segmentsOf(url);
  if (segments.length > MAX_SEGMENTS) return `more than ${MAX_SEGMENTS} path segments`;
  const parameters = [...url.searchParams.keys()].length;
  if (parameters > MAX_PARAMETERS) return `more than ${MAX_PARAMETERS} query parameters`;
  const repeated = repeatedPart(segments);
  return repeated === null ? null : `the path repeats ${repeated.slice(0, 100)}`;
}

function segmentsOf(url: URL): readonly string[] {
  return url.pathname.split('/').filter((segment) => segment !== '');
}

function repeatedPart(segments: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const segment of segments) {
    if (/^\d+$/.test(segment)) continue;
    const count = (counts.get(segment) ?? 0) + 1;
    if (count > MOST_SAME_SEGMENTS) return segment;
    counts.set(segment, count);
  }
  for (let length = 1; length * (MOST_REPEATS + 1) <= segments.length; length++) {
    for (let start = 0; start + length * (MOST_REPEATS + 1) <= segments.length; start++) {
      const part = segments.slice(start, start + length).join('/');
      const follows = (turn: number): boolean => segments.slice(start + turn * length, start + (turn + 1) * length).join('/') === part;
      if (!/^[\d/]+$/.test(part) && [1, MOST_REPEATS].every(follows)) return part;
    }
  }
  return null;
}

/**
 * The pattern that per-pattern limits count a URL by: numbers, dates, ids and slugs become `*`, of the query the sorted names are
 * left: `/calendar/*` + `/*?month`. At most 300 characters.
 */
export function shapeOf(url: URL): string {
  const path = segmentsOf(url)
    .map((segment) => (isVariable(segment) ? '*' : segment.toLowerCase()))
    .join('/');
  const names = [...new Set(url.searchParams.keys())].toSorted();
  return `/${path}${names.length === 0 ? '' : `?${names.join('&')}`}`.slice(0, MAX_SHAPE_LENGTH);
}

function isVariable(segment: string): boolean {
  return /\d/.test(segment) || segment.length > 24 || segment.split(/[-_]/).length >= 4 || segment.includes('%');
}
