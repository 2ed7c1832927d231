import type { SelectorRule } from '@gleaner/domain';
import type { Element, Text } from 'domhandler';
import { childElements, hasAncestor, parentOf } from '../parse/elements.js';
import { describeElement } from './selectors.js';
import type { Witness } from './witness.js';

/** A content rule with its score on every sample. */
export interface Candidate {
  readonly rule: SelectorRule;
  /** Samples whose content it was read off; all samples for a rule that somebody proposed. */
  readonly origins: Set<number>;
  readonly scores: number[];
}

const MAX_CANDIDATES = 60;
const MIN_CANDIDATES = 6;
/** Candidates times bytes of all samples: every candidate is tried on every page. */
const CANDIDATE_BUDGET = 40_000_000;

/** Most candidates that may be tried on pages of this size together. */
export function candidateLimit(witnesses: readonly Witness[]): number {
  const size = witnesses.reduce((sum, { page }) => sum + page.htmlLength, 1);
  return Math.max(MIN_CANDIDATES, Math.min(MAX_CANDIDATES, Math.floor(CANDIDATE_BUDGET / size)));
}

/** The innermost box that holds all of the elements; null for none. */
function boxOf(elements: readonly Element[]): Element | null {
  const [first] = elements;
  if (first === undefined) return null;
  let box: Element | null = first;
  while (box !== null) {
    const current: Element = box;
    if (elements.every((root) => root === current || hasAncestor(root, (ancestor) => ancestor === current))) return current;
    box = parentOf(current);
  }
  return null;
}

/** Rules by which a pool grows, no two with the same selector. */
export class CandidatePool {
  private readonly known = new Map<string, Candidate>();

  constructor(private readonly limit: number) {}

  get all(): readonly Candidate[] {
    return [...this.known.values()];
  }

  add(rule: SelectorRule, samples: readonly number[]): void {
    const candidate = this.known.get(rule.selector);
    if (candidate !== undefined) for (const sample of samples) candidate.origins.add(sample);
    else if (this.known.size < this.limit) this.known.set(rule.selector, { rule, origins: new Set(samples), scores: [] });
  }

  addElement(element: Element | null, sample: number): void {
    if (element === null || element.name === 'html') return;
    if (element.name === 'body') this.add({ selector: 'body', evidence: 'structure' }, [sample]);
    else for (const rule of describeElement(element)) this.add(rule, [sample]);
  }
}

const MAX_INSIDE = 4;
const LANDMARKS = new Set(['main', 'article']);

/** Boxes in a box that hold all that it holds: wrappers come and go, a landmark inside them stays. */
function boxesInside(box: Element): Element[] {
  const inside: Element[] = [];
  let current = box;
  while (inside.length < MAX_INSIDE) {
    const [only, ...more] = childElements(current);
    if (only === undefined || more.length > 0) break;
    inside.push(only);
    current = only;
  }
  const landmark = LANDMARKS.has(box.name) ? undefined : [...inside, ...childElements(current)].find(({ name }) => LANDMARKS.has(name));
  return landmark === undefined ? inside : [landmark, ...inside];
}

/** Ways to name the content of every sample: its box, the boxes in and around it, its parts. */
export function addContentBoxes(pool: CandidatePool, witnesses: readonly Witness[]): void {
  witnesses.forEach((witness, sample) => {
    const { roots } = witness.facts.content;
    const box = boxOf(roots);
    const around = box === null ? [] : [box, ...boxesInside(box), parentOf(box), parentOf(parentOf(box) ?? box)];
    for (const element of new Set([...around, ...(roots.length > 1 ? roots.slice(0, 3) : [])])) pool.addElement(element, sample);
  });
}

const MAX_MISSED = 400;

function boxOfTexts(texts: readonly Text[]): Element | null {
  const parents = texts.slice(0, MAX_MISSED).flatMap(({ parent }) => (parent !== null && 'attribs' in parent ? [parent] : []));
  return boxOf(parents);
}

/**
 * Further ways, from what the best rule so far missed: on each sample where it scores less than `good`, the box round the page's
 * own running text, and the box round the part of it that stands together most.
 */
export function addMissedBoxes(pool: CandidatePool, witnesses: readonly Witness[], best: Candidate, good: number): void {
  witnesses.forEach((witness, sample) => {
    if ((best.scores[sample] ?? 0) >= good || witness.own.size === 0) return;
    const own = [...witness.own.keys()];
    const box = boxOfTexts(own);
    pool.addElement(box, sample);
    const parents = new Map<Element, number>();
    for (const text of own) {
      const parent = text.parent === null || !('attribs' in text.parent) ? null : parentOf(text.parent);
      if (parent !== null) parents.set(parent, (parents.get(parent) ?? 0) + (witness.own.get(text) ?? 0));
    }
    const [densest] = [...parents].toSorted((a, b) => b[1] - a[1]);
    if (densest !== undefined) {
      pool.addElement(densest[0], sample);
      pool.addElement(parentOf(densest[0]), sample);
    }
  });
}
