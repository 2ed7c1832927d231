import { Parser } from 'htmlparser2';

/** Limits of the protocol (https://www.sitemaps.org/protocol.html). */
export const MAX_SITEMAP_BYTES = 50 * 1024 * 1024;
const MAX_ENTRIES = 50_000;
const MAX_LOC_LENGTH = 8_192;

export interface SitemapEntry {
  readonly url: string;
  /** ISO time, where the file says one that can be read. */
  readonly lastModified: string | null;
  /** 0 … 1. */
  readonly priority: number | null;
}

/** `index`: the entries are sitemaps themselves. */
export interface Sitemap {
  readonly kind: 'pages' | 'index';
  readonly entries: readonly SitemapEntry[];
}

const ENTRY_NAMES: ReadonlySet<string> = new Set(['url', 'sitemap', 'item', 'entry']);
const FIELD_NAMES: ReadonlySet<string> = new Set(['loc', 'lastmod', 'priority', 'link', 'pubdate', 'updated']);

/**
 * Reads a sitemap, a sitemap index, an RSS or Atom feed or a plain list of URLs; `base` resolves relative addresses. Entities are never
 * expanded beyond the five of XML, document types are passed over, nesting costs nothing, and what is broken ends where it breaks.
 */
export function parseSitemap(text: string, base: string): Sitemap {
  if (!/<\w/.test(text.slice(0, 10_000))) return { kind: 'pages', entries: plainList(text, base) };
  const reader = new EntryReader(base);
  const parser = new Parser(reader, { xmlMode: true, decodeEntities: true, lowerCaseTags: true });
  for (let at = 0; at < text.length && !reader.isFull; at += 65_536) parser.write(text.slice(at, at + 65_536));
  reader.isOver = true;
  parser.end();
  return { kind: reader.isIndex ? 'index' : 'pages', entries: reader.entries };
}

class EntryReader {
  readonly entries: SitemapEntry[] = [];
  isIndex = false;
  /** The text is at its end: the parser closes what is open now, and an address that is cut off is none. */
  isOver = false;
  private entry: { loc: string; lastmod: string; priority: string } | null = null;
  private field: string | null = null;
  private text = '';

  constructor(private readonly base: string) {}

  get isFull(): boolean {
    return this.entries.length >= MAX_ENTRIES;
  }

  onopentag(name: string, attributes: Readonly<Record<string, string>>): void {
    const local = name.slice(name.indexOf(':') + 1);
    if (local === 'sitemapindex') this.isIndex = true;
    if (ENTRY_NAMES.has(local)) this.entry = { loc: '', lastmod: '', priority: '' };
    // Other name spaces (images, videos) have a loc of their own.
    this.field = this.entry !== null && FIELD_NAMES.has(local) && (name === local || local !== 'loc') ? local : null;
    this.text = '';
    const { href, rel = 'alternate' } = attributes;
    if (local === 'link' && this.entry !== null && href !== undefined && rel === 'alternate') this.entry.loc ||= href;
  }

  ontext(text: string): void {
    if (this.field !== null && this.text.length < MAX_LOC_LENGTH) this.text += text;
  }

  onclosetag(name: string): void {
    if (this.isOver) return;
    const local = name.slice(name.indexOf(':') + 1);
    if (this.entry !== null && this.field === local) this.keep(local, this.text.trim());
    this.field = null;
    if (ENTRY_NAMES.has(local)) this.close();
  }

  private keep(field: string, value: string): void {
    if (this.entry === null || value === '') return;
    if (field === 'loc' || field === 'link') this.entry.loc ||= value;
    else if (field === 'priority') this.entry.priority = value;
    else this.entry.lastmod ||= value;
  }

  private close(): void {
    const entry = this.entry;
    this.entry = null;
    if (entry === null || this.isFull) return;
    const url = absolute(entry.loc, this.base);
    if (url === null) return;
    const time = entry.lastmod === '' ? Number.NaN : Date.parse(entry.lastmod);
    const priority = entry.priority === '' ? Number.NaN : Number(entry.priority);
    this.entries.push({
      url,
      lastModified: Number.isNaN(time) ? null : new Date(time).toISOString(),
      priority: Number.isNaN(priority) ? null : Math.min(1, Math.max(0, priority)),
    });
  }
}

function plainList(text: string, base: string): SitemapEntry[] {
  return text
    .split(/[\r\n]+/, MAX_ENTRIES)
    .flatMap((line) => absolute(/^\s*https?:\/\//i.test(line) ? line : '', base) ?? [])
    .map((url) => ({ url, lastModified: null, priority: null }));
}

function absolute(reference: string, base: string): string | null {
  const trimmed = reference.trim();
  if (trimmed === '' || trimmed.length > MAX_LOC_LENGTH) return null;
  const url = URL.parse(trimmed, base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '') return null;
  url.hash = '';
  return url.href;
}
