import type {
  BlobRef,
  EmbeddingLabel,
  ExtractedBatchPage,
  FieldReport,
  LeasedPage,
  PageEnd,
  PagePlace,
  ShapeTemplate,
  Snapshot,
  TemplateObservation,
  WantedField,
} from '@gleaner/domain';
import type { FieldAnswer } from '../cpu/cpu-tasks.js';

/** A fetched page of a crawl on its way to a parsing thread. The thread reads the body itself: no event loop has to move it. */
export interface CrawlPageInput extends Pick<LeasedPage, 'key' | 'url' | 'depth' | 'fetchMs'> {
  readonly snapshot: Snapshot;
  /** Those of the page's address shape; one array for all pages of a shape, which so travels once. */
  readonly templates: readonly ShapeTemplate[];
  /** What an earlier visit made of the page; absent where nothing can stay as it is. */
  readonly earlier?: EarlierText;
}

/** The text that a page had at an earlier visit. It stays where it is the same today, made by the same version, or by none. */
export interface EarlierText {
  readonly title: string;
  readonly contentHash: string;
  readonly templateVersion: number | null;
  /** It was made from the body that the page has now: where the same would make it today, only the links of the page are wanted. */
  readonly isSameBody: boolean;
}

/** Some pages that a thread parses one after the other, each once for everything that is wanted of it. */
export interface CrawlPagesInput {
  readonly pages: readonly CrawlPageInput[];
  /** Largest chunk; 0: no chunks are wanted. */
  readonly maxChunkTokens: number;
  readonly embedding: EmbeddingLabel;
  /** What each page is asked for; absent where nothing is. */
  readonly asked?: AskedOfPages;
}

export interface AskedOfPages {
  readonly wanted: readonly WantedField[];
  /** Pages that lack something go to `toAsk`, with what a model is shown of them. */
  readonly hasModel: boolean;
}

/** A page that is done but for the fields that only a model may find. */
export interface UnansweredPage extends ExtractedBatchPage {
  readonly answer: FieldAnswer;
}

/** Of the report of a page, what its batch adds up. */
export type FieldsServed = Omit<FieldReport, 'asked' | 'methods' | 'missing'>;

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
  /** How the fields that were asked for were served, where no model has to be asked for them. */
  readonly fields?: FieldsServed;
  /** The template has no rule for something that the page lacks, and nobody has tried to learn one. */
  readonly wantsRules?: true;
  /** Of rendered pages: whether the browser added to what the server sent; absent where that is not known. */
  readonly browserAdds?: boolean;
  /** How the template served the page; absent where there is none. */
  readonly observation?: TemplateObservation | null;
}

export interface CrawlPagesResult {
  /** Blob: one `ExtractedBatchPage` a line, for every result of kind `page` that is not in `toAsk`; null when there is none. */
  readonly lines: BlobRef | null;
  /** Blob: one `UnansweredPage` a line; null when there is none. */
  readonly toAsk: BlobRef | null;
  readonly pages: readonly CrawlPageResult[];
}

/** A page that a thread could not cope with. */
export type FailedPage = Pick<PageEnd, 'key' | 'detail' | 'code'>;
