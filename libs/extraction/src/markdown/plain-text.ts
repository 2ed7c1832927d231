import type { AnyNode, Element } from 'domhandler';
import { SILENT_TAGS, isBlock, isElement, isText } from '../parse/elements.js';
import { isGap } from '../parse/gaps.js';

const CELLS = new Set(['td', 'th']);
const PARAGRAPHS = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'blockquote', 'ul', 'ol', 'table', 'figure', 'dl']);

/** Words under a picture are about the picture: the text of the page is readable without them. */
function isCaption(element: Element): boolean {
  if (element.name !== 'figcaption' || element.parent === null) return false;
  return !element.parent.children.some(
    (child) => isElement(child) && (child.name === 'pre' || child.name === 'table' || child.name === 'blockquote'),
  );
}

/**
 * Readable text of nodes: blocks on lines of their own, paragraphs with an empty line between, table cells parted by a tab,
 * preformatted text as it is. Elements in `excluded` are left out.
 */
export function toText(nodes: readonly AnyNode[], excluded: ReadonlySet<Element> = new Set()): string {
  const lines: string[] = [];
  let line = '';
  const flush = (blank: boolean): void => {
    const text = line
      .replace(/[^\S\n\t]+/g, ' ')
      .replace(/ ?\n ?/g, '\n')
      .trim();
    if (text !== '') lines.push(text);
    if (blank && lines.length > 0 && lines.at(-1) !== '') lines.push('');
    line = '';
  };
  const visitInside = (element: Element, preformatted: boolean): void => {
    let previous: AnyNode | null = null;
    for (const child of element.children) {
      if (!preformatted && previous !== null && isGap(previous, child)) line += ' ';
      visit(child, preformatted);
      previous = child;
    }
  };
  const visit = (node: AnyNode, preformatted: boolean): void => {
    if (isText(node)) {
      if (!preformatted) line += node.data.replace(/\s+/g, ' ');
      else if (line === '' || node.data.trim() !== '') line += node.data;
      return;
    }
    if (!('children' in node)) return;
    if (!isElement(node)) {
      for (const child of node.children) visit(child, false);
      return;
    }
    if (excluded.has(node) || SILENT_TAGS.has(node.name) || isCaption(node)) return;
    if (node.name === 'br') {
      line += '\n';
      return;
    }
    const cell = CELLS.has(node.name);
    const block = isBlock(node) && !cell;
    const paragraph = PARAGRAPHS.has(node.name);
    if (block) flush(paragraph);
    visitInside(node, preformatted || node.name === 'pre');
    if (cell) line += '\t';
    if (block) flush(paragraph);
  };
  for (const node of nodes) {
    visit(node, false);
    flush(true);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}
