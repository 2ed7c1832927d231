/** What the API asks of storage. Everything a caller may see is asked for with the owner: a foreign id is not found. */
import type { Chunk, DocumentRecord, PageType } from './document.js';
import type { JobEvent } from './event.js';
import type { JobInput, JobKind, JobRecord, JobState } from './job.js';
import type { TemplateKey, TemplateVersion } from './site.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque cursor of the next page; null at the end. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly cursor?: string;
  readonly limit: number;
}

export interface JobDraft {
  readonly ownerId: string;
  readonly kind: JobKind;
  readonly input: JobInput;
  readonly options: Readonly<Record<string, unknown>>;
  readonly priority: number;
  readonly labels: readonly string[];
  /** Same owner, same key, not yet final: the same job. Derived from kind, URL key and options. */
  readonly dedupeKey: string;
  readonly idempotency?: { readonly key: string; readonly bodyHash: string };
}

export type JobCreation =
  /** `replayed`: the Idempotency-Key had been used with the same body. `attached`: the same request is already running. */
  { readonly kind: 'created' | 'replayed' | 'attached'; readonly job: JobRecord } | { readonly kind: 'mismatch' };

/** What can be changed of a job that is not final. */
export interface JobChange {
  readonly priority?: number;
  readonly labels?: readonly string[];
}

/** Where a job that is done again begins: with what failed, or by extracting all stored pages anew. */
export const RETRY_FROM = ['failed', 'extract'] as const;
export type RetryFrom = (typeof RETRY_FROM)[number];

export interface JobWriter {
  /** One transaction; safe when the same request arrives twice at the same moment. */
  create(draft: JobDraft): Promise<JobCreation>;
  /**
   * The job that does a failed or cancelled one again: made once, the same at every call. When the same request runs already
   * that job is the answer. Throws Fault NOT_FOUND, and CONFLICT for a job that has not failed.
   */
  retry(ownerId: string, jobId: string, from?: RetryFrom): Promise<JobRecord>;
  /** Throws Fault NOT_FOUND, and CONFLICT for a final job. */
  change(ownerId: string, jobId: string, change: JobChange): Promise<JobRecord>;
}

export interface JobFilter {
  readonly kind?: JobKind;
  readonly state?: JobState;
  /** The job has all of them. */
  readonly labels?: readonly string[];
  /** ISO time: created at or after. */
  readonly since?: string;
}

export interface JobReader {
  get(ownerId: string, jobId: string): Promise<JobRecord | null>;
  /** Newest first. */
  list(ownerId: string, filter: JobFilter, page: PageRequest): Promise<Page<JobRecord>>;
  /** In order, after `seq`. */
  events(jobId: string, afterSeq: number, limit: number): Promise<readonly JobEvent[]>;
  /** Events of many jobs in one query: job id → last seq that was seen. */
  eventsOfMany(after: ReadonlyMap<string, number>, limit: number): Promise<readonly JobEvent[]>;
  /** Jobs that are not final and have not changed since `before`: what the reconciler looks at. Oldest first. */
  unfinished(before: Date, limit: number): Promise<readonly JobRecord[]>;
}

export interface DocumentReader {
  get(ownerId: string, documentId: string): Promise<DocumentRecord | null>;
  /** Those of the owner among them, at most a few hundred ids at once, in any order. */
  many(ownerId: string, documentIds: readonly string[]): Promise<readonly DocumentRecord[]>;
  chunks(ownerId: string, documentId: string): Promise<readonly Chunk[]>;
}

export interface SiteSummary {
  readonly host: string;
  readonly templates: number;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
}

export interface TemplateSummary extends TemplateKey {
  /** What its pages are, by the version that serves; null when none does. */
  readonly type: PageType | null;
  /** Version that serves, or null when learning gave nothing reliable. */
  readonly activeVersion: number | null;
  readonly versions: number;
  readonly unlearnableReason: string | null;
  /** Why the version that served was taken out of service; null while it serves. */
  readonly quarantineReason: string | null;
  readonly updatedAt: string;
}

export interface SiteReader {
  list(page: PageRequest): Promise<Page<SiteSummary>>;
  get(host: string): Promise<SiteSummary | null>;
  templates(host: string): Promise<readonly TemplateSummary[]>;
  /** Newest first; empty when there is no such template. */
  versions(host: string, templateId: string): Promise<readonly TemplateVersion[]>;
}

/** What a person decides of a version; it holds for all who use the site. */
export const VERSION_VERDICTS = ['activate', 'pin', 'reject'] as const;
export type VersionVerdict = (typeof VERSION_VERDICTS)[number];

export interface VersionKey {
  readonly site: string;
  readonly templateId: string;
  readonly version: number;
}

export interface TemplateWriter {
  /**
   * `activate`: this version serves. `pin`: it serves, and learning never puts another in its place. `reject`: it never serves
   * again. One transaction; the same verdict again changes nothing. Throws Fault NOT_FOUND, and CONFLICT for a rejected version
   * that should serve.
   */
  decide(key: VersionKey, verdict: VersionVerdict): Promise<TemplateVersion>;
}
