import type { Language } from './lexicon.js';

/** The kinds of content pages; each has a section of its own. */
export const TEMPLATES = ['article', 'documentation', 'product', 'thread'] as const;
export type Template = (typeof TEMPLATES)[number];

/** Answers 429 above a rate; `retryAfter` says how the header tells when to come back. */
export interface ThrottleOptions {
  readonly maxPerSecond: number;
  readonly retryAfterSeconds: number;
  readonly retryAfterAs?: 'seconds' | 'date';
}

export interface SiteOptions {
  readonly seed: number;
  /** Content pages, spread evenly over the templates; the index pages that list them come on top. 1 … 1,000,000. */
  readonly pages: number;
  /** Address to listen on. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port?: number;
  /** All content pages have addresses of one shape, `/read/*`, whatever their template. */
  readonly oneShape?: boolean;
  /** Delay before every answer. */
  readonly latencyMs?: number;
  /** Up to this much more, by path: the same path always waits as long. */
  readonly latencyJitterMs?: number;
  /** Size of an average content page; pages differ by a fifth. */
  readonly bytesPerPage?: number;
  /** 0 … 1: share of the content pages that answer 503 or 500 at first, and then work. */
  readonly failShare?: number;
  /** Such a page fails 1 to this many times. */
  readonly failTimes?: number;
  readonly throttle?: ThrottleOptions;
  /** The text of robots.txt; `default` forbids `/private/` and names the site map; null answers 404. */
  readonly robots?: string | null;
  /** `index-gz` is a site map index of gzipped site maps. */
  readonly sitemap?: boolean | 'index-gz';
  /** Links to a calendar without end, facets, ever deeper folders and session ids. */
  readonly traps?: boolean;
  /** 0 … 1: share of the content pages that are also there under another address. */
  readonly duplicates?: number;
  /** Links that go through redirects: one hop, three hops, a loop. */
  readonly redirects?: boolean;
  /** 0 … 1: share of the content pages whose main part is built by a script. */
  readonly javascript?: number;
  /** ETag and Last-Modified, and 304 for those who send them. */
  readonly validators?: boolean;
  readonly languages?: readonly Language[];
}

export type SiteSettings = Required<Omit<SiteOptions, 'throttle'>> & { readonly throttle?: ThrottleOptions };

export const MAX_PAGES = 1_000_000;

/**
 * The options with their defaults.
 * @throws RangeError for a number that is out of its range.
 */
export function siteSettings(options: SiteOptions): SiteSettings {
  const settings: SiteSettings = {
    host: '127.0.0.1',
    port: 0,
    oneShape: false,
    latencyMs: 0,
    latencyJitterMs: 0,
    bytesPerPage: 20_000,
    failShare: 0,
    failTimes: 2,
    robots: 'default',
    sitemap: true,
    traps: false,
    duplicates: 0,
    redirects: false,
    javascript: 0,
    validators: true,
    languages: ['en'],
    ...options,
  };
  inRange('pages', settings.pages, 1, MAX_PAGES);
  inRange('bytesPerPage', settings.bytesPerPage, 1_000, 250_000);
  inRange('failTimes', settings.failTimes, 1, 100);
  for (const name of ['failShare', 'duplicates', 'javascript'] as const) inRange(name, settings[name], 0, 1);
  for (const name of ['latencyMs', 'latencyJitterMs'] as const) inRange(name, settings[name], 0, 600_000);
  if (settings.languages.length === 0) throw new RangeError('languages must not be empty');
  return settings;
}

/** @throws RangeError when a number is none, or out of its range. */
export function inRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new RangeError(`${name} must be from ${low} to ${high}`);
}
