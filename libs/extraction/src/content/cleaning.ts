import type { Element } from 'domhandler';
import { childElements, hasAncestor, walkElements } from '../parse/elements.js';
import { nameWeight } from './candidate.js';
import { type Measure, type Measures, linkDensity } from './measure.js';

const JUDGED = new Set([
  'div',
  'section',
  'ul',
  'ol',
  'dl',
  'table',
  'form',
  'fieldset',
  'aside',
  'header',
  'footer',
  'center',
  'p',
  'blockquote',
  'figure',
  'details',
]);

/** A table of data, not of layout: head cells, a caption, or a grid of short cells. */
function isDataTable(table: Element): boolean {
  if (table.attribs['role'] === 'presentation' || table.attribs['role'] === 'none') return false;
  let heads = 0,
    rows = 0,
    cells = 0,
    nested = false;
  walkElements(table, (element) => {
    if (element.name === 'table') nested = true;
    if (element.name === 'th' || element.name === 'caption') heads++;
    if (element.name === 'tr') rows++;
    if (element.name === 'td') cells++;
    return element.name !== 'table';
  });
  if (nested) return false;
  return heads > 0 || (rows > 1 && cells >= rows * 2);
}

function looksLikeList(element: Element, measured: Measure): boolean {
  return element.name === 'ul' || element.name === 'ol' || (measured.chars > 0 && measured.listChars / measured.chars > 0.9);
}

/** True for a block inside the content that is not part of the text: links, forms, promotions. */
function isClutter(element: Element, measured: Measure): boolean {
  const weight = nameWeight(element);
  const density = linkDensity(measured);
  if (measured.chars === 0) return false;
  if (measured.quotes > 0 && density < 0.6 && measured.inputs === 0) return false;
  if (weight < 0 && measured.commas < 10 && density > 0.1) return true;
  if (measured.commas >= 10 && density < 0.5) return false;
  if (element.name === 'p' || element.name === 'blockquote') return density > 0.9 && measured.links > 1;
  if (element.name === 'form' || element.name === 'fieldset') return measured.inputs > 0 && measured.paragraphs < 3;
  if (measured.inputs > Math.max(1, Math.floor(measured.paragraphs / 3))) return true;
  return looksLikeList(element, measured) ? isLinkList(measured, density) : isLinkBox(measured, density, weight);
}

function isLinkList(measured: Measure, density: number): boolean {
  if (density > 0.5) return measured.sentences < measured.items;
  return density > 0.4 && measured.items > 2;
}

function isLinkBox(measured: Measure, density: number, weight: number): boolean {
  if (density > 0.5) return true;
  if (measured.chars < 25 && measured.images === 0 && density > 0) return true;
  return weight < 15 && density > 0.2 && measured.sentences < 3;
}

/**
 * Adds to `excluded` what stands inside the content and is not part of it. Blocks that hold most of the content are never
 * dropped: then the judgement is wrong, not the page.
 */
export function excludeClutter(root: Element, measures: Measures, excluded: Set<Element>): void {
  const total = measures.get(root)?.chars ?? 0;
  walkElements(root, (element) => {
    const measured = measures.get(element);
    if (measured === undefined) return false;
    if (element.name === 'pre' || element.name === 'code' || element.name === 'math') return false;
    if (element.name === 'table' && isDataTable(element)) return false;
    if (!JUDGED.has(element.name)) return true;
    if (hasAncestor(element, (ancestor) => ancestor.name === 'td' && ancestor.parent !== null && isSmallCell(ancestor, measures)))
      return true;
    if (measured.chars < total * 0.5 && isClutter(element, measured)) {
      excluded.add(element);
      return false;
    }
    return true;
  });
}

function isSmallCell(cell: Element, measures: Measures): boolean {
  return (measures.get(cell)?.chars ?? 0) < 200 && childElements(cell).length < 4;
}
