/**
 * Canonical URL keys: two URLs with the same key are the same page. The raw URL is always kept beside the key; the key is
 * never fetched. Version the list: a change of it changes keys, and stored keys are compared with new ones.
 */
export const TRACKING_PARAMETERS_VERSION = 1;

/** Query parameters that say where a visitor came from, never what the page is. Prefixes end in `*`. */
export const TRACKING_PARAMETERS: readonly string[] = [
  'utm_*',
  'fbclid',
  'gclid',
  'gclsrc',
  'dclid',
  'gbraid',
  'wbraid',
  'msclkid',
  'yclid',
  'twclid',
  'ttclid',
  'igshid',
  'mc_cid',
  'mc_eid',
  '_ga',
  '_gl',
  '_hsenc',
  '_hsmi',
  '__hssc',
  '__hstc',
  '__hsfp',
  'hsctatracking',
  'vero_id',
  'mkt_tok',
  'oly_anon_id',
  'oly_enc_id',
  's_cid',
  'wt_mc',
  'ref_src',
];

const exact = new Set(TRACKING_PARAMETERS.filter((name) => !name.endsWith('*')));
const prefixes = TRACKING_PARAMETERS.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));

function isTracking(name: string): boolean {
  const lower = name.toLowerCase();
  return exact.has(lower) || prefixes.some((prefix) => lower.startsWith(prefix));
}

/** Percent triplets in upper case (RFC 3986 §6.2.2.1); unreserved characters that were escaped are shown as they are (§6.2.2.2). */
function normalizeEscapes(part: string): string {
  return part.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : triplet.toUpperCase();
  });
}

function canonicalQuery(search: string): string {
  if (search === '' || search === '?') return '';
  const pairs = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isTracking(decode(pair.split('=', 1)[0] ?? '')));
  const sorted = pairs.map(normalizeEscapes).toSorted(compareCodePoints);
  return sorted.length === 0 ? '' : `?${sorted.join('&')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % is legal in a query: the name is compared as written
  }
}

function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * The key of a parsed URL: lower-case IDNA host, no fragment, no user info, no default port (all by the WHATWG parser),
 * dot segments gone, escapes normalized, tracking parameters dropped, the rest of the query sorted with blank values
 * kept. Idempotent: `urlKey(new URL(urlKey(u))) === urlKey(u)`.
 */
export function urlKey(url: URL): string {
  return `${url.protocol}//${url.host}${normalizeEscapes(url.pathname)}${canonicalQuery(url.search)}`;
}

/** Host with a port where it is not the default one: the name of a site in tables, events and templates. */
export function siteOf(url: URL): string {
  return url.host;
}

export const MAX_URL_LENGTH = 8_192;

/** Null when the text can be a page's URL, else what is wrong with it. */
export function urlProblem(text: string): string | null {
  if (text.trim() === '') return 'must not be empty';
  if (text.length > MAX_URL_LENGTH) return `must have at most ${MAX_URL_LENGTH} characters`;
  if (!URL.canParse(text)) return 'must be an absolute URL, like https://example.com/page';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `must start with http:// or https://, not ${url.protocol}`;
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password';
  if (url.hostname === '') return 'must have a host';
  return null;
}
