import type {
  Chunk,
  ExtractedPage,
  FieldWish,
  PagePlace,
  PageType,
  ShapeTemplate,
  Snapshot,
  TemplateConfig,
  TemplateKey,
  TemplateObservation,
  TemplateScores,
  TextAnalysis,
  WantedField,
} from '@gleaner/domain';
import type { SchemaAnswer } from '@gleaner/extraction';
import type { CrawlPagesInput, CrawlPagesResult } from '../crawl/crawl-page.js';

/** A page as it travels to a parsing thread: bytes, because decoding is work too. */
export interface PageBody {
  readonly bytes: Uint8Array;
  readonly charset: string;
  readonly contentType: string;
  readonly url: string;
}

export interface ExtractTask {
  readonly body: PageBody;
  /** Those of the page's address shape. */
  readonly templates: readonly ShapeTemplate[];
  /** What to do when the page has none of them that is known: only say so, or use the general extractor. */
  readonly unknownTemplate: 'report' | 'general';
  readonly wanted?: readonly WantedField[];
}

export type ExtractResult =
  /** `observation`: how the template served the page; null without one. */
  | {
      readonly kind: 'page';
      readonly place: PagePlace;
      readonly page: ExtractedPage;
      readonly type: PageType;
      readonly observation: TemplateObservation | null;
      /** Where fields were wanted. */
      readonly answer?: FieldAnswer;
    }
  | { readonly kind: 'unknown_template'; readonly place: PagePlace }
  | { readonly kind: 'shell' }
  | { readonly kind: 'empty'; readonly detail: string };

/** What a page has of some wanted fields. */
export interface FieldAnswer extends SchemaAnswer {
  /** What readers see of the page, cut to what a model is shown; empty where nothing is missing. */
  readonly shownText: string;
}

export interface ModelAnswers {
  /** A snapshot: the thread reads the body itself. */
  readonly body: PageBody | Snapshot;
  readonly wanted: readonly WantedField[];
  /** By path, as the model wrote them. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly model: string;
}

/** Where a page belongs, and links of it to pages of the same address shape. */
export interface SampleLinks {
  readonly place: PagePlace;
  readonly candidates: readonly string[];
}

export type LearnResult =
  /** `winner`: which of both configurations serves the pages better; `new` without a rival. */
  | {
      readonly kind: 'learned';
      readonly config: TemplateConfig;
      readonly scores: TemplateScores;
      readonly winner: 'old' | 'new' | 'tie';
      /** A proposed rule is among the rules, and learning without the proposals gave nothing better. */
      readonly isAided: boolean;
      /** The rules of the rival serve as well or better: they stay, and the only new ones are those for fields that jobs ask for. */
      readonly isExtension?: true;
      readonly misses: readonly LearnMiss[];
      /** URLs of samples that belong to another template. */
      readonly setAside: readonly string[];
    }
  | { readonly kind: 'unlearnable'; readonly reason: string; readonly misses: readonly LearnMiss[] };

/** What a sample shows that the best rule does not get right. */
export interface LearnMiss {
  readonly url: string;
  /** 0 … 1. */
  readonly score: number;
  readonly missing: readonly string[];
}

export interface LearnInput {
  readonly samples: readonly PageBody[];
  /** What the template's pages are built of; null: as the first sample is. */
  readonly structure: readonly string[] | null;
  /** The configuration that serves now: a new one is set against it, on the samples and on the further pages. */
  readonly rival: TemplateConfig | null;
  readonly further: readonly PageBody[];
  /** Fields that jobs ask for, to learn besides those that every template learns. */
  readonly wishes?: Readonly<Record<string, FieldWish>>;
  /** Rules that a model proposes, unchecked: learning tries them beside its own. */
  readonly proposals?: readonly unknown[];
}

/**
 * Work that blocks an event loop, and with it the heartbeats of every worker beside it: it runs in threads, with a time
 * limit after which the thread is replaced (Fault PARSE_TIMEOUT). Inputs and outputs are plain data.
 */
export interface CpuTasks {
  extract(input: ExtractTask, signal: AbortSignal): Promise<ExtractResult>;
  /** What of a model's answers fits the wanted types, with whether the page says it. */
  acceptAnswers(input: ModelAnswers, signal: AbortSignal): Promise<SchemaAnswer>;
  /** The page as a model sees it that proposes selectors, in at most `maxBytes`. */
  prune(input: { readonly body: PageBody; readonly maxBytes: number }, signal: AbortSignal): Promise<string>;
  /** Everything that a crawl wants of some pages, from one parse each. */
  crawlPages(input: CrawlPagesInput, signal: AbortSignal): Promise<CrawlPagesResult>;
  /** `shape`: key of the page's address shape; `max` 0: only the place is wanted. */
  sampleCandidates(
    input: { readonly body: PageBody; readonly templates: readonly ShapeTemplate[]; readonly shape: TemplateKey; readonly max: number },
    signal: AbortSignal,
  ): Promise<SampleLinks>;
  learn(input: LearnInput, signal: AbortSignal): Promise<LearnResult>;
  chunk(input: { readonly markdown: string; readonly maxTokens: number }, signal: AbortSignal): Promise<readonly Chunk[]>;
  analyze(input: { readonly text: string; readonly declaredLanguage: string | null }, signal: AbortSignal): Promise<TextAnalysis>;
}

export function pageBody(snapshot: Snapshot, bytes: Uint8Array): PageBody {
  return { bytes, charset: snapshot.charset, contentType: snapshot.contentType, url: snapshot.finalUrl };
}
