import type { Element } from 'domhandler';
import { childElements, isBlock, isHeading, namesOf, parentOf, walkElements } from '../parse/elements.js';
import { type Measure, type Measures, linkDensity } from './measure.js';

const MIN_BLOCK_CHARS = 25;
const MAX_LEVELS = 5;
const CONTAINER_BONUS: Readonly<Record<string, number>> = {
  article: 8,
  main: 6,
  div: 5,
  section: 3,
  pre: 3,
  td: 3,
  blockquote: 3,
  address: -3,
  ol: -3,
  ul: -3,
  dl: -3,
  dd: -3,
  dt: -3,
  li: -3,
  form: -3,
  th: -5,
  h1: -5,
  h2: -5,
  h3: -5,
  h4: -5,
  h5: -5,
  h6: -5,
};
const GOOD_NAMES = /article|body|content|entry|hentry|h-entry|main|page|post|text|blog|story/;
const BAD_NAMES =
  /-ad-|hidden|hid(?:\s|$)|banner|combx|comment|com-|contact|footer|gdpr|masthead|media|meta|outbrain|promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|widget/;

/** A bonus that names may give: small beside what a body of text earns. */
export function nameWeight(element: Element): number {
  const names = namesOf(element);
  if (names === '') return 0;
  return (GOOD_NAMES.test(names) ? 15 : 0) - (BAD_NAMES.test(names) ? 20 : 0);
}

function isParagraph(element: Element, measured: Measure): boolean {
  return element.name === 'p' || element.name === 'pre' || element.name === 'li' || element.name === 'blockquote' || measured.blocks === 0;
}

/** What a block of text says for its containers: prose has length and commas, menus have neither. */
function contributionOf(measured: Measure): number {
  if (measured.ownChars < MIN_BLOCK_CHARS || measured.ownLinkChars > measured.ownChars * 0.6) return 0;
  return 1 + measured.ownCommas + Math.min(3, Math.floor(measured.ownChars / 100));
}

/** Scores of all containers: texts count fully for their parent, half for the next and ever less further up. */
export function scoreContainers(measures: Measures): Map<Element, number> {
  const scores = new Map<Element, number>();
  for (const [element, measured] of measures) {
    if (!isBlock(element)) continue;
    const contribution = contributionOf(measured);
    if (contribution === 0) continue;
    let container: Element | null = isParagraph(element, measured) ? parentOf(element) : element;
    for (let level = 0; container !== null && level < MAX_LEVELS && measures.has(container); level++) {
      const share = level === 0 ? 1 : level === 1 ? 1 / 2 : 1 / (level * 3);
      const known = scores.get(container) ?? (CONTAINER_BONUS[container.name] ?? 0) + nameWeight(container);
      scores.set(container, known + contribution * share);
      container = parentOf(container);
    }
  }
  for (const [element, score] of scores) {
    const measured = measures.get(element);
    if (measured !== undefined) scores.set(element, score * (1 - linkDensity(measured)));
  }
  return scores;
}

function ancestorsOf(element: Element): Element[] {
  const ancestors: Element[] = [];
  for (let parent = parentOf(element); parent !== null; parent = parentOf(parent)) ancestors.push(parent);
  return ancestors;
}

/** Several good containers side by side are parts of one text: their common ancestor is the better answer. */
function commonAncestor(top: Element, others: readonly Element[]): Element | null {
  const lists = others.map((other) => new Set(ancestorsOf(other)));
  for (const ancestor of ancestorsOf(top)) {
    if (ancestor.name === 'body' || ancestor.name === 'html') return null;
    if (lists.filter((list) => list.has(ancestor)).length >= 3) return ancestor;
  }
  return null;
}

function climb(start: Element, scores: ReadonlyMap<Element, number>): Element {
  let best = start;
  let last = scores.get(start) ?? 0;
  const floor = last / 3;
  for (let parent = parentOf(start); parent !== null && parent.name !== 'body' && parent.name !== 'html'; parent = parentOf(parent)) {
    const score = scores.get(parent);
    if (score === undefined) continue;
    if (score < floor) break;
    if (score > last) {
      best = parent;
      break;
    }
    last = score;
  }
  for (let parent = parentOf(best); parent !== null && parent.name !== 'body' && parent.name !== 'html'; parent = parentOf(parent)) {
    if (childElements(parent).length > 1) break;
    best = parent;
  }
  return best;
}

export interface Candidate {
  readonly element: Element;
  readonly score: number;
}

