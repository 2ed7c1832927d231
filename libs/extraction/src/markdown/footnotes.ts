import type { AnyNode, Element } from 'domhandler';
import { isElement, parentOf, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';

export interface Footnotes {
  /** Anchor in the text → label. */
  readonly references: ReadonlyMap<Element, string>;
  /** Element that holds the note → label. */
  readonly definitions: ReadonlyMap<Element, string>;
}

const NOTE_HOLDERS = new Set(['li', 'p', 'div', 'dd', 'aside', 'tr']);
const BACK_ARROWS = /^(?:[\s\u21a9\u21b5\u2191^\u2912\u21d1\u2b06]|\ufe0e|\ufe0f)*$/;

function isReference(anchor: Element): boolean {
  const marks = `${anchor.attribs['role'] ?? ''} ${anchor.attribs['class'] ?? ''} ${anchor.attribs['rel'] ?? ''} ${anchor.attribs['epub:type'] ?? ''}`;
  if (/noteref|footnote-?ref|footnote-reference/.test(marks)) return true;
  const parent = parentOf(anchor);
  if (parent?.name !== 'sup' && !anchor.children.some((child) => isElement(child) && child.name === 'sup')) return false;
  return /^\[?\s?(?:\d{1,4}|[a-z*†‡]|note \d+)\s?\]?$/i.test(lineOf(anchor));
}

/** True for the link from a note back to the text. */
export function isBackLink(anchor: Element): boolean {
  if (!(anchor.attribs['href'] ?? '').includes('#')) return false;
  if (
    /backlink|backref|footnote-?back|reversefootnote/.test(
      `${anchor.attribs['role'] ?? ''} ${anchor.attribs['class'] ?? ''} ${anchor.attribs['rev'] ?? ''}`,
    )
  )
    return true;
  return BACK_ARROWS.test(lineOf(anchor)) && !anchor.children.some((child) => isElement(child) && child.name === 'img');
}

function holderOf(target: Element): Element | null {
  for (let element: Element | null = target; element !== null; element = parentOf(element))
    if (NOTE_HOLDERS.has(element.name)) return element;
  return null;
}

/** Pairs the references of a text with their notes: `<sup><a href="#note">` and the element of that id. */
export function findFootnotes(nodes: readonly AnyNode[], excluded: ReadonlySet<Element>): Footnotes {
  const anchors: Element[] = [];
  const ids = new Map<string, Element>();
  const visit = (element: Element): boolean => {
    if (excluded.has(element)) return false;
    const { id, href } = element.attribs;
    if (id !== undefined && id !== '' && !ids.has(id)) ids.set(id, element);
    if (element.name === 'a' && href !== undefined && href.startsWith('#') && isReference(element)) anchors.push(element);
    return true;
  };
  for (const node of nodes) {
    if (isElement(node) && visit(node)) walkElements(node, visit);
  }
  const references = new Map<Element, string>();
  const definitions = new Map<Element, string>();
  for (const anchor of anchors) {
    const target = ids.get(decodeFragment(anchor.attribs['href'] ?? ''));
    const holder = target === undefined ? null : holderOf(target);
    if (holder === null || nodes.includes(holder) || holder.children.length > 200) continue;
    const known = definitions.get(holder);
    const label = known ?? /\d+|[a-z]+/i.exec(lineOf(anchor))?.[0] ?? String(definitions.size + 1);
    references.set(anchor, label);
    definitions.set(holder, label);
  }
  return { references, definitions };
}

function decodeFragment(href: string): string {
  try {
    return decodeURIComponent(href.slice(1));
  } catch {
    return href.slice(1); // a lone % stands for itself
  }
}
