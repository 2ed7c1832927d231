import type { Element } from 'domhandler';
import { isBlock, isHeading, parentOf, walkElements } from '../parse/elements.js';
import { fold } from '../fields/title.js';
import { lineOf } from '../parse/visible-text.js';
import { type Measure, type Measures, linkDensity } from './measure.js';
import { isByline, isCommentHeading, isFurnitureLine, isRecordFurniture, isTailHeading } from './phrases.js';
import { isWithin } from './survey.js';

/** A block with text of its own, in document order. */
interface Line {
  readonly element: Element;
  readonly measured: Measure;
  readonly text: string;
}

const PROSE_CHARS = 80;
const MAX_TAILS = 50;
const MAX_TAIL_SIBLINGS = 1_000;

/** Longer lines are prose whatever they say: their text is not needed to judge them. */
function linesOf({ roots, measures, excluded, articleOnly }: LineFilterInput): Line[] {
  const lines: Line[] = [];
  const whole = roots.reduce((sum, root) => sum + (measures.get(root)?.chars ?? 0), 0);
  // A table that holds most of a page is its layout.
  const isClosed = (element: Element, { chars }: Measure): boolean =>
    element.name === 'pre' || (element.name === 'table' && (articleOnly || chars < whole * 0.5));
  const visit = (element: Element): boolean => {
    const measured = measures.get(element);
    if (measured === undefined || excluded.has(element) || isClosed(element, measured)) return false;
    if (isBlock(element) && measured.ownChars > 0)
      lines.push({ element, measured, text: measured.blocks === 0 ? lineOf(element, (inner) => excluded.has(inner)) : '' });
    return true;
  };
  for (const root of roots) if (visit(root)) walkElements(root, visit);
  return lines;
}

const isProse = (line: Line): boolean =>
  line.measured.ownChars >= PROSE_CHARS && line.measured.sentences > 0 && linkDensity(line.measured) < 0.5;

/** Texts that stand twice in the content are captions of a gallery. */
function dropRepeated(lines: readonly Line[], excluded: Set<Element>): void {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.text.length < 30) continue;
    const group = groups.get(line.text);
    if (group === undefined) groups.set(line.text, [line]);
    else group.push(line);
  }
  const total = lines.reduce((sum, line) => sum + line.measured.ownChars, 0);
  const repeated = [...groups.values()].filter((group) => group.length > 1).flat();
  if (repeated.reduce((sum, line) => sum + line.measured.ownChars, 0) > total * 0.4) return;
  for (const line of repeated) excluded.add(line.element);
}

function isTailBox(line: Line, box: Measure, rootChars: number): boolean {
  if (isCommentHeading(line.text)) return box.chars < rootChars * 0.7;
  return box.chars < rootChars * 0.4 && (linkDensity(box) > 0.2 || box.chars < 600);
}

/** The outermost box that holds the line and next to nothing else. */
function wrapperOf(line: Line, root: Element, measures: Measures): Element {
  let wrapper = line.element;
  for (let parent = parentOf(wrapper); parent !== null && parent !== root; parent = parentOf(parent)) {
    const measured = measures.get(parent);
    if (measured === undefined || measured.chars > line.measured.chars * 1.3 + 5) break;
    wrapper = parent;
  }
  return wrapper;
}

/** Prose after the heading: the text goes on. */
function goesOn(element: Element, measured: Measure): boolean {
  if (measured.sentences === 0 || linkDensity(measured) >= 0.2) return false;
  return element.name === 'p' ? measured.chars > 60 : measured.sentences > 2 && measured.chars > 300;
}

/** The heading of a list that the page is there for. */
function leadsTo(anchor: Element, sections: ReadonlySet<Element>): boolean {
  let next = anchor.next;
  while (next !== null && !('attribs' in next)) next = next.next;
  return next !== null && sections.has(next);
}