/** The container whose text is most like the main text of a page; null when nothing has any. */
export function findCandidate(measures: Measures, scores: ReadonlyMap<Element, number>): Candidate | null {
  const ranked = [...scores]
    .filter(([element]) => measures.has(element))
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 5);
  const [first, ...rest] = ranked;
  if (first === undefined) return null;
  const close = rest.filter(([, score]) => score >= first[1] * 0.75).map(([element]) => element);
  const start = close.length >= 3 ? (commonAncestor(first[0], close) ?? first[0]) : first[0];
  const element = climb(start, scores);
  return { element, score: scores.get(element) ?? scores.get(start) ?? 0 };
}

function depthBelow(element: Element, ancestor: Element): number {
  let depth = 0;
  for (let current: Element | null = element; current !== null; current = parentOf(current)) {
    if (current === ancestor) return depth;
    depth++;
  }
  return -1;
}

const MAX_WIDENING = 8;
const MAX_TWINS = 50;
const REPEATED_ITEMS = new Set(['article', 'li', 'td', 'tr', 'blockquote']);

function hasOwnHeadline(element: Element, ancestor: Element): boolean {
  let branch = element;
  for (let parent = parentOf(element); parent !== null && parent !== ancestor; parent = parentOf(parent)) branch = parent;
  let found = branch.name === 'h1';
  walkElements(branch, (inner) => {
    if (inner.name === 'h1') found = true;
    return !found;
  });
  return found;
}

/**
 * A text that is cut into several boxes (advertising between them) is one text: boxes of the same make as the candidate, with a
 * good share of its score and no headline of their own, widen it to the ancestor they have in common.
 */
export function widen(candidate: Candidate, measures: Measures, scores: ReadonlyMap<Element, number>): Candidate {
  const { element, score } = candidate;
  if (REPEATED_ITEMS.has(element.name)) return candidate;
  const className = element.attribs['class'] ?? '';
  const twins = [...scores.keys()]
    .filter((other) => {
      const measured = measures.get(other);
      if (other === element || other.name !== element.name || (other.attribs['class'] ?? '') !== className || measured === undefined)
        return false;
      return (scores.get(other) ?? 0) >= Math.max(12, score * 0.12) && linkDensity(measured) < 0.25 && measured.sentences >= 3;
    })
    .slice(0, MAX_TWINS);
  if (twins.length === 0) return candidate;
  let best = candidate.element;
  let level = 0;
  for (let ancestor = parentOf(element); ancestor !== null && level < MAX_WIDENING; ancestor = parentOf(ancestor), level++) {
    if (ancestor.name === 'body' || ancestor.name === 'html') break;
    const own = depthBelow(element, ancestor);
    const common = ancestor;
    const joins = twins.some((twin) => {
      const depth = depthBelow(twin, common);
      return (
        depth > 0 &&
        depthBelow(twin, best) < 0 &&
        depthBelow(element, twin) < 0 &&
        (className !== '' || depth === own) &&
        !hasOwnHeadline(twin, common)
      );
    });
    if (joins) best = ancestor;
  }
  return best === element ? candidate : { element: best, score: Math.max(score, scores.get(best) ?? 0) };
}

/** Siblings of the candidate that belong to the same text: other parts of a split body, paragraphs before it. */
export function withSiblings(candidate: Candidate, measures: Measures, scores: ReadonlyMap<Element, number>): Element[] {
  const parent = parentOf(candidate.element);
  if (parent === null || !measures.has(parent)) return [candidate.element];
  const threshold = Math.max(10, candidate.score * 0.2);
  if (candidate.element.name === 'article' || candidate.element.name === 'main') return [candidate.element];
  const className = candidate.element.attribs['class'];
  return childElements(parent).filter((sibling) => {
    if (sibling === candidate.element) return true;
    const measured = measures.get(sibling);
    if (measured === undefined) return false;
    const bonus = className !== undefined && className !== '' && sibling.attribs['class'] === className ? candidate.score * 0.2 : 0;
    if (scores.has(sibling) && (scores.get(sibling) ?? 0) + bonus >= threshold) return true;
    if (sibling.name === 'pre') return measured.chars > 0 && linkDensity(measured) < 0.25;
    if (sibling.name !== 'p' && (measured.blocks > 0 || !isBlock(sibling) || isHeading(sibling))) return false;
    const density = linkDensity(measured);
    return measured.chars > 80 ? density < 0.25 : sibling.name === 'p' && measured.chars > 0 && density === 0 && measured.sentences > 0;
  });
}
