/** Several templates under one address shape: which of them a page has is seen where it is parsed. */
import type { TemplateState } from './ports.js';
import type { TemplateKey } from './site.js';

/** Templates that one shape can have. */
export const MAX_TEMPLATES_OF_SHAPE = 12;

/** A template among those that pages of one address shape have. */
export interface ShapeTemplate extends TemplateKey {
  /** What its pages are built of; null: nothing is known of it, and it takes every page of its shape. */
  readonly structure: readonly string[] | null;
  readonly state: TemplateState;
}

/** Where a page was placed when it was parsed: with one of the templates it was shown, or with none, being built of something else. */
export type PagePlace = { readonly templateId: string } | { readonly structure: readonly string[] };

/** Templates that pages of a shape showed to be there. */
export interface ShapeFindings {
  /** Key of the shape: that of its first template. */
  readonly shape: TemplateKey;
  /** Ids of the templates that were known when the others were found. */
  readonly among: readonly string[];
  readonly found: readonly (TemplateKey & { readonly structure: readonly string[] })[];
}

export interface SeenPage {
  /** SHA-256 of the URL key. */
  readonly key: string;
  readonly templateId: string;
}

/** Pages of the template `from`, which has a version, that were seen with `to` instead, which has none. */
export interface TemplateMove {
  readonly from: string;
  readonly to: string;
  readonly moved: number;
  /** Pages that were fetched again since the first one moved and still had `from`, once for each fetch. */
  readonly stayed: number;
}

export interface Remembered {
  /** Moves to templates that were seen. */
  readonly moves: readonly TemplateMove[];
  /** Ids of templates seen that are no more: each has become the design of another meanwhile. */
  readonly ended: readonly string[];
}

/**
 * `joined`: its version `version` is out of service, told to one who asks. `waiting`: that cannot be yet, because learning was tried too
 * lately or is under way. `apart`: the new one was claimed or joined meanwhile, or no version serves that may be taken out of service.
 */
export type JoinOutcome = { readonly kind: 'joined'; readonly version: number } | { readonly kind: 'waiting' } | { readonly kind: 'apart' };

export interface ClaimedTemplate extends Pick<ShapeTemplate, 'structure'> {
  /** Names the design that the structure is of: another one when a new design joined. Null where no structure is known. */
  readonly design: string | null;
}

export interface PageTemplates {
  /** The templates of some shapes, by the id of the shape, at most `MAX_TEMPLATES_OF_SHAPE` each: those first that were learned. */
  ofShapes(shapes: readonly TemplateKey[]): Promise<ReadonlyMap<string, readonly ShapeTemplate[]>>;
  /**
   * Adds the templates of every shape that has just those it was said to have, and returns what the shapes have then. Where another
   * came meanwhile nothing is added: the page may be one of that.
   */
  add(findings: readonly ShapeFindings[]): Promise<ReadonlyMap<string, readonly ShapeTemplate[]>>;
  /** Remembers which template each page has, and counts those that had another, and those that had the same one at an earlier fetch. */
  remember(site: string, pages: readonly SeenPage[]): Promise<Remembered>;
  /**
   * `to` is a new design of `from`: in one step the version that serves `from` goes out of service, `to` ends, and its structure and its
   * pages in the ledger of the job become those of `from`. Nothing changes unless all of that can be. `reason`: of the quarantine.
   */
  join(site: string, move: Pick<TemplateMove, 'from' | 'to'>, jobId: string, reason: string): Promise<JoinOutcome>;
  /**
   * Before learning: it is a template of its own from now on. Returns what its pages are built of, null where nothing is known of that;
   * null instead of an answer when it has become the design of another, or was never there.
   */
  claim(template: TemplateKey): Promise<ClaimedTemplate | null>;
}
