import type { Element, Text } from 'domhandler';
import { SILENT_TAGS, isBlock, isElement, isHeading, isText } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { collapse, lineOf } from '../parse/visible-text.js';

/** A text node of a page that says enough to be told from others. */
interface PageText {
  readonly node: Text;
  /** White space collapsed, lower case. */
  readonly key: string;
  readonly chars: number;
  /** Running text: long, and no link. */
  readonly prose: boolean;
}

/** Shorter texts ("Reply", "and") stand on many pages without being furniture. */
const MIN_KEY = 15;
const MIN_PROSE = 40;
const MAX_TEXTS = 20_000;
/** Where running text is not the page's own. */
const APART = new Set(['nav', 'aside', 'footer', 'form', 'button', 'select', 'textarea', 'dialog']);

/** Texts of 15 and more characters, in document order, at most 20,000. One cheap walk: nothing is measured. */
export function pageTexts(page: ParsedPage): readonly PageText[] {
  const texts: PageText[] = [];
  const visit = (element: Element, apart: boolean): void => {
    for (const child of element.children) {
      if (texts.length >= MAX_TEXTS) return;
      if (isText(child)) {
        if (child.data.length < MIN_KEY) continue;
        const key = collapse(child.data).toLowerCase();
        if (key.length >= MIN_KEY) texts.push({ node: child, key, chars: key.length, prose: !apart && key.length >= MIN_PROSE });
      } else if (isElement(child) && !SILENT_TAGS.has(child.name)) visit(child, apart || child.name === 'a' || APART.has(child.name));
    }
  };
  if (page.body !== null) visit(page.body, false);
  return texts;
}

/** Characters of running text on the page by a walk that measures nothing: the cheap reference for what content should hold. */
export function proseOf(page: ParsedPage): ReadonlyMap<Text, number> {
  const prose = new Map<Text, number>();
  const visit = (element: Element): void => {
    for (const child of element.children) {
      if (isText(child)) {
        const { length } = child.data;
        if (length >= MIN_PROSE && prose.size < MAX_TEXTS) prose.set(child, length);
      } else if (isElement(child) && child.name !== 'a' && !APART.has(child.name) && !SILENT_TAGS.has(child.name)) visit(child);
    }
  };
  if (page.body !== null) visit(page.body);
  return prose;
}

/** Texts that stand on every one of the pages; none for fewer than three pages, which two of a kind may share by chance. */
export function repeatedTexts(pages: readonly (readonly PageText[])[]): ReadonlySet<string> {
  if (pages.length < 3) return new Set();
  const [first, ...others] = pages.map((texts) => new Set(texts.map(({ key }) => key)));
  return new Set([...(first ?? [])].filter((key) => others.every((other) => other.has(key))));
}

const MIN_LINE = 20;
const MAX_LINE = 300;
const MIN_WORDS = 4;

/**
 * Lines of 20 to 300 characters and at least four words, each a block of its own without blocks inside, headings and cells
 * aside: what may be a notice, an invitation, a legal line. `visit` gets the line with white space collapsed.
 */
export function walkLines(
  roots: readonly Element[],
  excluded: ReadonlySet<Element>,
  visit: (element: Element, line: string) => void,
): void {
  const walk = (element: Element): boolean => {
    if (excluded.has(element) || SILENT_TAGS.has(element.name) || element.name === 'pre' || element.name === 'table') return false;
    let inside = false;
    for (const child of element.children) if (isElement(child) && walk(child)) inside = true;
    if (!isBlock(element)) return inside;
    if (!inside && !isHeading(element)) {
      const line = lineOf(element, (inner) => excluded.has(inner));
      if (line.length >= MIN_LINE && line.length <= MAX_LINE && line.split(' ').length >= MIN_WORDS) visit(element, line);
    }
    return true;
  };
  for (const root of roots) walk(root);
}
