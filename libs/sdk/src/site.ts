import type { PageType } from './document.js';

export interface SiteSummary {
  readonly host: string;
  /** How many page templates are known. */
  readonly templates: number;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
}

export interface TemplateSummary {
  readonly site: string;
  readonly templateId: string;
  /** Shape of the URL paths it serves: `/news/*`. */
  readonly shape: string;
  /** What its pages are: tells templates of one shape apart; null when no version serves. */
  readonly type: PageType | null;
  /** Version that serves, or null when learning gave nothing reliable. */
  readonly activeVersion: number | null;
  readonly versions: number;
  readonly unlearnableReason: string | null;
  /** Why the version is out of service until learning has decided; null while it serves. */
  readonly quarantineReason: string | null;
  readonly updatedAt: string;
}

export interface Site {
  readonly host: string;
  readonly needsBrowser: boolean;
  readonly updatedAt: string;
  readonly templates: readonly TemplateSummary[];
}

export interface SelectorRule {
  readonly selector: string;
  /** Attribute that is read instead of the text. */
  readonly attribute?: string;
  readonly evidence: 'label' | 'name' | 'structure' | 'structured-data';
}

/** One version of what was learned for a template: the result of a `learn` job. */
export interface TemplateVersion {
  readonly site: string;
  readonly templateId: string;
  readonly shape: string;
  readonly version: number;
  readonly state: 'candidate' | 'active' | 'retired' | 'rejected';
  /** A person wants it to serve: learning never puts another in its place. */
  readonly pinned: boolean;
  readonly config: {
    readonly content: readonly SelectorRule[];
    readonly exclude: readonly string[];
    readonly fields: Readonly<Record<string, readonly SelectorRule[]>>;
    /** Those of `fields` that jobs asked for, with their types. */
    readonly asked?: Readonly<Record<string, string>>;
    /** What jobs asked for and no rule was found for. */
    readonly unlearned?: readonly string[];
    readonly type: PageType;
    readonly fingerprint: { readonly minChars: number; readonly medianChars: number; readonly maxChars: number };
  };
  /** Agreement on pages that were not learned from, 0 … 1. */
  readonly scores: { readonly mean: number; readonly min: number; readonly pagesLearned: number; readonly pagesHeldOut: number };
  readonly author: 'heuristic' | 'model';
  readonly model: string | null;
  readonly costUsd: number;
  readonly sampleUrls: readonly string[];
  readonly createdAt: string;
}