/** The heading, what follows it up to the next heading, and the box around both when it holds nothing else. */
function dropTail(line: Line, root: Element, input: LineFilterInput): void {
  const { measures, excluded, sections } = input;
  const anchor = wrapperOf(line, root, measures);
  if (sections !== undefined && leadsTo(anchor, sections)) return;
  excluded.add(line.element);
  const box = parentOf(anchor);
  const boxMeasure = box === null || box === root || sections?.has(box) === true ? undefined : measures.get(box);
  const rootChars = measures.get(root)?.chars ?? 0;
  const first = box?.children.find((child) => 'attribs' in child && (measures.get(child)?.chars ?? 0) > 0);
  if (box !== null && boxMeasure !== undefined && first === anchor && isTailBox(line, boxMeasure, rootChars)) excluded.add(box);
  else dropFollowing(anchor, input);
}

function dropFollowing(anchor: Element, { measures, excluded, sections }: LineFilterInput): void {
  let left = MAX_TAIL_SIBLINGS;
  for (let next = anchor.next; next !== null && left > 0; next = next.next, left--) {
    if (!('attribs' in next)) continue;
    const measured = measures.get(next);
    if (measured === undefined) continue;
    if (isHeading(next) || sections?.has(next) === true || goesOn(next, measured)) break;
    excluded.add(next);
  }
}

function rootOf(element: Element, roots: readonly Element[]): Element {
  for (let current: Element | null = element; current !== null; current = parentOf(current)) if (roots.includes(current)) return current;
  return element;
}

function dropEnds(lines: readonly Line[], excluded: Set<Element>): void {
  const first = lines.findIndex(isProse);
  const last = lines.findLastIndex(isProse);
  if (first < 0) return;
  lines.forEach((line, position) => {
    if (excluded.has(line.element) || (position >= first && position <= last)) return;
    const short = line.measured.blocks === 0 && line.text.length < 80 && line.measured.sentences === 0;
    const beforeText = position === first - 1 && isHeading(line.element) && line.element.name !== 'h1';
    const inList = line.element.name === 'li' || line.element.name === 'dd' || line.element.name === 'td';
    if (short && !beforeText && !inList) excluded.add(line.element);
  });
}

/** A heading, or a line like one, over what is no part of the text. Replies are content where a page is not one text. */
function startsTail({ element, measured, text }: Line, articleOnly: boolean): boolean {
  if (!isHeading(element) && measured.sentences > 0) return false;
  return articleOnly ? isTailHeading(text) || isCommentHeading(text) : isTailHeading(text) && !isCommentHeading(text);
}

/** A paragraph that is nothing but a link to somewhere else. */
function isLoneLink({ element, measured }: Line): boolean {
  return element.name !== 'li' && measured.links > 0 && linkDensity(measured) > 0.9 && measured.chars < 160 && measured.sentences === 0;
}

export interface LineFilterInput {
  readonly roots: readonly Element[];
  readonly measures: Measures;
  readonly excluded: Set<Element>;
  /** The page's title in its wordings: the same words in the content are not repeated. */
  readonly titles: readonly string[];
  /** The content is one text: short lines around it and lone links are no part of it. */
  readonly articleOnly: boolean;
  /** Items and posts: lines in them stay, dates and names with them, unless they only steer. */
  readonly records?: ReadonlySet<Element>;
  /** The boxes around those records: headings over them are theirs. */
  readonly sections?: ReadonlySet<Element>;
}

/** Leaves out lines that stand between the paragraphs of an article and are not part of it. */
export function filterLines(input: LineFilterInput): void {
  const { roots, excluded, titles, articleOnly, records } = input;
  const lines = linesOf(input);
  const wanted = new Set(titles.map(fold).filter((title) => title !== ''));
  const prose = lines.filter(isProse).length;
  let tails = 0;
  if (articleOnly) dropRepeated(lines, excluded);
  for (const line of lines) {
    if (line.measured.blocks > 0 || excluded.has(line.element)) continue;
    const { text, element } = line;
    if (records !== undefined && isWithin(element, records)) {
      if (isRecordFurniture(text)) excluded.add(element);
    } else if (text.length < 300 && wanted.has(fold(text))) excluded.add(element);
    else if (tails < MAX_TAILS && startsTail(line, articleOnly)) {
      tails++;
      dropTail(line, rootOf(element, roots), input);
    } else if (isFurnitureLine(text) || isByline(text)) excluded.add(element);
    else if (articleOnly && prose >= 4 && isLoneLink(line)) excluded.add(element);
  }
  if (articleOnly && prose >= 3) dropEnds(lines, excluded);
}
