import type { TemplateVersion } from '@gleaner/domain';
import type { PageBody } from '../cpu/cpu-tasks.js';

/** One fetched page of a crawl on its way to a parsing thread, which parses it once for everything that is wanted of it. */
export interface CrawlPageInput {
  readonly body: PageBody;
  readonly version: TemplateVersion | null;
  /** Largest chunk; 0: no chunks are wanted. */
  readonly maxChunkTokens: number;
  /** false: the page is known, only its links are wanted. */
  readonly wantsContent: boolean;
}

/** A link as the thread found it: absolute, with the SHA-256 of its URL key. */
export interface CrawlLink {
  readonly url: string;
  readonly key: string;
}

interface Discovered {
  /** Links to follow; empty where the page says nofollow. */
  readonly links: readonly CrawlLink[];
}

export type CrawlPageResult =
  | (Discovered & {
      readonly kind: 'page';
      /** UTF-8 JSON of `CrawlPageRecord`: it goes to the blob store as it is, and no event loop has to look into it. */
      readonly record: Uint8Array;
      readonly serving: ServedBy;
      /** The page asks not to be indexed. */
      readonly noindex: boolean;
    })
  | (Discovered & { readonly kind: 'known' })
  | (Discovered & { readonly kind: 'shell' })
  | (Discovered & { readonly kind: 'empty'; readonly detail: string });

/** Which way served a page, for the health of its template. */
export interface ServedBy {
  readonly method: 'template' | 'general' | 'model';
  readonly version: number | null;
}
