import type { FieldsAsked, JobCounts, JobState, JobUsage, RenderMode } from './job.js';

/** What can be changed of a crawl that runs. Pages that wait are judged anew; those that are stored stay. */
export interface CrawlChange {
  /** Most pages that are kept, 1 … 100,000. */
  readonly limit?: number;
  /** Patterns as in robots.txt (`/blog/`, `*.pdf$`): a page must match one of them, if there are any. */
  readonly include?: readonly string[];
  /** A page must match none of them. */
  readonly exclude?: readonly string[];
  /** Pages of one host at once, at most, 1 … 64; the host's own limits hold besides. */
  readonly concurrency?: number;
}

export interface CrawlInput extends CrawlChange, FieldsAsked {
  readonly url: string;
  /** Most links from the start page to a page, 0 … 100. */
  readonly depth?: number;
  /** host (default), its whole registrable domain, or what is below the folder of the start page. */
  readonly scope?: 'host' | 'domain' | 'path';
  /** auto (default): the pages of sitemaps besides those that links lead to; only: no links; skip: no sitemaps. */
  readonly sitemap?: 'auto' | 'only' | 'skip';
  readonly render?: RenderMode;
  /** Visit the site again: what has not changed is kept as it is. */
  readonly refresh?: boolean;
  /** false leaves out chunks and embeddings. */
  readonly embed?: boolean;
  /** The job fails after so many seconds; what is stored then stays. */
  readonly deadlineSeconds?: number;
}

export type LedgerState = 'queued' | 'leased' | 'fetched' | 'extracted' | 'stored' | 'unchanged' | 'duplicate' | 'skipped' | 'failed';

/** A URL of a crawl, and what became of it. */
export interface LedgerPage {
  readonly url: string;
  readonly state: LedgerState;
  /** Why it is a duplicate, was skipped or failed: `robots`, `depth`, `http_404` … */
  readonly reason: string | null;
  /** The rule, the error or the original in words. */
  readonly detail: string | null;
  /** Code of the error table, for what failed and what was refused. */
  readonly code: string | null;
  /** URL of the page that this one repeats. */
  readonly duplicateOf: string | null;
  readonly documentId: string | null;
  readonly depth: number;
  /** How it was found. */
  readonly source: 'start' | 'link' | 'sitemap' | 'redirect' | 'canonical' | 'known';
  readonly attempts: number;
  readonly status: number | null;
  readonly bytes: number | null;
  readonly method: 'http' | 'browser' | null;
  readonly finalUrl: string | null;
  readonly timingsMs: { readonly fetch?: number; readonly extract?: number; readonly embed?: number; readonly store?: number };
  readonly updatedAt: string;
}

export interface LedgerFilter {
  readonly state?: LedgerState;
  readonly reason?: string;
  /** Pages per request; the iterator asks for further ones by itself. */
  readonly pageSize?: number;
}

/** The result of a crawl, in short. */
export interface CrawlResult {
  readonly job: string;
  readonly state: JobState;
  /** Pages that can be read: stored, and unchanged since an earlier crawl. */
  readonly pages: number;
  readonly counts: JobCounts;
  /** Calls of models that were made, and that rules made needless. */
  readonly usage: JobUsage;
  /** Pages that lack a required field; where the crawl asked for fields. */
  readonly incomplete?: number;
  readonly links: { readonly pages: string; readonly documents: string };
}

/** Where a job that is done again begins: with what failed, or by extracting all stored pages of a crawl anew. */
export type RetryFrom = 'failed' | 'extract';

/** `jsonl`: one document a line; `zip`: a Markdown file for each page, with links between them. */
export type ExportFormat = 'jsonl' | 'zip';
