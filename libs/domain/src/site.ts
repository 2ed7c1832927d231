import type { PageType } from './document.js';
import type { WishType } from './fields/wanted-fields.js';

/** Identifies a page template of a site: pages with the same key are served by the same configuration. */
export interface TemplateKey {
  /** Host with port where it is not the scheme's default: `example.com`, `127.0.0.1:8080`. */
  readonly site: string;
  /** Stable, URL-safe id derived from the shape of the URL path: `/news/*` → `tpl_…`. */
  readonly templateId: string;
  /** The shape itself, for people: `/news/*`. */
  readonly shape: string;
}

/** One way to find a value: a selector and how to read it. Alternatives rest on different kinds of evidence. */
export interface SelectorRule {
  readonly selector: string;
  /** Attribute to read instead of the text (`datetime`, `content`). */
  readonly attribute?: string;
  /** Words that stand before the value: in the same element, in the element before it, or in the one before its parent. */
  readonly label?: string;
  readonly evidence: 'label' | 'name' | 'structure' | 'structured-data';
}

/** What was learned for one template: content rules (tried in order), what to leave out, and fields. */
export interface TemplateConfig {
  readonly content: readonly SelectorRule[];
  readonly exclude: readonly string[];
  /** Lines that stood in the content of every sample and are therefore none of it, white space collapsed. */
  readonly repeated?: readonly string[];
  /** `title`, `author`, `publishedAt`, … → rules, tried in order. */
  readonly fields: Readonly<Record<string, readonly SelectorRule[]>>;
  /** Those of `fields` that jobs asked for, with their types: they serve jobs that ask for them, and say nothing of the template's health. */
  readonly asked?: Readonly<Record<string, WishType>>;
  /** What jobs asked for and no rule was found for: it is not looked for again while this version serves. */
  readonly unlearned?: readonly string[];
  readonly type: PageType;
  /** What the content of learned pages looked like; the guard judges new pages by it. */
  readonly fingerprint: TemplateFingerprint;
}

export interface TemplateFingerprint {
  readonly minChars: number;
  readonly medianChars: number;
  readonly maxChars: number;
  /** What the pages are built of, independent of names: tag paths and declared types. Absent in versions of old. */
  readonly structure?: readonly string[];
  /** Least share of a learned page's running text that its content held, 0 … 1. */
  readonly proseShare?: number;
  /** Mean share of the template's fields that learned pages had, 0 … 1. */
  readonly fill?: number;
}

export interface TemplateScores {
  /** Agreement with independent witnesses on pages that were not learned from, 0 … 1. */
  readonly mean: number;
  readonly min: number;
  readonly pagesLearned: number;
  readonly pagesHeldOut: number;
}

export type VersionState = 'candidate' | 'active' | 'retired' | 'rejected';

export interface TemplateVersion extends TemplateKey {
  readonly version: number;
  readonly state: VersionState;
  /** A person wants it to serve: learning never puts another in its place. */
  readonly pinned: boolean;
  readonly config: TemplateConfig;
  readonly scores: TemplateScores;
  readonly author: 'heuristic' | 'model';
  readonly model: string | null;
  readonly costUsd: number;
  readonly sampleUrls: readonly string[];
  readonly createdAt: string;
}

/** How a template served one page. */
export interface TemplateObservation {
  /** Its first content rule answered. */
  readonly ruleAnswered: boolean;
  /** Another of its content rules did. */
  readonly alternativeUsed: boolean;
  /** None did: the general extractor served. */
  readonly fellBack: boolean;
  /** Share of the template's fields that have a value, 0 … 1. */
  readonly fieldsFilled: number;
  /** Characters of content; 0 when no rule answered. */
  readonly contentChars: number;
  /** Share of the page's running text that the content holds, 0 … 1; null when the page has next to none, or no rule answered. */
  readonly agreement: number | null;
}
