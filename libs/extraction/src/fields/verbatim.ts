import type { FieldValue } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { SILENT_TAGS, isElement, isText } from '../parse/elements.js';
import type { JsonValue } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';

const SPACES = /\s+/g;
const MAX_STRINGS = 5_000;
const MAX_SOURCE = 2_000_000;
/** A text with more lines out of order or not on the page than these is judged by those before. */
const MAX_RESTARTS = 100;

const squeeze = (text: string): string => text.replace(SPACES, '');

function stringsOf(value: JsonValue | undefined, strings: string[], depth: number): void {
  if (strings.length >= MAX_STRINGS || depth > 6) return;
  if (typeof value === 'string' || typeof value === 'number') strings.push(String(value));
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) stringsOf(inner, strings, depth + 1);
}

/** What a page says, for asking whether a value is literally on it. White space is not compared: markup breaks words anywhere. */
export class PageWords {
  private shown: string | null = null;
  private written: string | null = null;

  constructor(private readonly page: ParsedPage) {}

  /** What readers see. */
  private get visible(): string {
    if (this.shown !== null) return this.shown;
    const parts: string[] = [];
    const visit = (element: Element): void => {
      for (const child of element.children) {
        if (isText(child)) parts.push(child.data);
        else if (isElement(child) && !SILENT_TAGS.has(child.name)) visit(child);
      }
    };
    if (this.page.body !== null) visit(this.page.body);
    this.shown = squeeze(parts.join('')).slice(0, MAX_SOURCE);
    return this.shown;
  }

  /** What only machines read: title, meta tags, links, dates, structured data. */
  private get hidden(): string {
    if (this.written !== null) return this.written;
    const { title, meta, index, jsonLd, baseUrl } = this.page;
    const strings = [title, ...[...meta.values()].flat(), index.html?.attribs['lang'] ?? '', this.page.body?.attribs['lang'] ?? ''];
    for (const element of [...index.linkTags, ...index.times, ...index.properties])
      for (const attribute of ['href', 'datetime', 'content'] as const) strings.push(element.attribs[attribute] ?? '');
    for (const entity of jsonLd) stringsOf(entity, strings, 0);
    this.written = squeeze(strings.join('\u0000')).slice(0, MAX_SOURCE);
    return this.written || baseUrl;
  }

  /** True when a value, or every item of a list, is on the page as it is written here. */
  says(value: FieldValue): boolean {
    if (value === null) return false;
    const items = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
    return (
      items.length > 0 &&
      items.every((item) => item !== '' && (this.visible.includes(squeeze(item)) || this.hidden.includes(squeeze(item))))
    );
  }

  /** Share of the characters of a text, line by line, that readers see on the page; 1 for an empty text. */
  shareOf(text: string): number {
    let all = 0,
      found = 0,
      from = 0,
      restarts = 0;
    for (const line of text.split(/[\n\t]+/)) {
      const words = squeeze(line);
      if (words === '') continue;
      all += words.length;
      let at = restarts < MAX_RESTARTS ? this.visible.indexOf(words, from) : -1; // in order: each search starts where the last one ended
      if (at < 0 && restarts++ < MAX_RESTARTS) at = this.visible.indexOf(words);
      if (at < 0) continue;
      found += words.length;
      from = at + words.length;
    }
    return all === 0 ? 1 : found / all;
  }
}
