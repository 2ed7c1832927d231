import type { EmbeddingLabel } from '../document.js';
import type { ErrorCode } from '../errors.js';
import type { Snapshot } from '../page.js';
import type { BatchInput, ExtractBatchOutcome, ExtractedBatchPage, PageEnd, PageFetched, StoreBatchOutcome } from './batch.js';
import type { CrawlChange, CrawlSettings } from './crawl.js';
import type { JudgedPage, LeasedPage, LedgerReason, LedgerState } from './ledger.js';
import type { FinishedCrawl } from './stages.js';

/** A crawl as its workers see it. */
export interface CrawlPlan {
  readonly jobId: string;
  readonly ownerId: string;
  readonly settings: CrawlSettings;
  /** The start page, and where it was redirected to: the scope is judged from each of them. */
  readonly startUrls: readonly string[];
}

export interface LeasedBatch {
  readonly pages: readonly LeasedPage[];
  /** Pages of the host that wait and may still be taken, counted up to a few hundred; 0 when the limit is reached. */
  readonly queued: number;
  /** When the next of them is due; null when one is, or when there is none. */
  readonly dueInMs: number | null;
}

export interface BatchToStore extends BatchInput {
  readonly ownerId: string;
  readonly pages: readonly ExtractedBatchPage[];
}

/** A page that has content. */
export interface ExtractedMark {
  readonly key: string;
  /** Null where the shape of its address has more templates than are kept. */
  readonly templateId: string | null;
  readonly extractMs: number;
}

export interface ExtractedBatch {
  readonly pages: readonly ExtractedMark[];
  readonly ends: readonly PageEnd[];
  /** Keys of empty shells: they go to the batch for the browser. */
  readonly shells: readonly string[];
  readonly found: readonly JudgedPage[];
}

/** Why the pages that are left are not fetched any more. */
export type CrawlEnd = 'limit' | 'cancelled' | 'deadline' | 'failed';

export interface PageTally {
  readonly state: LedgerState;
  readonly reason: LedgerReason | null;
  readonly pages: number;
}

/** What an earlier visit stored of a page. */
export interface KnownDocument {
  readonly key: string;
  readonly documentId: string;
  readonly snapshotHash: string;
  readonly contentHash: string;
  readonly title: string;
  readonly templateVersion: number | null;
  readonly embedding: EmbeddingLabel['mode'];
  /** What it was asked for; null where it was asked for nothing. */
  readonly asked: KnownAnswer | null;
}

/** How a document answers what it was asked for. */
export interface KnownAnswer {
  /** See `FieldReport.asked`; null in documents of old. */
  readonly key: string | null;
  /** Nothing is missing, or a model has been asked for it. */
  readonly isSettled: boolean;
}

/**
 * Frontier and page ledger of crawls. Every change of a page moves it only from the state that the change expects, in the
 * transaction that also writes its event and the counters: whoever repeats a change changes nothing.
 */
export interface CrawlLedger {
  /** Makes the ledger of a job and puts its start page, or the pages of the job it does again, into it. Repeatable. One that extracts again gets only pages with a body to do. */
  open(jobId: string): Promise<{ readonly hosts: readonly string[] }>;
  /** Throws Fault NOT_FOUND. */
  plan(jobId: string): Promise<CrawlPlan>;
  /** The start page led to another host: that is the site. */
  moveStart(jobId: string, url: string): Promise<void>;
  /** The job is paused: nothing is asked of a site. */
  isPaused(jobId: string): Promise<boolean>;
  /** The pages that the batch has, or new ones for it: the best ones that are due. While the job is paused those that have no body go back. */
  lease(batch: BatchInput, size: number): Promise<LeasedBatch>;
  pagesOf(batch: BatchInput, states: readonly LeasedPage['state'][]): Promise<readonly LeasedPage[]>;
  /** What fetching gave pages of a batch. */
  fetched(batch: BatchInput, pages: readonly PageFetched[]): Promise<void>;
  /** What extracting gave pages of a batch, and the links of all of them: they are in the ledger before any of the pages is stored. */
  extracted(batch: BatchInput, extracted: ExtractedBatch): Promise<Pick<ExtractBatchOutcome, 'queued' | 'newHosts'>>;
  /** Which of the pages repeat others the ledger decides; the rest is stored. Throws Fault CONFLICT when the job is final. */
  store(batch: BatchToStore): Promise<StoreBatchOutcome>;
  /** Adds pages that were not seen yet; returns the hosts that are new. */
  found(jobId: string, pages: readonly JudgedPage[]): Promise<{ readonly added: number; readonly newHosts: readonly string[] }>;
  /** Fails what is left of a batch and of its pages for the browser. */
  abandon(batch: BatchInput, code: ErrorCode, detail: string): Promise<void>;
  /** The ledger has a row of this page. */
  has(jobId: string, key: string): Promise<boolean>;
  /** Current documents of the owner for these pages. */
  known(ownerId: string, keys: readonly string[]): Promise<readonly KnownDocument[]>;
  /** Snapshots of pages of one template that this job fetched, with different bodies, the last ones first. */
  samples(jobId: string, templateId: string, limit: number): Promise<readonly Snapshot[]>;
  /** `judge` decides anew on pages that wait or were out of scope. */
  change(jobId: string, change: CrawlChange, judge: (plan: CrawlPlan) => (url: string) => JudgedPage['verdict']): Promise<void>;
  /** Ends what is left with the reason; false while there is more to do: call again. */
  finish(jobId: string, end: CrawlEnd): Promise<boolean>;
  outcome(jobId: string): Promise<FinishedCrawl>;
  /** How many pages this crawl ended in each way; what it took over from an earlier one as it was is not among them. */
  tally(jobId: string): Promise<readonly PageTally[]>;
}
