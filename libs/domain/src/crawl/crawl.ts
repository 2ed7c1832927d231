import type { FieldsAsked, RenderMode } from '../job.js';
import type { RetryFrom } from '../readers.js';

/** Which pages belong to the site: those of the host, of its whole registrable domain, or below the folder of the start page. */
export const CRAWL_SCOPES = ['host', 'domain', 'path'] as const;
export type CrawlScopeKind = (typeof CRAWL_SCOPES)[number];

export const SITEMAP_MODES = ['auto', 'only', 'skip'] as const;
export type SitemapMode = (typeof SITEMAP_MODES)[number];

/** What a caller asks for; what is left out gets the defaults of `crawlSettings`. */
export interface CrawlInput extends FieldsAsked {
  readonly url: string;
  /** Most pages that are kept. Pages that fail, are skipped or repeat another do not count. */
  readonly limit?: number;
  /** Most links from the start page to a page. */
  readonly depth?: number;
  /** Patterns in the language of robots.txt: a page must match one of `include`, if there are any, and none of `exclude`. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly scope?: CrawlScopeKind;
  /** auto: the pages of sitemaps besides those that links lead to; only: no links; skip: no sitemaps. */
  readonly sitemap?: SitemapMode;
  readonly render?: RenderMode;
  /** Visit a site again: what has not changed is kept as it is, what is gone is taken out of the knowledge. */
  readonly refresh?: boolean;
  /** false leaves out chunks and embeddings. */
  readonly embed?: boolean;
  /** Pages of one host that are fetched at once, at most; the host's own limits hold besides. */
  readonly concurrency?: number;
  /** The job fails after so many seconds; what is stored then stays. */
  readonly deadlineSeconds?: number;
}

/** A crawl as it runs: nothing is optional any more. Changed while it runs by `CrawlChange`. */
export interface CrawlSettings {
  readonly url: string;
  readonly limit: number;
  readonly depth: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly scope: CrawlScopeKind;
  readonly sitemap: SitemapMode;
  readonly render: RenderMode;
  readonly refresh: boolean;
  readonly embed: boolean;
  readonly concurrency: number;
  /** Stored bodies are extracted again: nothing is asked of the site, and no page comes in that the earlier crawl did not have. */
  readonly offline: boolean;
  /** What every page is asked for, as its caller wrote it: a schema or named fields; absent where nothing is. */
  readonly asked?: Readonly<Record<string, unknown>>;
}

/** What can be changed of a crawl that runs. */
export interface CrawlChange {
  readonly limit?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly concurrency?: number;
}

/** Bounds of what a caller may ask for, and what holds for every crawl whatever was asked. */
export const CRAWL_LIMITS = {
  pages: 100_000,
  depth: 100,
  patterns: 50,
  concurrency: 64,
  deadlineSeconds: 7 * 86_400,
  /** Hosts of one job: a domain that invents host names ends here. */
  hosts: 200,
  /** Rows of the ledger for each page of the limit, and besides: links that lead nowhere end here. */
  rowsPerPage: 20,
  rowsAtLeast: 20_000,
  /** Pages of one URL pattern with a query, and what share of the first ones may repeat others before the pattern is a trap. */
  pagesPerQueryPattern: 1_000,
  /** Pages of one address with several query parameters: filters can be combined without end. */
  pagesPerCombinedQuery: 200,
  trapSample: 50,
  trapShare: 0.9,
} as const;

/** End of the pattern of an address with several query parameters. */
export const COMBINED_QUERY = '?*';

export const CRAWL_DEFAULTS = { limit: 500, depth: 10, scope: 'host', sitemap: 'auto', render: 'auto', concurrency: 32 } as const;

/** `from`: where a crawl that is done again begins; `extract` asks the site for nothing. */
export function crawlSettings(input: CrawlInput, from?: RetryFrom): CrawlSettings {
  const offline = from === 'extract';
  const asked = input.schema ?? input.fields;
  return {
    url: input.url,
    limit: input.limit ?? CRAWL_DEFAULTS.limit,
    depth: input.depth ?? CRAWL_DEFAULTS.depth,
    include: input.include ?? [],
    exclude: input.exclude ?? [],
    scope: input.scope ?? CRAWL_DEFAULTS.scope,
    sitemap: offline ? 'skip' : (input.sitemap ?? CRAWL_DEFAULTS.sitemap),
    render: input.render ?? CRAWL_DEFAULTS.render,
    refresh: !offline && (input.refresh ?? false),
    embed: input.embed ?? true,
    concurrency: input.concurrency ?? CRAWL_DEFAULTS.concurrency,
    offline,
    ...(asked === undefined ? {} : { asked }),
  };
}

/** Rows that the ledger of a crawl may have; what is found beyond is counted and forgotten. */
export function mostRows({ limit }: Pick<CrawlSettings, 'limit'>): number {
  return CRAWL_LIMITS.rowsAtLeast + limit * CRAWL_LIMITS.rowsPerPage;
}
