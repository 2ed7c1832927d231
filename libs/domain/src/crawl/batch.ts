import type { Chunk, EmbeddingLabel, ExtractedPage, TextAnalysis } from '../document.js';
import type { ErrorCode } from '../errors.js';
import type { BlobRef, Snapshot } from '../page.js';
import type { JudgedPage, LedgerReason } from './ledger.js';

/** Names a batch of pages of one host; everything else about it is in the ledger, so that any worker can take it over. */
export interface BatchInput {
  readonly jobId: string;
  readonly host: string;
  /** `HOST#3`, and `HOST#3r` for the pages of it that go through the browser: unique in the job. */
  readonly batch: string;
}

/** The batch of those pages that turned out to need the browser. */
export function renderedBatch(batch: string): string {
  return `${batch}r`;
}

export interface FetchBatchInput extends BatchInput {
  /** Most pages of the batch. */
  readonly size: number;
}

export interface FetchBatchOutcome {
  /** Pages the batch got; 0: nothing is due. */
  readonly leased: number;
  /** Pages that have a body now. */
  readonly fetched: number;
  /** Pages that wait for the browser. */
  readonly toRender: number;
  /** Pages of the host that wait in the ledger. */
  readonly queued: number;
  /** When the next of them is due; null when one is, or when there is none. */
  readonly dueInMs: number | null;
  /** The least time between two requests that the host wants; null where it was not asked for anything. */
  readonly intervalMs: number | null;
}

export interface ExtractBatchOutcome {
  /** Blobs: one JSON document a line, each an `ExtractedBatchPage`; none when no page has content. */
  readonly pages: readonly BlobRef[];
  readonly count: number;
  /** Empty shells, which went to the batch of pages for the browser. */
  readonly toRender: number;
  readonly queued: number;
  /** Hosts that came into the ledger with the links of this batch. */
  readonly newHosts: readonly string[];
  /** An embedding model is configured and wanted. */
  readonly toEmbed: boolean;
  /** Templates that are not known yet, or have no rules for what the crawl asks, with how many pages of this batch have them. */
  readonly unknownTemplates: readonly { readonly templateId: string; readonly shape: string; readonly pages: number }[];
  /** Templates whose version does not serve its pages any more. */
  readonly drifted: readonly { readonly templateId: string; readonly shape: string }[];
}

export interface EmbedBatchInput extends BatchInput {
  readonly pages: readonly BlobRef[];
}

export interface EmbedBatchOutcome {
  readonly pages: readonly BlobRef[];
}

export interface StoreBatchInput extends BatchInput {
  readonly ownerId: string;
  readonly pages: readonly BlobRef[];
}

export interface StoreBatchOutcome {
  readonly stored: number;
  readonly queued: number;
}

/** What extraction made of one page, on its way through the blob store. */
export interface ExtractedBatchPage {
  readonly key: string;
  readonly url: string;
  readonly depth: number;
  readonly snapshot: Snapshot;
  readonly page: ExtractedPage;
  readonly analysis: TextAnalysis;
  /** Empty when embedding is switched off. */
  readonly chunks: readonly Chunk[];
  /** Vectors by content hash of the chunk; filled by the embed stage. */
  readonly vectors?: Readonly<Record<string, readonly number[]>>;
  readonly embedding: EmbeddingLabel;
  readonly contentHash: string;
  /** Keys under which pages with nearly the same text are found, as decimal bigints; empty for short texts. */
  readonly bands: readonly string[];
  /** The MinHash signature in base64; null for short texts. */
  readonly signature: string | null;
  readonly timingsMs: { readonly fetch: number; readonly extract: number; readonly embed: number };
}

/** What becomes of a page without being stored. */
export interface PageEnd {
  readonly key: string;
  readonly state: 'skipped' | 'failed' | 'duplicate' | 'unchanged';
  readonly reason: LedgerReason | null;
  readonly detail: string | null;
  readonly code?: ErrorCode;
  readonly status?: number;
  readonly duplicateOf?: string;
  readonly documentId?: string;
}

/** What fetching gave a page of a batch. */
export type PageFetched =
  | { readonly kind: 'fetched'; readonly key: string; readonly snapshot: Snapshot; readonly notModified: boolean; readonly fetchMs: number }
  /** It is another page of the crawl, which gets the body if it has none. */
  | { readonly kind: 'redirected'; readonly key: string; readonly to: JudgedPage; readonly snapshot: Snapshot; readonly fetchMs: number }
  | { readonly kind: 'to_render'; readonly key: string }
  /** It was not asked for, because the job is paused: it waits again, and this was no attempt. */
  | { readonly kind: 'returned'; readonly key: string }
  | { readonly kind: 'ended'; readonly end: PageEnd; readonly fetchMs: number }
  /** May go well later. */
  | { readonly kind: 'again'; readonly key: string; readonly code: ErrorCode; readonly detail: string; readonly afterMs: number };
