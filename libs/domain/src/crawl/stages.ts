import type { ErrorCode } from '../errors.js';
import type {
  BatchInput,
  EmbedBatchInput,
  EmbedBatchOutcome,
  ExtractBatchOutcome,
  FetchBatchInput,
  FetchBatchOutcome,
  StoreBatchInput,
  StoreBatchOutcome,
} from './batch.js';
import type { CrawlChange, SitemapMode } from './crawl.js';
import type { CrawlEnd } from './ports.js';

/** What the workflow of a crawl has to know; everything else its activities read themselves. */
export interface OpenedCrawl {
  readonly hosts: readonly string[];
  readonly sitemap: SitemapMode;
}

export interface CrawlFetchActivities {
  /** Takes pages of a host from the ledger and fetches them; what it has is in the ledger. Throws HOST_BUSY when the host wants a pause. */
  fetchBatch(input: FetchBatchInput): Promise<FetchBatchOutcome>;
  /** Reads the sitemaps of the start page's site into the ledger. */
  readSitemaps(input: { readonly jobId: string }): Promise<SitemapsOutcome>;
}

export interface SitemapsOutcome {
  /** Pages that are new. */
  readonly pages: number;
  readonly newHosts: readonly string[];
  /** The job was paused before all were read. */
  readonly isCut?: boolean;
}

export interface CrawlBrowserActivities {
  /** Opens the pages of a batch that need it, one after the other. Returns how many have a body now. */
  renderBatch(input: BatchInput): Promise<{ readonly fetched: number }>;
}

export interface CrawlExtractActivities {
  /** Parses every fetched page of the batch once: content, chunks, analysis, links, fingerprint. */
  extractBatch(input: BatchInput): Promise<ExtractBatchOutcome>;
}

export interface CrawlEmbedActivities {
  embedBatch(input: EmbedBatchInput): Promise<EmbedBatchOutcome>;
}

export interface CrawlStoreActivities {
  openCrawl(input: { readonly jobId: string }): Promise<OpenedCrawl>;
  storeBatch(input: StoreBatchInput): Promise<StoreBatchOutcome>;
  /** Fails the pages of a batch that a stage could not cope with. */
  abandonBatch(input: AbandonBatchInput): Promise<void>;
  changeCrawl(input: { readonly jobId: string; readonly change: CrawlChange }): Promise<void>;
  /** Ends the pages that are left. Returns the number of pages that can be read, and what the start page met if there is none. */
  finishCrawl(input: { readonly jobId: string; readonly end: CrawlEnd }): Promise<FinishedCrawl>;
}

export interface AbandonBatchInput extends BatchInput {
  readonly code: ErrorCode;
  readonly detail: string;
}

export interface FinishedCrawl {
  readonly pages: number;
  /** Pages that lack a required field; absent where nothing was asked for. */
  readonly incomplete?: number;
  /** Nothing was stored: why the start page was not. */
  readonly failure: { readonly code: string; readonly detail: string } | null;
}
