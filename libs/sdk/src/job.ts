/** Jobs as the API serves them. Own copies of the shapes: this package is published alone. Times are ISO 8601 UTC. */
import type { CrawlChange, CrawlInput } from './crawl.js';

export type JobKind = 'extract' | 'learn' | 'crawl';
export type JobState = 'queued' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
export type RenderMode = 'auto' | 'never' | 'always';

/** What the pages of a job are asked for. */
export interface FieldsAsked {
  /** JSON Schema of an object that `fields` of each document are to fit; at most 50 properties, 6 levels, 20 kB. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** In place of a schema: what is wanted, by name. */
  readonly fields?: Readonly<Record<string, FieldWish>>;
}

export interface ExtractInput extends FieldsAsked {
  readonly url: string;
  /** auto (default): HTTP first, the browser where the page needs it. */
  readonly render?: RenderMode;
  /** Fetch anew, without conditional requests. */
  readonly fresh?: boolean;
  /** false leaves out chunks and embeddings. */
  readonly embed?: boolean;
}

export interface FieldWish {
  /** What it is, or what the page calls it. */
  readonly description?: string;
  /** A value as a page shows it. */
  readonly example?: string;
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'url' | 'list';
}

export interface LearnInput {
  readonly url: string;
  readonly render?: RenderMode;
  /** Learn again even when the template is known. */
  readonly fresh?: boolean;
}

export type JobRequest = (
  | { readonly kind: 'extract'; readonly input: ExtractInput }
  | { readonly kind: 'learn'; readonly input: LearnInput }
  | { readonly kind: 'crawl'; readonly input: CrawlInput }
) & {
  /** 1 is served first … 5; default 2 for extract, 3 for learn, 4 for crawl. */
  readonly priority?: number;
  readonly labels?: readonly string[];
};

/** Each counts pages. */
export interface JobCounts {
  readonly discovered: number;
  readonly fetched: number;
  readonly extracted: number;
  readonly embedded: number;
  readonly stored: number;
  /** Visited again and found as they were. */
  readonly unchanged: number;
  /** The same as another page of the job. */
  readonly duplicate: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface JobUsage {
  readonly modelCalls: number;
  readonly modelCallsAvoided: number;
  readonly tokens: number;
  readonly costUsd: number;
}

export interface JobProgress {
  readonly done: number;
  /** Pages that are known; grows while a crawl finds more. */
  readonly total: number;
  readonly totalIsFinal: boolean;
  /** Pages per second. */
  readonly rate: number;
  readonly etaSeconds: number | null;
}

/** Why something failed: a code of the error table, a sentence, and whether the same request can succeed later. */
export interface Failure {
  readonly code: string;
  readonly detail: string;
  readonly retryable: boolean;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly input: ExtractInput | LearnInput | CrawlInput;
  readonly options: Readonly<Record<string, unknown>>;
  readonly priority: number;
  readonly labels: readonly string[];
  readonly progress: JobProgress;
  readonly counts: JobCounts;
  readonly usage: JobUsage;
  readonly error: Failure | null;
  /** The failed or cancelled job that this one does again. */
  readonly retryOf: string | null;
  /** The job that does this one again. */
  readonly retriedAs: string | null;
  readonly workflow: { readonly id: string; readonly runId: string | null; readonly uiUrl: string | null };
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly result: string;
    readonly document?: string;
    /** The ledger of a crawl. */
    readonly pages?: string;
  };
}

export interface JobFilter {
  readonly kind?: JobKind;
  readonly state?: JobState;
  /** Several: jobs that have all of them. */
  readonly label?: string | readonly string[];
  /** Created at or after this ISO time. */
  readonly since?: string;
  /** Jobs per request; the iterator asks for further pages by itself. */
  readonly pageSize?: number;
}

/** What can be changed of a job that is not final; the pages it is about, only of a crawl. */
export interface JobChange extends CrawlChange {
  readonly priority?: number;
  readonly labels?: readonly string[];
}

/** true for states that never change again. */
export function isFinalState(state: JobState): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}
