import type { AnyNode, ChildNode, Element } from 'domhandler';
import { SILENT_TAGS, isBlock, isElement, isText } from './elements.js';
import { isGap } from './gaps.js';

/** White space as HTML collapses it, and the no-break space, which extractors would otherwise keep between words. */
const SPACES = /[\s\u00a0]+/g;

export function collapse(text: string): string {
  return text.replace(SPACES, ' ').trim();
}

const HIDDEN_STYLE = /display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden/i;

/** Hidden by its own markup: `hidden`, `aria-hidden` or an inline style. Style sheets are not read. */
export function isHidden(element: Element): boolean {
  const { hidden, style } = element.attribs;
  if (hidden !== undefined && hidden !== 'until-found') return true;
  if (element.attribs['aria-hidden'] === 'true') return true;
  return style !== undefined && HIDDEN_STYLE.test(style);
}

const MAX_TEXT = 2_000_000;

/**
 * The text of a subtree on one line: silent elements left out, blocks and line breaks as one space. `skip` leaves further
 * elements out.
 */
export function lineOf(node: AnyNode, skip?: (element: Element) => boolean): string {
  return readLine(node, skip, MAX_TEXT) ?? '';
}

/**
 * The text of a subtree on one line when it has at most `max` characters, else null. Boxes that hold half a page are left after
 * the first few words.
 */
export function shortLineOf(node: AnyNode, max: number, skip?: (element: Element) => boolean): string | null {
  const line = readLine(node, skip, max * 2);
  return line === null || line.length > max ? null : line;
}

/** Null when more than `limit` characters, white space at the ends of texts not counted, stand there; all text up to `MAX_TEXT`. */
function readLine(node: AnyNode, skip: ((element: Element) => boolean) | undefined, limit: number): string | null {
  const parts: string[] = [];
  let length = 0;
  const counted = limit === MAX_TEXT ? (text: string) => text.length : (text: string) => text.trim().length;
  const visitAll = (children: readonly ChildNode[]): void => {
    let previous: ChildNode | null = null;
    for (const inner of children) {
      if (previous !== null && isGap(previous, inner)) parts.push(' ');
      visit(inner);
      previous = inner;
    }
  };
  const visit = (child: ChildNode | AnyNode): void => {
    if (length > limit) return;
    if (isText(child)) {
      parts.push(child.data);
      length += counted(child.data);
    } else if (isElement(child)) {
      if (SILENT_TAGS.has(child.name) || skip?.(child)) return;
      const breaks = child.name === 'br' || isBlock(child);
      if (breaks) parts.push(' ');
      visitAll(child.children);
      if (breaks) parts.push(' ');
    } else if ('children' in child) {
      for (const inner of child.children) visit(inner);
    }
  };
  visit(node);
  return length > limit && limit < MAX_TEXT ? null : collapse(parts.join(''));
}
