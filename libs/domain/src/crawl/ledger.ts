import type { ErrorCode } from '../errors.js';
import type { FetchMethod, PageReason, Snapshot } from '../page.js';
import type { Page, PageRequest } from '../readers.js';

/**
 * States of a page in the ledger of a crawl. `queued → leased → fetched → extracted → stored`, and from each of them to a
 * final state; a page that may go well later goes back to `queued`.
 */
export const LEDGER_STATES = ['queued', 'leased', 'fetched', 'extracted', 'stored', 'unchanged', 'duplicate', 'skipped', 'failed'] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

export const FINAL_LEDGER_STATES = ['stored', 'unchanged', 'duplicate', 'skipped', 'failed'] as const satisfies readonly LedgerState[];
export type FinalLedgerState = (typeof FINAL_LEDGER_STATES)[number];

/** Why a page is a duplicate, was skipped or failed. */
export type LedgerReason =
  | PageReason
  | 'out_of_scope'
  | 'trap'
  | 'limit'
  | 'depth'
  | 'noindex'
  | 'redirect'
  | 'same_content'
  | 'near_duplicate'
  | 'canonical'
  | 'gone'
  | 'cancelled'
  | 'deadline'
  | 'internal';

/** How a page was found. `known`: an earlier crawl had it. */
export type PageSource = 'start' | 'link' | 'sitemap' | 'redirect' | 'canonical' | 'known';

/** Milliseconds of each stage; those that have not run are not there. */
export type PageTimings = Partial<Record<'fetch' | 'extract' | 'embed' | 'store', number>>;

/** A URL of a crawl as the API shows it. */
export interface LedgerPage {
  readonly url: string;
  readonly state: LedgerState;
  readonly reason: LedgerReason | null;
  /** The rule, the error or the original in words; null where there is nothing to say. */
  readonly detail: string | null;
  /** Code of the error table, for `failed` and for refusals. */
  readonly code: ErrorCode | null;
  /** The page that this one repeats. */
  readonly duplicateOf: string | null;
  readonly documentId: string | null;
  readonly depth: number;
  readonly source: PageSource;
  /** How often it was tried. */
  readonly attempts: number;
  readonly status: number | null;
  readonly bytes: number | null;
  readonly method: FetchMethod | null;
  readonly finalUrl: string | null;
  readonly timingsMs: PageTimings;
  readonly updatedAt: string;
}

export interface LedgerFilter {
  readonly state?: LedgerState;
  readonly reason?: string;
}

/** A document as exports need it. */
export interface ExportedPage {
  readonly url: string;
  readonly documentId: string;
}

export interface LedgerReader {
  /** In the order of discovery. Throws Fault INVALID_INPUT for a cursor that is not one. */
  pages(jobId: string, filter: LedgerFilter, page: PageRequest): Promise<Page<LedgerPage>>;
  /** Stored and unchanged pages, in the order of discovery, after `afterId` (0 at first): at most `limit`. */
  exported(jobId: string, afterId: number, limit: number): Promise<readonly (ExportedPage & { readonly id: number })[]>;
}

/** A page that a batch works on. `key` is the SHA-256 of its URL key. */
export interface LeasedPage {
  readonly key: string;
  readonly url: string;
  readonly depth: number;
  readonly attempts: number;
  readonly state: 'leased' | 'fetched' | 'extracted';
  /** It has to be opened in the browser. */
  readonly needsBrowser: boolean;
  /** A snapshot that is extracted instead of fetching: a job that is done again, or one that extracts again. */
  readonly snapshot: Snapshot | null;
  /** ISO time from a sitemap. */
  readonly lastModified: string | null;
  readonly fetchMs: number;
}

/** A link or sitemap entry on its way to the ledger. */
export interface FoundPage {
  readonly url: string;
  readonly key: string;
  readonly depth: number;
  readonly source: PageSource;
  readonly lastModified?: string;
  /** 0 … 1, from a sitemap. */
  readonly priority?: number;
}

/** A found page with what was judged of it: `verdict` is null for one that is to be fetched. */
export interface JudgedPage extends FoundPage {
  readonly host: string;
  /** Shape of the URL that per-pattern limits count by. */
  readonly pattern: string;
  readonly verdict: { readonly reason: LedgerReason; readonly detail: string } | null;
}
