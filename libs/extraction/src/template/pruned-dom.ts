import type { Element } from 'domhandler';
import { SILENT_TAGS, childElements, isElement, isText } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { collapse, isHidden } from '../parse/visible-text.js';

/** How much of a page is written down: the next tighter level is tried until the text fits. */
interface Level {
  readonly textChars: number;
  /** Siblings of the same make that are written out. */
  readonly alike: number;
  readonly depth: number;
}

const LEVELS: readonly Level[] = [
  { textChars: 240, alike: 12, depth: 60 },
  { textChars: 120, alike: 5, depth: 40 },
  { textChars: 60, alike: 3, depth: 30 },
  { textChars: 30, alike: 2, depth: 20 },
  { textChars: 12, alike: 1, depth: 14 },
  { textChars: 0, alike: 1, depth: 8 },
];
const ATTRIBUTES = ['id', 'class', 'itemprop', 'itemtype', 'property', 'rel', 'role', 'datetime', 'aria-label', 'content'] as const;
const MAX_ATTRIBUTE = 80;
const DROPPED = new Set([...SILENT_TAGS, 'br', 'hr', 'wbr', 'source', 'track', 'col', 'colgroup']);

const quoted = (value: string): string => value.slice(0, MAX_ATTRIBUTE).replace(/&/g, '&amp;').replace(/"/g, '&quot;');
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function openTag(element: Element): string {
  let tag = `<${element.name}`;
  for (const name of ATTRIBUTES) {
    const value = collapse(element.attribs[name] ?? '');
    if (value !== '') tag += ` ${name}="${quoted(value)}"`;
  }
  return `${tag}>`;
}

/** Elements of one make: the rest of a list says nothing new. */
const makeOf = (element: Element): string =>
  `${element.name} ${element.attribs['class'] ?? ''} ${childElements(element).length > 0 ? childElements(element)[0]?.name : ''}`;

class Writer {
  private readonly parts: string[] = [];
  private bytes = 0;

  constructor(
    private readonly level: Level,
    private readonly maxBytes: number,
  ) {}

  get isFull(): boolean {
    return this.bytes > this.maxBytes;
  }

  get text(): string {
    return this.parts.join('');
  }

  private put(part: string): void {
    this.parts.push(part);
    this.bytes += Buffer.byteLength(part);
  }

  write(element: Element, depth: number): void {
    if (this.isFull) return;
    this.put(openTag(element));
    const seen = new Map<string, number>();
    let left = this.level.textChars;
    for (const child of element.children) {
      if (this.isFull) return;
      if (isText(child)) {
        const text = collapse(child.data);
        if (text === '' || left <= 0) continue;
        this.put(escaped(text.length > left ? `${text.slice(0, left)}…` : text));
        left -= text.length;
      } else if (isElement(child) && !DROPPED.has(child.name) && !isHidden(child) && depth < this.level.depth) {
        const make = makeOf(child);
        const count = (seen.get(make) ?? 0) + 1;
        seen.set(make, count);
        if (count <= this.level.alike) this.write(child, depth + 1);
        else if (count === this.level.alike + 1) this.put('<!-- more -->');
      }
    }
    this.put(`</${element.name}>`);
  }
}

/**
 * The page as a model gets to see it when it proposes selectors: the body without scripts, styles, hidden and empty parts, with
 * the attributes that selectors use, texts cut short and long lists cut to their first items, as much of it as `maxBytes` (UTF-8)
 * holds. Cut off at the end only when not even the bare skeleton fits. Empty for a page without body.
 */
export function pruneDom(page: ParsedPage, maxBytes: number): string {
  if (page.body === null || maxBytes <= 0) return '';
  let text = '';
  for (const level of LEVELS) {
    const writer = new Writer(level, maxBytes);
    writer.write(page.body, 0);
    ({ text } = writer);
    if (!writer.isFull) return text;
  }
  const bytes = Buffer.from(text).subarray(0, maxBytes);
  return bytes
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
    .replace(/<[^>]*$/, '');
}
