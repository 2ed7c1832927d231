import type { CrawlInput } from './crawl/crawl.js';
import type { FailureReport } from './fault.js';
import type { FieldWish } from './fields/wanted-fields.js';

export const JOB_KINDS = ['extract', 'learn', 'crawl'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ['queued', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];
export const FINAL_STATES = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobState[];
export type FinalState = (typeof FINAL_STATES)[number];

export function isFinal(state: JobState): state is FinalState {
  return (FINAL_STATES as readonly JobState[]).includes(state);
}

export type RenderMode = 'auto' | 'never' | 'always';

/** What the pages of a job are asked for; never travels through a workflow. */
export interface FieldsAsked {
  /** JSON Schema of an object that a page is to fill in; see `readWantedFields`. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** In place of a schema: fields by name. */
  readonly fields?: Readonly<Record<string, FieldWish>>;
}

export interface ExtractInput extends FieldsAsked {
  readonly url: string;
  readonly render?: RenderMode;
  /** Skip conditional requests and stored snapshots: fetch the page anew. */
  readonly fresh?: boolean;
  /** false leaves out the embedding stage. */
  readonly embed?: boolean;
}

/** The fields that a job asks for, as its caller wrote them; null when it asks for none. */
export function askedOf(input: JobInput): Readonly<Record<string, unknown>> | null {
  const { schema, fields } = input as FieldsAsked;
  return schema ?? fields ?? null;
}

export interface LearnInput {
  readonly url: string;
  readonly render?: RenderMode;
  /** Learn again even when the template has an active version. */
  readonly fresh?: boolean;
}

/** What a job was asked for; its kind says which. */
export type JobInput = ExtractInput | LearnInput | CrawlInput;

/** Counters of a job; each counts pages. */
export interface JobCounts {
  discovered: number;
  fetched: number;
  extracted: number;
  embedded: number;
  stored: number;
  /** Visited again and found as they were. */
  unchanged: number;
  /** The same as another page of the job. */
  duplicate: number;
  failed: number;
  skipped: number;
}

export const ZERO_COUNTS: Readonly<JobCounts> = {
  discovered: 0,
  fetched: 0,
  extracted: 0,
  embedded: 0,
  stored: 0,
  unchanged: 0,
  duplicate: 0,
  failed: 0,
  skipped: 0,
};

/** Pages whose fate is known. */
export function donePages({ stored, unchanged, duplicate, failed, skipped }: JobCounts): number {
  return stored + unchanged + duplicate + failed + skipped;
}

export interface JobUsage {
  modelCalls: number;
  modelCallsAvoided: number;
  tokens: number;
  costUsd: number;
}

export const ZERO_USAGE: Readonly<JobUsage> = { modelCalls: 0, modelCallsAvoided: 0, tokens: 0, costUsd: 0 };

/** A job as it is stored: the projection of its workflow. Times are ISO 8601 UTC. */
export interface JobRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly input: JobInput;
  readonly options: Readonly<Record<string, unknown>>;
  readonly priority: number;
  readonly labels: readonly string[];
  readonly counts: JobCounts;
  readonly usage: JobUsage;
  readonly error: FailureReport | null;
  /** What the job produced; null until it is final. */
  readonly result: JobResult | null;
  readonly workflowId: string;
  readonly runId: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The failed or cancelled job that this one does again. */
  readonly retryOf: string | null;
  /** The job that does this one again. */
  readonly retriedAs: string | null;
}

export interface JobResult {
  /** For `extract`: the stored document. */
  readonly documentId?: string;
  /** For `crawl`: how many pages there are to read. */
  readonly pages?: number;
  /** For a crawl that asked for fields: how many of its pages lack one that is required. */
  readonly incomplete?: number;
  /** For `learn`: what was learned. */
  readonly template?: { readonly site: string; readonly templateId: string; readonly version: number };
}
