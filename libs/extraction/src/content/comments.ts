import type { Element } from 'domhandler';
import { childElements, isElement, parentOf, walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { isCommentHeading } from './phrases.js';

/** More headings over comments than these are an attack: each is weighed against its surroundings. */
const MAX_SECTIONS = 10;
const MAX_SIBLINGS = 2_000;
const KEPT = new Set(['body', 'html', 'main', 'article']);

function holdsHeadline(element: Element): boolean {
  let found = element.name === 'h1';
  walkElements(element, (inner) => {
    found ||= inner.name === 'h1';
    return !found;
  });
  return found;
}

const isEmpty = (element: Element): boolean =>
  element.children.every((child) => !isElement(child) && !('data' in child && child.data.trim() !== '')) || lineOf(element) === '';

/** The box that begins with an element: its parents as long as nothing readable stands before it in them. */
function boxAround(start: Element): Element {
  let box = start;
  for (let parent = parentOf(box); parent !== null && !KEPT.has(parent.name); parent = parentOf(parent)) {
    const first = childElements(parent)
      .slice(0, 20)
      .find((child) => child === box || !isEmpty(child));
    if (first !== box || holdsHeadline(parent)) break;
    box = parent;
  }
  return box;
}

/**
 * Boxes of what readers wrote, found by their heading. They are prose and often longer than the page's own text, so they have to
 * be known before the content is looked for.
 */
export function commentBoxes(page: ParsedPage): ReadonlySet<Element> {
  const boxes = new Set<Element>();
  let sections = 0;
  for (const heading of page.index.headings) {
    if (heading.name === 'h1' || !isCommentHeading(lineOf(heading))) continue;
    if (++sections > MAX_SECTIONS) break;
    const box = boxAround(heading);
    boxes.add(box);
    if (box !== heading) continue;
    let left = MAX_SIBLINGS;
    for (let next = heading.next; next !== null && left > 0; next = next.next, left--)
      if (isElement(next) && !holdsHeadline(next)) boxes.add(next);
  }
  return boxes;
}
