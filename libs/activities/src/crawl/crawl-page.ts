import type {
  BlobRef,
  EmbeddingLabel,
  LeasedPage,
  PageEnd,
  PagePlace,
  ShapeTemplate,
  Snapshot,
  TemplateObservation,
} from '@gleaner/domain';

/** A fetched page of a crawl on its way to a parsing thread. The thread reads the body itself: no event loop has to move it. */
export interface CrawlPageInput extends Pick<LeasedPage, 'key' | 'url' | 'depth' | 'fetchMs'> {
  readonly snapshot: Snapshot;
  /** Those of the page's address shape; one array for all pages of a shape, which so travels once. */
  readonly templates: readonly ShapeTemplate[];
  /** false: the page is known, only its links are wanted. */
  readonly wantsContent: boolean;
  /** What an earlier visit made of the page; absent where nothing can stay as it is. */
  readonly earlier?: EarlierText;
}

/** The text that a page had at an earlier visit. `isGeneral`: the general extractor found it, without rules. */
export interface EarlierText {
  readonly title: string;
  readonly contentHash: string;
  readonly isGeneral: boolean;
}

/** Some pages that a thread parses one after the other, each once for everything that is wanted of it. */
export interface CrawlPagesInput {
  readonly pages: readonly CrawlPageInput[];
  /** Largest chunk; 0: no chunks are wanted. */
  readonly maxChunkTokens: number;
  readonly embedding: EmbeddingLabel;
}

/** A link as the thread found it: absolute, with the SHA-256 of its URL key. */
export interface CrawlLink {
  readonly url: string;
  readonly key: string;
}

/** `known`: only the links were wanted, or the text is the earlier one. `missing`: the stored body is not there any more. */
export interface CrawlPageResult {
  readonly key: string;
  readonly kind: 'page' | 'noindex' | 'known' | 'shell' | 'empty' | 'missing';
  /** Links to follow; empty where the page says nofollow. */
  readonly links: readonly CrawlLink[];
  readonly extractMs: number;
  /** Of kinds `page` and `known`. */
  readonly place?: PagePlace;
  /** How the template served the page; absent where there is none. */
  readonly observation?: TemplateObservation | null;
}

export interface CrawlPagesResult {
  /** Blob: one `ExtractedBatchPage` a line, for every result of kind `page`; null when there is none. */
  readonly lines: BlobRef | null;
  readonly pages: readonly CrawlPageResult[];
}

/** A page that a thread could not cope with. */
export type FailedPage = Pick<PageEnd, 'key' | 'detail' | 'code'>;
