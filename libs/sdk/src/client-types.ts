import type { Keys, System, Users } from './admin.js';
import type { CallOptions } from './call.js';
import type { CrawlInput, ExportFormat, LedgerFilter, LedgerPage, RetryFrom } from './crawl.js';
import type { Document, DocumentPart } from './document.js';
import type { ExportedDocument } from './export.js';
import type { JobEvent } from './event.js';
import type { Job, JobChange, JobFilter, JobRequest } from './job.js';
import type { Page } from './list.js';
import type { LiveMessage } from './live.js';
import type { Readiness } from './ready.js';
import type { Site, SiteSummary, TemplateSummary, TemplateVersion } from './site.js';

export interface ClientOptions {
  /** Base URL of the API: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** API key; only `ready()` works without. */
  readonly key?: string;
  readonly fetch?: typeof fetch;
  /** For `live`; default: the one of the browser or of Node 22 and newer. */
  readonly webSocket?: typeof WebSocket;
  /** Longest time for one answer, body included; default 30 s. */
  readonly timeoutMs?: number;
  /** Further tries after a network error, 429, 502, 503 or 504; default 3. */
  readonly retries?: number;
  /** First pause between two tries, doubled each time, with jitter; default 200 ms. */
  readonly retryBaseMs?: number;
  /** Longest silence on an event stream before it is opened again; default 45 s, three heartbeats. */
  readonly idleTimeoutMs?: number;
  /** How long `watch` keeps trying when nothing gets through; default 2 min. */
  readonly giveUpAfterMs?: number;
}

export interface StartOptions {
  /** Same key and body: the same job. Made up when absent, so that a retry never starts a second job. */
  readonly idempotencyKey?: string;
  /** Answer with the finished job when it finishes within this time; 0 … 60. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface CrawlOptions extends Omit<StartOptions, 'waitSeconds'> {
  /** 1 is served first … 5; default 2 for extract, 3 for learn, 4 for crawl. */
  readonly priority?: number;
  readonly labels?: readonly string[];
}

export interface RetryOptions extends CallOptions {
  readonly from?: RetryFrom;
}

export interface WatchOptions {
  /** Sequence number of the last event that is known. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** Told when the connection broke and is opened again; nothing is lost. */
  readonly onReconnect?: (error: unknown) => void;
}

/** Names one version of one template of one site. */
export interface VersionName {
  readonly host: string;
  readonly templateId: string;
  readonly version: number;
}

/**
 * A client of the REST API. Every method throws GleanerError (the API said no), GleanerUnreachable (no answer), or the
 * reason of the signal that was passed.
 */
export interface Client {
  /** Starts a job. Resolves when it is accepted, or with `waitSeconds` when it is finished, whichever comes first. */
  startJob(request: JobRequest, options?: StartOptions): Promise<Job>;
  /** Starts a crawl of the site that the page belongs to. Resolves when it is accepted. */
  crawl(input: CrawlInput, options?: CrawlOptions): Promise<Job>;
  job(id: string, options?: CallOptions): Promise<Job>;
  /** Newest first; asks for further pages as they are needed. */
  jobs(filter?: JobFilter, options?: CallOptions): AsyncIterable<Job>;
  /** One page of the list, for those who keep the cursor themselves. */
  jobPage(filter?: JobFilter & { readonly cursor?: string }, options?: CallOptions): Promise<Page<Job>>;
  /** Events in order, each once, to the final one; resumes cut connections by itself. */
  watch(id: string, options?: WatchOptions): AsyncIterable<JobEvent>;
  /**
   * The same events with snapshots of the job at least every second, over a WebSocket; where there is none, from the event
   * stream. Resumes by itself, ends with a last snapshot.
   */
  live(id: string, options?: WatchOptions): AsyncIterable<LiveMessage>;
  /** Resolves with the job when it is completed, failed or cancelled. */
  wait(id: string, options?: CallOptions): Promise<Job>;
  /** What the job produced: a document for `extract`; name the type for another kind: `result<TemplateVersion>(id)`. */
  result<T = Document>(id: string, options?: CallOptions): Promise<T>;
  /** The result of an `extract` job as Markdown. */
  markdown(id: string, options?: CallOptions): Promise<string>;
  /** The ledger of a crawl in the order of discovery; asks for further parts as they are needed. */
  pages(id: string, filter?: LedgerFilter, options?: CallOptions): AsyncIterable<LedgerPage>;
  /** One part of the ledger, for those who keep the cursor themselves. */
  pagesPage(id: string, filter?: LedgerFilter & { readonly cursor?: string }, options?: CallOptions): Promise<Page<LedgerPage>>;
  /** The documents of a finished crawl in the order of discovery, one after the other; throws GleanerUnreachable when they break off. */
  documents(id: string, options?: CallOptions): AsyncIterable<ExportedDocument>;
  /** The same as bytes, to be written somewhere; a stream that breaks off errors, and never ends as if it were complete. */
  export(id: string, options?: CallOptions & { readonly format?: ExportFormat }): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  document(id: string, options?: CallOptions & { readonly include?: readonly DocumentPart[] }): Promise<Document>;
  sites(options?: CallOptions): AsyncIterable<SiteSummary>;
  site(host: string, options?: CallOptions): Promise<Site>;
  templates(host: string, options?: CallOptions): Promise<readonly TemplateSummary[]>;
  /** Newest first. */
  versions(host: string, templateId: string, options?: CallOptions): Promise<readonly TemplateVersion[]>;
  /** Makes this version the one that serves. Needs a key with the scope `admin`, as do `pinVersion` and `rejectVersion`. */
  activateVersion(version: VersionName, options?: CallOptions): Promise<TemplateVersion>;
  /** Activates and holds it: what is learned later does not replace it. */
  pinVersion(version: VersionName, options?: CallOptions): Promise<TemplateVersion>;
  /** It never serves again. */
  rejectVersion(version: VersionName, options?: CallOptions): Promise<TemplateVersion>;
  /** Finishes what is under way, then starts nothing further until `resume`. */
  pause(id: string, options?: CallOptions): Promise<Job>;
  resume(id: string, options?: CallOptions): Promise<Job>;
  /** The job that does again what failed of a final one: the same one at every call; `extract`: extracts the pages of a crawl anew. */
  retry(id: string, options?: RetryOptions): Promise<Job>;
  /** Changes a job that is not final; limit, include, exclude and concurrency only of a crawl. */
  change(id: string, change: JobChange, options?: CallOptions): Promise<Job>;
  /** Asks the job to stop; what is done stays readable. */
  cancel(id: string, options?: CallOptions): Promise<Job>;
  readonly keys: Keys;
  readonly users: Users;
  /** Versions, pools with their workers and backlog, models, limits. Needs a key with the scope `admin`. */
  system(options?: CallOptions): Promise<System>;
  ready(options?: CallOptions): Promise<Readiness>;
}
