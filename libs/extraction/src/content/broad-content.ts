import type { Element } from 'domhandler';
import { childElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { filterLines } from './line-filter.js';
import { type MainContent, markLeftOut } from './main-content.js';
import { type Measure, type Measures, measure } from './measure.js';
import { isNoise } from './noise.js';

const DESCEND_SHARE = 0.9;
const MIN_MAIN_CHARS = 200;

/** `<main>` when the page has one with enough in it, else the innermost box that holds nearly all text. */
function containerOf(body: Element, measures: Measures): Element {
  const total = measures.get(body)?.chars ?? 0;
  for (const [element, measured] of measures) {
    const isMain = element.name === 'main' || element.attribs['role'] === 'main';
    if (isMain && measured.chars >= Math.max(MIN_MAIN_CHARS, total * 0.3)) return element;
  }
  let node = body;
  for (;;) {
    const chars = measures.get(node)?.chars ?? 0;
    const next = childElements(node).find((child) => (measures.get(child)?.chars ?? 0) >= chars * DESCEND_SHARE);
    if (next === undefined || next.name === 'p' || next.name === 'table' || next.name === 'ul' || chars === 0) return node;
    node = next;
  }
}

export interface BroadContent extends MainContent {
  readonly total: Measure | undefined;
}

/**
 * Everything on the page but its furniture: for pages whose content is not one text (posts of a thread, items of a list, a
 * product with its data).
 */
export function findBroadContent(page: ParsedPage, titles: readonly string[]): BroadContent {
  if (page.body === null) return { roots: [], excluded: new Set(), chars: 0, sentences: 0, total: undefined };
  const measures = measure(page.body, (element) => isNoise(element, 'strict'));
  const root = containerOf(page.body, measures);
  const excluded = new Set<Element>();
  filterLines({ roots: [root], measures, excluded, titles, articleOnly: false });
  markLeftOut([root], measures, excluded);
  let chars = measures.get(root)?.chars ?? 0;
  for (const element of excluded) chars -= measures.get(element)?.chars ?? 0;
  return { roots: [root], excluded, chars, sentences: measures.get(root)?.sentences ?? 0, total: measures.get(page.body) };
}
