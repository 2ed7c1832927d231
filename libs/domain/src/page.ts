import type { ErrorCode } from './errors.js';

/** Content-addressed body in the blob store. `hash` is `sha256:` and 64 hex digits of the uncompressed bytes. */
export interface BlobRef {
  readonly hash: string;
  readonly bytes: number;
}

export type FetchMethod = 'http' | 'browser';

/** A page as it was fetched: what is needed to extract it again without fetching it again. */
export interface Snapshot {
  readonly body: BlobRef;
  readonly url: string;
  readonly finalUrl: string;
  readonly status: number;
  /** MIME essence, lower case: `text/html`. */
  readonly contentType: string;
  /** WHATWG encoding label that decodes the body: `utf-8`, `windows-1252`. */
  readonly charset: string;
  readonly method: FetchMethod;
  readonly fetchedAt: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** The X-Robots-Tag header: what the answer asks of robots besides what the page asks. */
  readonly robotsTag?: string;
  /** What the server sent, where `body` is what a browser made of it; absent where the browser did not keep it. */
  readonly served?: { readonly body: BlobRef; readonly charset: string };
  /** The hops that led from `url` to `finalUrl`, without both. */
  readonly redirects: readonly string[];
}

/** Why a page was left out or failed, as the ledger names it; what only a crawl can say stands in `crawl/ledger.ts`. */
export type PageReason =
  | 'robots'
  | 'content_type'
  | 'too_large'
  | 'http_404'
  | 'http_error'
  | 'timeout'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'blocked_address'
  | 'redirect_limit'
  | 'redirect_invalid'
  | 'encoding'
  | 'empty'
  | 'browser_unavailable';

/**
 * What came of fetching a page. A refusal is knowledge about the page and is never retried; what may succeed later
 * is thrown as a retryable Fault instead.
 */
export type FetchOutcome =
  | { readonly kind: 'fetched'; readonly snapshot: Snapshot; readonly notModified: boolean; readonly durationMs: number }
  | {
      readonly kind: 'refused';
      readonly reason: PageReason;
      readonly code: ErrorCode;
      readonly detail: string;
      readonly status?: number;
      readonly durationMs: number;
    };
