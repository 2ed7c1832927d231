export type PageType = 'article' | 'documentation' | 'forum' | 'product' | 'listing' | 'collection' | 'service' | 'other';

export interface Evidence {
  readonly source: 'jsonld' | 'microdata' | 'meta' | 'dom' | 'text' | 'url';
  readonly selector?: string;
  /** The value is literally on the page. */
  readonly verbatim: boolean;
  /** Who answered: a rule of the template, the general extractor, or a model. */
  readonly method?: ExtractionMethod;
  /** Of the template whose rule answered. */
  readonly version?: number;
  /** The model that answered. */
  readonly model?: string;
  /** Of content: the share of its text that is literally on the page. */
  readonly share?: number;
}

export type ExtractionMethod = 'template' | 'general' | 'model';

/** How the fields that a job asked for were served. */
export interface FieldReport {
  /** Fingerprint of what was asked: documents with the same one answer the same question. */
  readonly asked?: string;
  /** By path; null: it has no value. */
  readonly methods: Readonly<Record<string, ExtractionMethod | null>>;
  readonly missing: readonly {
    readonly path: string;
    readonly required: boolean;
    readonly reason: 'not_found' | 'not_valid' | 'complex';
  }[];
  /** The fields fit the schema: nothing that is required is missing. */
  readonly valid: boolean;
  readonly modelCalls: number;
  /** 1: rules served every field, no model had to be asked. */
  readonly modelCallsAvoided: number;
  readonly model: string | null;
  readonly tokens: number;
  readonly costUsd: number;
  /** Why a model that is set did not answer; the fields left for it are empty. */
  readonly problem?: { readonly code: string; readonly detail: string };
}

export interface StageTimings {
  readonly fetch: number;
  readonly learn: number;
  readonly extract: number;
  readonly embed: number;
  readonly store: number;
  readonly analyze: number;
}

/** What was extracted from one page. */
export interface Document {
  readonly id: string;
  /** The job that made it. */
  readonly job: string;
  readonly url: string;
  readonly finalUrl: string;
  readonly canonicalUrl: string | null;
  readonly status: number;
  readonly fetchedAt: string;
  /** `sha256:…` of the normalized text. */
  readonly contentHash: string;
  readonly type: PageType;
  readonly title: string;
  readonly author: readonly string[];
  readonly publishedAt: string | null;
  readonly modifiedAt: string | null;
  readonly language: string | null;
  readonly siteName: string | null;
  readonly description: string | null;
  readonly markdown: string;
  readonly text: string;
  readonly links: readonly { readonly url: string; readonly text: string; readonly rel?: string }[];
  readonly images: readonly { readonly url: string; readonly alt: string }[];
  readonly wordCount: number;
  /** Estimated. */
  readonly tokenCount: number;
  readonly keywords: readonly string[];
  /** What the job asked for, in the types of its schema, and nothing else; unasked, what the page has. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly extraction: {
    readonly method: ExtractionMethod;
    readonly version: number | null;
    /** 0 … 1. */
    readonly confidence: number;
    readonly fetch: 'http' | 'browser';
    readonly timingsMs: StageTimings;
    /** Where the job asked for fields. */
    readonly fields?: FieldReport;
    /** How the document can be found: by words only, or also by vectors of a named model. */
    readonly embedding: { readonly mode: 'lexical' | 'vector' | 'none'; readonly model?: string; readonly dimensions?: number };
  };
  readonly evidence: Readonly<Record<string, Evidence>>;
  /** With `include: ['snapshot']`. */
  readonly snapshot?: DocumentSnapshot;
  /** With `include: ['html']`: the page source, decoded, at most 2 MB. */
  readonly html?: string;
  readonly htmlTruncated?: boolean;
}

/** The page as it was fetched. */
export interface DocumentSnapshot {
  readonly hash: string;
  readonly bytes: number | null;
  readonly contentType: string | null;
  readonly charset: string | null;
}

export type DocumentPart = 'html' | 'snapshot' | 'evidence';
