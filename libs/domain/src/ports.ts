import type { Chunk, DocumentRecord, EmbeddingLabel } from './document.js';
import type { EventDraft } from './event.js';
import type { FailureReport } from './fault.js';
import type { FinalState, JobCounts, JobResult, JobState, JobUsage } from './job.js';
import type { BlobRef, Snapshot } from './page.js';
import type { TemplateConfig, TemplateKey, TemplateObservation, TemplateScores, TemplateVersion } from './site.js';

/** Bodies by content address. Putting the same bytes twice is one blob. */
export interface BlobStore {
  put(bytes: Uint8Array): Promise<BlobRef>;
  /** Throws Fault BLOB_MISSING. */
  get(hash: string): Promise<Uint8Array>;
  has(hash: string): Promise<boolean>;
  /** Writes, reads and removes a probe; throws when the store cannot be used. */
  check(): Promise<void>;
}

/**
 * The log and state of jobs. Every write carries a key that is unique per job: a second write with the same key changes
 * nothing, so that an activity that runs twice tells its story once. State, counters and event commit together.
 */
export interface JobLog {
  /** False when the job is final already: there is nothing left to do for it. */
  started(jobId: string, run: { readonly workflowId: string; readonly runId: string }): Promise<boolean>;
  append(jobId: string, key: string, event: EventDraft, counts?: Partial<JobCounts>, usage?: Partial<JobUsage>): Promise<void>;
  /** The workflow waits between two stages, or goes on: state and event. Nothing changes in a final job. */
  paused(jobId: string, key: string): Promise<void>;
  resumed(jobId: string, key: string): Promise<void>;
  /** Writes the final state and the one final event; returns false when the job was final already: the earlier end stands. */
  finish(jobId: string, end: { readonly state: FinalState; readonly error?: FailureReport; readonly result?: JobResult }): Promise<boolean>;
  stateOf(jobId: string): Promise<JobState>;
}

/** The last snapshot of each page, for conditional requests and for extracting again. */
export interface SnapshotIndex {
  latest(urlKey: string): Promise<Snapshot | null>;
  /** Of many pages at once: URL key → snapshot, for those that have one. */
  latestOf(urlKeys: readonly string[]): Promise<ReadonlyMap<string, Snapshot>>;
  save(urlKey: string, snapshot: Snapshot): Promise<void>;
}

/** robots.txt as last fetched, by origin. `body` null: the whole host is closed (unreachable) or open, by `status`. */
export interface RobotsRecord {
  readonly origin: string;
  readonly status: number;
  readonly body: Uint8Array | null;
  readonly fetchedAt: string;
  readonly expiresAt: string;
}

export interface RobotsCache {
  get(origin: string): Promise<RobotsRecord | null>;
  put(record: RobotsRecord): Promise<void>;
}

export interface SiteMemory {
  /** Whether pages of this shape were the poorer without a browser, in the last days; null where nobody has looked. */
  needsBrowser(pages: TemplateKey): Promise<boolean | null>;
  /** That one page needs it weighs more than that others do not. */
  rememberBrowser(pages: TemplateKey, isNeeded: boolean): Promise<void>;
}

export type TemplateState =
  | { readonly kind: 'active'; readonly version: TemplateVersion }
  /** Learning was tried and gave nothing reliable; not tried again before `until`. */
  | { readonly kind: 'unlearnable'; readonly until: string; readonly reason: string }
  | { readonly kind: 'unknown' }
  /** The version stopped serving its pages: the general extractor does until learning has decided. `isOverdue`: nobody seems to be learning. */
  | { readonly kind: 'quarantined'; readonly version: TemplateVersion; readonly reason: string; readonly isOverdue: boolean };

export interface TemplateDraft extends TemplateKey {
  readonly config: TemplateConfig;
  readonly scores: TemplateScores;
  readonly author: 'heuristic' | 'model';
  readonly model: string | null;
  readonly costUsd: number;
  readonly sampleUrls: readonly string[];
  /** The design that it was learned of, see `ClaimedTemplate`; null or absent where that is not known. */
  readonly design?: string | null;
}

export interface TemplateStore {
  find(key: TemplateKey): Promise<TemplateState>;
  /**
   * Saves a new version and makes it the active one, which ends a quarantine; the same config again returns the version it already
   * has. With `promote: false`, or when the template has another design by now, it is kept as a candidate that a person may activate.
   */
  save(draft: TemplateDraft, promote?: boolean): Promise<TemplateVersion>;
  markUnlearnable(key: TemplateKey, reason: string, until: string): Promise<void>;
}

/** How the active versions of templates serve their pages, and what follows from it. */
export interface TemplateHealth {
  /** Adds what was seen of a version and returns its last observations, the newest last; those of another version are forgotten. */
  observe(key: TemplateKey, version: number, observations: readonly TemplateObservation[]): Promise<readonly TemplateObservation[]>;
  /** Takes the version out of service; false when it is pinned, does not serve any more, or learning was tried too lately. */
  quarantine(key: TemplateKey, version: number, reason: string): Promise<boolean>;
  /**
   * Learning found nothing better: the version serves again, and the next quarantine has to wait, longer each time. Nothing changes when
   * the template has another design than `design` by now, of which nobody has learned yet; null: not known.
   */
  release(key: TemplateKey, version: number, design: string | null): Promise<void>;
}

export interface EmbeddedChunk extends Chunk {
  readonly vector: readonly number[] | null;
}

export interface DocumentWriter {
  /**
   * Stores document, chunks, the `page.stored` event and the counters in one transaction, once per (job, url key): a second
   * call returns the id of the first. Older documents of the same owner and page stop being current and lose their chunks.
   */
  store(document: Omit<DocumentRecord, 'id'>, chunks: readonly EmbeddedChunk[]): Promise<{ readonly documentId: string }>;
}

export interface EmbeddingCache {
  get(model: string, contentHashes: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>>;
  put(model: string, vectors: ReadonlyMap<string, readonly number[]>): Promise<void>;
}

export type EmbeddingPurpose = 'passage' | 'query';

/** An embedding model. Absent where none is configured: then search is lexical and says so. */
export interface Embedder {
  readonly model: string;
  /** Most texts in one call. */
  readonly batchSize: number;
  /** `purpose`: some models embed what is searched for otherwise than what is found; default `passage`. */
  embed(
    texts: readonly string[],
    signal: AbortSignal,
    purpose?: EmbeddingPurpose,
  ): Promise<{ readonly vectors: readonly (readonly number[])[]; readonly tokens: number }>;
}

export type { EmbeddingLabel };
