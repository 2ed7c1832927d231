import type { Element } from 'domhandler';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { hasAncestor, parentOf } from '../parse/elements.js';
import { type Candidate, findCandidate, scoreContainers, widen, withSiblings } from './candidate.js';
import { excludeClutter } from './cleaning.js';
import { commentBoxes } from './comments.js';
import { filterLines } from './line-filter.js';
import { type Measures, measure } from './measure.js';
import { type Strictness, isNoise } from './noise.js';

/** Where the content of a page is: parts in document order, and what inside them is left out. */
export interface MainContent {
  readonly roots: readonly Element[];
  readonly excluded: ReadonlySet<Element>;
  readonly chars: number;
  readonly sentences: number;
}

const MIN_CHARS = 500;
const MIN_PROSE_CHARS = 250;

/** An article of its own with the page's headline in it is the page's text, however long the other articles are. */
function headlineArticle(candidate: Candidate, measures: Measures): Element | null {
  for (const [element] of measures) {
    if (element.name !== 'h1') continue;
    for (let parent = parentOf(element); parent !== null; parent = parentOf(parent)) {
      if (parent === candidate.element) return null;
      if (parent.name === 'article' && (measures.get(parent)?.chars ?? 0) >= MIN_PROSE_CHARS && (measures.get(parent)?.sentences ?? 0) >= 3)
        return parent;
    }
  }
  return null;
}

function rootsOf(candidate: Candidate, measures: Measures, scores: ReadonlyMap<Element, number>): readonly Element[] {
  if (candidate.element.name === 'article') {
    const article = headlineArticle(candidate, measures);
    if (article !== null) return [article];
  }
  return withSiblings(widen(candidate, measures, scores), measures, scores);
}

interface Attempt {
  readonly body: Element;
  readonly strictness: Strictness;
  readonly titles: readonly string[];
  readonly comments: ReadonlySet<Element>;
}

function contentOf({ body, strictness, titles, comments }: Attempt): MainContent {
  const measures: Measures = measure(body, (element) => comments.has(element) || isNoise(element, strictness));
  const scores = scoreContainers(measures);
  const candidate = findCandidate(measures, scores);
  const roots = candidate === null ? [body] : rootsOf(candidate, measures, scores);
  const excluded = new Set<Element>();
  for (const root of roots) excludeClutter(root, measures, excluded);
  filterLines({ roots, measures, excluded, titles, articleOnly: true });
  let chars = 0;
  for (const root of roots) chars += measures.get(root)?.chars ?? 0;
  let sentences = 0;
  for (const root of roots) sentences += measures.get(root)?.sentences ?? 0;
  chars -= charsLeftOut(measures, excluded);
  markLeftOut(roots, measures, excluded);
  return { roots, excluded, chars, sentences };
}

/** The ways a page may word its own title. */
export function titleWordings(page: ParsedPage): string[] {
  const title = page.title;
  const wordings = [title, ...(page.meta.get('og:title') ?? [])];
  for (const heading of page.index.headings) if (heading.name === 'h1') wordings.push(lineOf(heading));
  for (const separator of [' | ', ' - ', ' – ', ' — ', ' :: ', ' » ', ' · ']) {
    const at = title.lastIndexOf(separator);
    if (at > 10) wordings.push(title.slice(0, at));
    const first = title.indexOf(separator);
    if (first > 10) wordings.push(title.slice(0, first));
  }
  return wordings;
}

/** Characters of what was left out; a box inside another that was left out counts once. */
export function charsLeftOut(measures: Measures, excluded: ReadonlySet<Element>): number {
  let chars = 0;
  for (const element of excluded) {
    const measured = measures.get(element);
    if (measured !== undefined && !hasAncestor(element, (ancestor) => excluded.has(ancestor))) chars += measured.chars;
  }
  return chars;
}

/** What was not measured was noise: it is left out of the content too. */
export function markLeftOut(roots: readonly Element[], measures: Measures, excluded: Set<Element>): void {
  const visit = (element: Element): void => {
    for (const child of element.children) {
      if (!('attribs' in child)) continue;
      if (!measures.has(child)) excluded.add(child);
      else if (!excluded.has(child)) visit(child);
    }
  };
  for (const root of roots) visit(root);
}

/** The main content by text density, link density, tags and structure; looser judgement where the strict one leaves too little. */
export function findMainContent(page: ParsedPage, titles: readonly string[] = titleWordings(page)): MainContent {
  if (page.body === null) return { roots: [], excluded: new Set(), chars: 0, sentences: 0 };
  const comments = commentBoxes(page);
  let best: MainContent | null = null;
  for (const strictness of ['strict', 'loose', 'none'] as const) {
    const content = contentOf({ body: page.body, strictness, titles, comments: strictness === 'none' ? new Set() : comments });
    if (best === null || (content.sentences > best.sentences && content.chars > Math.max(best.chars * 2, best.chars + 200))) best = content;
    if (best.chars >= (best.sentences >= 3 ? MIN_PROSE_CHARS : MIN_CHARS)) break;
  }
  return best ?? { roots: [page.body], excluded: new Set(), chars: 0, sentences: 0 };
}
