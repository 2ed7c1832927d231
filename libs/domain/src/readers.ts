/** What the API asks of storage. Everything a caller may see is asked for with the owner: a foreign id is not found. */
import type { Chunk, DocumentRecord } from './document.js';
import type { JobEvent } from './event.js';
import type { ExtractInput, JobKind, JobRecord, JobState, LearnInput } from './job.js';
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
  readonly input: ExtractInput | LearnInput;
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

export interface JobWriter {
  /** One transaction; safe when the same request arrives twice at the same moment. */
  create(draft: JobDraft): Promise<JobCreation>;
}

export interface JobFilter {
  readonly kind?: JobKind;
  readonly state?: JobState;
  readonly label?: string;
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
  chunks(ownerId: string, documentId: string): Promise<readonly Chunk[]>;
}

export interface SiteSummary {
  readonly host: string;
  readonly templates: number;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
}

export interface TemplateSummary extends TemplateKey {
  /** Version that serves, or null when learning gave nothing reliable. */
  readonly activeVersion: number | null;
  readonly versions: number;
  readonly unlearnableReason: string | null;
  readonly updatedAt: string;
}

export interface SiteReader {
  list(page: PageRequest): Promise<Page<SiteSummary>>;
  get(host: string): Promise<SiteSummary | null>;
  templates(host: string): Promise<readonly TemplateSummary[]>;
  /** Newest first; empty when there is no such template. */
  versions(host: string, templateId: string): Promise<readonly TemplateVersion[]>;
}

export const SCOPES = ['read', 'jobs', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKeyRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface ApiKeys {
  /** The record of a valid key, or null. Keys are random and long, so they are stored as SHA-256 and compared in constant time. */
  authenticate(key: string): Promise<ApiKeyRecord | null>;
  /** Makes this key the admin key: idempotent, called at every start. */
  ensureAdmin(key: string): Promise<void>;
}
