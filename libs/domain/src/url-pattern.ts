/** Unreserved characters, which escaping never changes (RFC 3986 §2.3). */
const UNRESERVED = /[A-Za-z0-9._~-]/;
/** Kept as they stand on both sides: reserved characters. Everything else is compared escaped. */
const RESERVED = /[:/?#[\]@!$&'()*+,;=]/;

function escapeByte(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * One spelling for all spellings of a path (RFC 9309 §2.2.2): triplets in upper case, escaped unreserved characters shown as
 * they are, bytes that a URL cannot hold escaped. The text has one character a byte.
 */
function normalizeEscapes(text: string): string {
  return text.replace(/%[0-9a-f]{2}|[^A-Za-z0-9._~-]/gi, (part) => {
    if (part.length === 3) {
      const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
      return UNRESERVED.test(character) ? character : part.toUpperCase();
    }
    return RESERVED.test(part) || part === '%' ? part : escapeByte(part.charCodeAt(0));
  });
}

/** A pattern, ready to be matched: `*` and a last `$` keep their meaning, a `$` elsewhere is a plain character. */
export function normalizePattern(value: string): string {
  const isAnchored = value.endsWith('$');
  const body = normalizeEscapes(isAnchored ? value.slice(0, -1) : value).replaceAll('$', '%24');
  return isAnchored ? `${body}$` : body;
}

/** What patterns are matched against, in the same spelling; what would be a wildcard in a pattern is escaped. */
export function normalizePath(url: Pick<URL, 'pathname' | 'search'>): string {
  return normalizeEscapes(`${url.pathname}${url.search}`).replaceAll('*', '%2A').replaceAll('$', '%24');
}

/**
 * True when the pattern matches the beginning of the path, or all of it when it ends in `$`. Each piece between wildcards is
 * looked for once, leftmost: without other wildcards that finds a match where there is one. Linear in the length of the path.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  const isAnchored = pattern.endsWith('$');
  const pieces = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  const first = pieces[0] ?? '';
  if (!path.startsWith(first)) return false;
  let at = first.length;
  if (pieces.length === 1) return !isAnchored || at === path.length;
  const last = pieces[pieces.length - 1] ?? '';
  for (const piece of pieces.slice(1, isAnchored ? -1 : undefined)) {
    const found = path.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return !isAnchored || (path.length - last.length >= at && path.endsWith(last));
}

const MAX_PATTERN_LENGTH = 1_000;
const MAX_WILDCARDS = 50;

/** Null when the text can be an include or exclude pattern of a crawl, else what is wrong with it. */
export function urlPatternProblem(text: string): string | null {
  if (text === '') return 'must not be empty';
  if (text.length > MAX_PATTERN_LENGTH) return `must have at most ${MAX_PATTERN_LENGTH} characters`;
  if (text.split('*').length - 1 > MAX_WILDCARDS) return `must have at most ${MAX_WILDCARDS} wildcards`;
  if (!/^(\/|\*|https?:\/\/)/i.test(text)) return 'must start with /, * or http(s)://, like /blog/ or *.pdf$';
  return null;
}

/** Whether a pattern holds for a URL: by its path and query, or by all of it when the pattern has a scheme. */
export function patternHolds(pattern: string, url: URL): boolean {
  const path = normalizePath(url);
  const isWhole = /^https?:\/\//i.test(pattern);
  return matchesPattern(isWhole ? `${url.protocol}//${url.host}${path}` : path, normalizePattern(isWhole ? lowerOrigin(pattern) : pattern));
}

/** Scheme and host are compared in lower case, as URLs have them. */
function lowerOrigin(pattern: string): string {
  return pattern.replace(/^https?:\/\/[^/]*/i, (origin) => origin.toLowerCase());
}
