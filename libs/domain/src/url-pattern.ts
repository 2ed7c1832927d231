/**
 * The pattern language of robots.txt (RFC 9309 §2.2.2 and §2.2.3), which the include and exclude patterns of a crawl speak as
 * well: a prefix of path and query, `*` for any characters, `$` at the end for the end. Matching takes no backtracking.
 */

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

/** A rule's value, ready to be matched: `*` and a last `$` keep their meaning, a `$` elsewhere is a plain character. */
export function normalizePattern(value: string): string {
  const isAnchored = value.endsWith('$');
  const body = normalizeEscapes(isAnchored ? value.slice(0, -1) : value).replaceAll('$', '%24');
  return isAnchored ? `${body}$` : body;
}

/** Path and query of a URL in the same spelling; what would be a wildcard in a rule is escaped. */
export function normalizePath(url: URL): string {
  return normalizeEscapes(`${url.pathname}${url.search}`).replaceAll('*', '%2A').replaceAll('$', '%24');
}

/**
 * True when the pattern matches the beginning of the path, or all of it when it ends in `$`. Each piece between wildcards is
 * looked for once, leftmost: without other wildcards that finds a match where there is one.
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

export const MAX_URL_PATTERN_LENGTH = 1_000;
export const MAX_URL_PATTERN_WILDCARDS = 50;

/** Null when the text can be an include or exclude pattern of a crawl, else what is wrong with it. */
export function urlPatternProblem(text: string): string | null {
  if (text.trim() === '') return 'must not be empty';
  if (text.length > MAX_URL_PATTERN_LENGTH) return `must have at most ${MAX_URL_PATTERN_LENGTH} characters`;
  if (!/^(?:[/*]|https?:\/\/)/i.test(text)) return 'must start with /, * or http(s)://, like /blog/ or *.pdf$';
  if (text.split('*').length - 1 > MAX_URL_PATTERN_WILDCARDS) return `must have at most ${MAX_URL_PATTERN_WILDCARDS} wildcards`;
  return null;
}

/** Characters outside ASCII as the escapes of their UTF-8 bytes; half a surrogate pair becomes U+FFFD, as it does in a URL. */
function escapeUnicode(text: string): string {
  return text.replace(/\P{ASCII}+/gu, (part) => encodeURIComponent(part.replace(/\p{Cs}/gu, '\uFFFD')));
}

/** Scheme and host of a pattern for whole URLs as the URL parser spells them: lower case, IDNA, no default port. */
function normalizeOrigin(pattern: string): string {
  const [origin = '', scheme = ''] = /^(https?):\/\/[^/?#]*/i.exec(pattern) ?? [];
  const rest = pattern.slice(origin.length);
  // A pattern that ends within the host is a prefix: `http://127` is no address.
  const parsed = rest === '' ? null : URL.parse(origin);
  return (parsed === null ? origin.toLowerCase() : `${scheme.toLowerCase()}://${parsed.host}`) + rest;
}

/**
 * A pattern of a crawl, ready to judge URLs: matched against path and query, or against the whole URL without its fragment when
 * it begins with http:// or https://. Spellings of escapes do not matter, upper and lower case of a path do.
 */
export function compileUrlPattern(text: string): (url: URL) => boolean {
  const isWhole = /^https?:\/\//i.test(text);
  const pattern = normalizePattern(escapeUnicode(isWhole ? normalizeOrigin(text) : text));
  return (url) => matchesPattern(isWhole ? `${url.protocol}//${url.host}${normalizePath(url)}` : normalizePath(url), pattern);
}
