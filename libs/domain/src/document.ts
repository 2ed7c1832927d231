import type { AskedValue, FieldReport } from './fields/asked-fields.js';
import type { FetchMethod } from './page.js';

export type PageType = 'article' | 'documentation' | 'forum' | 'product' | 'listing' | 'collection' | 'service' | 'other';

export interface PageLink {
  readonly url: string;
  readonly text: string;
  readonly rel?: string;
}
export interface PageImage {
  readonly url: string;
  readonly alt: string;
}

/** Where a value came from, and whether it is literally on the page. */
export interface Evidence {
  readonly source: 'jsonld' | 'microdata' | 'meta' | 'dom' | 'text' | 'url';
  /** CSS selector, meta name or JSON-LD path that answered. */
  readonly selector?: string;
  readonly verbatim: boolean;
  /** Who answered: a rule of the template, the general extractor or a model. */
  readonly method?: ExtractionMethod;
  /** Version of the template whose rule answered. */
  readonly version?: number;
  /** `provider:model` that answered, where a model did. */
  readonly model?: string;
  /** Of content: the share of its text that is literally on the page, 0 … 1. */
  readonly share?: number;
}

export type ExtractionMethod = 'template' | 'general' | 'model';

/** What an extractor says of one page: pure data, no ids, no times. URLs are absolute. */
export interface ExtractedPage {
  readonly type: PageType;
  readonly title: string;
  readonly author: readonly string[];
  /** ISO 8601 date or date-time, as precise as the page says. */
  readonly publishedAt: string | null;
  readonly modifiedAt: string | null;
  /** BCP 47 tag, from the page's own words first, then its markup; null when unsure. */
  readonly language: string | null;
  readonly siteName: string | null;
  readonly description: string | null;
  readonly canonicalUrl: string | null;
  readonly markdown: string;
  readonly text: string;
  readonly links: readonly PageLink[];
  readonly images: readonly PageImage[];
  /** Fields by name: what the caller asked for and nothing else; unasked, price, currency, rating, breadcrumbs … as the page has them. */
  readonly fields: Readonly<Record<string, AskedValue>>;
  /** How the fields that the caller asked for were served; absent where none were. */
  readonly fieldReport?: FieldReport;
  readonly evidence: Readonly<Record<string, Evidence>>;
  readonly method: ExtractionMethod;
  /** Version of the template that answered; null for the general extractor. */
  readonly version: number | null;
  /** 0 … 1. */
  readonly confidence: number;
}

export type FieldValue = string | number | boolean | null | readonly string[];

export interface TextAnalysis {
  readonly language: string | null;
  readonly wordCount: number;
  /** Estimated: see `estimateTokens`. */
  readonly tokenCount: number;
  readonly keywords: readonly string[];
}

export interface StageTimings {
  fetch: number;
  learn: number;
  extract: number;
  embed: number;
  store: number;
  analyze: number;
}

/** A stored document, as the API serves it. */
export interface DocumentRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly jobId: string;
  readonly url: string;
  readonly urlKey: string;
  readonly finalUrl: string;
  readonly canonicalUrl: string | null;
  readonly status: number;
  readonly fetchedAt: string;
  readonly snapshotHash: string;
  /** `sha256:…` of the normalized text. */
  readonly contentHash: string;
  readonly page: ExtractedPage;
  readonly analysis: TextAnalysis;
  readonly fetchMethod: FetchMethod;
  readonly timingsMs: StageTimings;
  readonly embedding: EmbeddingLabel;
}

/** How the chunks of a document can be found: by words only, or also by vectors of a named model. */
export type EmbeddingLabel =
  /** `reason`: why there are no vectors although a model is configured. */
  | { readonly mode: 'lexical'; readonly reason?: string }
  | { readonly mode: 'vector'; readonly model: string; readonly dimensions: number }
  | { readonly mode: 'none' };

const EMBEDDING_ORDER = ['none', 'lexical', 'vector'] as const satisfies readonly EmbeddingLabel['mode'][];

/** Whether chunks that are there serve who wants them so: vectors serve who wants words, and anything who wants nothing. */
export function embedsAtLeast(known: EmbeddingLabel['mode'], wanted: EmbeddingLabel['mode']): boolean {
  return EMBEDDING_ORDER.indexOf(known) >= EMBEDDING_ORDER.indexOf(wanted);
}

/** A piece of a document's Markdown that is searched as one. */
export interface Chunk {
  readonly ordinal: number;
  readonly text: string;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** `sha256:…` of the text: the key of the embedding cache together with the model. */
  readonly contentHash: string;
  readonly tokenCount: number;
}
