/**
 * What each stage takes and gives: the activities as workflows see them. Refs, ids and counters only; bodies travel
 * through the blob store, so that every message stays under 10 KB.
 */
import type { EmbeddingLabel, ExtractionMethod, StageTimings } from './document.js';
import type { FailureReport } from './fault.js';
import type { FinalState, JobResult, RenderMode } from './job.js';
import type { BlobRef, FetchOutcome, Snapshot } from './page.js';
import type { TemplateKey, TemplateScores } from './site.js';

/** Task queues; one per stage, and one for the workflows. */
export const QUEUES = ['workflows', 'fetch', 'browser', 'learn', 'extract', 'embed', 'store', 'analyze'] as const;
export type Queue = (typeof QUEUES)[number];

export interface FetchPageInput {
  readonly jobId: string;
  readonly url: string;
  /** true: no conditional request, no stored snapshot. */
  readonly fresh: boolean;
  readonly render: RenderMode;
  /** Names this fetch in the job's log: a job may fetch many pages. */
  readonly step: string;
}

/** `needs_browser`: the site is known to be empty without one, so nothing was fetched by HTTP. */
export type FetchPageOutcome = FetchOutcome | { readonly kind: 'needs_browser'; readonly durationMs: number };

export interface FetchActivities {
  fetchPage(input: FetchPageInput): Promise<FetchPageOutcome>;
}

export interface BrowserActivities {
  renderPage(input: FetchPageInput): Promise<FetchOutcome>;
}

export interface ExtractDocumentInput {
  readonly jobId: string;
  readonly snapshot: Snapshot;
  /** What to do when no template is known: stop and say so, or use the general extractor. */
  readonly unknownTemplate: 'report' | 'general';
  /** Owner of the job, where the job asks for fields: they are read from its row, because they may be larger than a message. */
  readonly askedBy?: string;
}

export type ExtractOutcome =
  | {
      readonly kind: 'extracted';
      readonly page: BlobRef;
      readonly method: ExtractionMethod;
      readonly version: number | null;
      readonly characters: number;
      /** The template stopped fitting its pages with this one: it has to be learned again. */
      readonly drifted?: TemplateKey;
      readonly durationMs: number;
    }
  | { readonly kind: 'unknown_template'; readonly template: TemplateKey; readonly durationMs: number }
  /** Hardly any text, but scripts that would build it: a browser is needed. */
  | { readonly kind: 'shell'; readonly durationMs: number }
  | { readonly kind: 'empty'; readonly detail: string; readonly durationMs: number };

export interface ExtractActivities {
  extractDocument(input: ExtractDocumentInput): Promise<ExtractOutcome>;
}

export interface PlanSamplesInput {
  readonly jobId: string;
  readonly snapshot: Snapshot;
  readonly maxSamples: number;
}

export interface PlanSamplesOutcome {
  readonly template: TemplateKey;
  readonly state: 'unknown' | 'active' | 'unlearnable';
  /** The version that serves now; null unless the state is `active`. */
  readonly activeVersion: number | null;
  /** URLs of further pages of the same address shape, best first. */
  readonly candidates: readonly string[];
  /** How many of them to fetch, where the shape has several templates. */
  readonly wanted?: number;
}

export interface LearnTemplateInput {
  readonly jobId: string;
  /** Owner of the job: what it asks its pages for is learned too, and read from its row. */
  readonly ownerId?: string;
  readonly template: TemplateKey;
  /** The page that asked first, then further pages of the site. */
  readonly samples: readonly Snapshot[];
}

export type LearnOutcome =
  | { readonly kind: 'learned'; readonly version: number; readonly scores: TemplateScores; readonly durationMs: number }
  | { readonly kind: 'unlearnable'; readonly reason: string; readonly durationMs: number };

export interface LearnActivities {
  /** Which template the page has, and which links of it lead to more pages that may have it. */
  planSamples(input: PlanSamplesInput): Promise<PlanSamplesOutcome>;
  /** Pages of a template that a crawl has fetched, as samples to learn from. */
  pickSamples(input: { readonly jobId: string; readonly templateId: string; readonly max: number }): Promise<readonly Snapshot[]>;
  /** Propose on some samples, validate on the others, save a version when it holds. */
  learnTemplate(input: LearnTemplateInput): Promise<LearnOutcome>;
}

export interface AnalyzeDocumentInput {
  readonly jobId: string;
  readonly page: BlobRef;
}

export interface AnalyzeOutcome {
  readonly analysis: BlobRef;
  readonly language: string | null;
  readonly wordCount: number;
  readonly durationMs: number;
}

export interface AnalyzeActivities {
  analyzeDocument(input: AnalyzeDocumentInput): Promise<AnalyzeOutcome>;
}

export interface EmbedDocumentInput {
  readonly jobId: string;
  readonly page: BlobRef;
}

export interface EmbedOutcome {
  /** Blob: JSON array of EmbeddedChunk. */
  readonly chunks: BlobRef;
  readonly count: number;
  readonly embedding: EmbeddingLabel;
  readonly cached: number;
  readonly tokens: number;
  readonly durationMs: number;
}

export interface EmbedActivities {
  embedDocument(input: EmbedDocumentInput): Promise<EmbedOutcome>;
}

export interface StoreDocumentInput {
  readonly jobId: string;
  readonly ownerId: string;
  readonly snapshot: Snapshot;
  readonly page: BlobRef;
  readonly analysis: BlobRef;
  /** Null when embedding was switched off: the document is stored, and is not searchable. */
  readonly chunks: BlobRef | null;
  readonly embedding: EmbeddingLabel;
  readonly timingsMs: StageTimings;
}

export interface StoreOutcome {
  readonly documentId: string;
  readonly durationMs: number;
}

export interface StoreActivities {
  storeDocument(input: StoreDocumentInput): Promise<StoreOutcome>;
  /** Pages like this one are empty without a browser: use it at once next time. */
  rememberBrowser(input: { readonly url: string }): Promise<void>;
}

export interface FinishJobInput {
  readonly jobId: string;
  /** The page that the job was about, for the event that says what became of it; absent where a job tells of its pages itself. */
  readonly url?: string;
  readonly state: FinalState;
  readonly error?: FailureReport;
  readonly result?: JobResult;
}

export interface ResumePointInput {
  readonly jobId: string;
  readonly ownerId: string;
  /** The job that is done again. */
  readonly retryOf: string;
  readonly url: string;
  readonly render: RenderMode;
}

/** Short, idempotent writes that the workflow worker does itself. */
export interface JobActivities {
  /** `key` names this pause among those of the job. */
  pauseJob(input: { readonly jobId: string; readonly key: string }): Promise<void>;
  resumeJob(input: { readonly jobId: string; readonly key: string }): Promise<void>;
  /** The stored page that a retried job goes on from; null when it has to be fetched. */
  findResumePoint(input: ResumePointInput): Promise<Snapshot | null>;
  /** False: the job ended before its workflow began, for example by a cancellation. */
  startJob(input: { readonly jobId: string; readonly workflowId: string; readonly runId: string }): Promise<boolean>;
  /** The state that stands in the row, which may be an earlier one. */
  finishJob(input: FinishJobInput): Promise<FinalState>;
}
