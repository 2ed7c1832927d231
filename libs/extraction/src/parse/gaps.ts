import type { AnyNode, Element } from 'domhandler';
import { SILENT_TAGS, isBlock, isElement, isText } from './elements.js';

/** Text flows in these: two marked pieces side by side may be one word. */
const FLOW = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'code', 'b', 'strong', 'em', 'i', 'u', 'mark', 'font', 'q', 'ruby']);
const JOINED = new Set(['sub', 'sup', 'wbr', 'br', 'img', 'code', 'kbd', 'math', 'rt', 'rp', 'button', 'input', 'svg']);
const APART = new Set(['a', 'time', 'small']);
const MAX_SIBLINGS = 12;
const MAX_DEPTH = 8;
const WORD = /[\p{L}\p{N}]/u;

/** The first or last text below a node; null when it is silent, empty or deep. */
function edgeText(node: AnyNode, last: boolean): string | null {
  let current: AnyNode | undefined = node;
  for (let depth = 0; depth < MAX_DEPTH && current !== undefined; depth++) {
    if (isText(current)) return current.data === '' ? null : current.data;
    if (!isElement(current) || SILENT_TAGS.has(current.name)) return null;
    current = last ? current.children.at(-1) : current.children[0];
  }
  return null;
}

const isInlineBox = (node: AnyNode): node is Element => isElement(node) && !isBlock(node) && !JOINED.has(node.name);

function holdsOnlyElements(parent: Element): boolean {
  return parent.children.length <= MAX_SIBLINGS && parent.children.every((child) => !isText(child) || child.data.trim() === '');
}

/** Ends of two texts that readers would take for one word. */
function touch(before: string, after: string): { readonly end: string; readonly start: string } | null {
  const end = before.at(-1) ?? '',
    start = after[0] ?? '';
  if (before.length < 2 || !WORD.test(end) || !WORD.test(start)) return null;
  return /\d/.test(end) && /\d/.test(start) ? null : { end, start };
}

const isApart = (node: AnyNode): boolean => isElement(node) && APART.has(node.name);

function parentBox(left: AnyNode, right: AnyNode, bothBoxes: boolean): Element | null {
  const { parent } = left;
  if (parent === null || !isElement(parent)) return null;
  if (bothBoxes) return !FLOW.has(parent.name) || isApart(left) || isApart(right) ? parent : null;
  return isBlock(parent) && !FLOW.has(parent.name) ? parent : null;
}

/**
 * True where two neighbours without white space between them are boxes of their own on the screen (`<b>name</b><span>rank</span>`
 * in a row): extracted text needs a blank there. Judged by the tree alone, so pieces of one word stay together.
 */
export function isGap(left: AnyNode, right: AnyNode): boolean {
  const fromBox = isInlineBox(left),
    toBox = isInlineBox(right);
  if (!fromBox && !toBox) return false;
  if ((!fromBox && !isText(left)) || (!toBox && !isText(right))) return false;
  const parent = parentBox(left, right, fromBox && toBox);
  if (parent === null) return false;
  const before = edgeText(left, true),
    after = edgeText(right, false);
  const ends = before === null || after === null ? null : touch(before, after);
  if (ends === null) return false;
  return fromBox && toBox ? holdsOnlyElements(parent) : /[\p{Ll}\d]/u.test(ends.end) && /\p{Lu}/u.test(ends.start);
}
