import { gunzipSync } from 'node:zlib';
import { MAX_SITEMAP_BYTES, type SitemapEntry, parseSitemap } from '@gleaner/extraction';

/** Files of one site that are read, and how deep an index may lie in another (the protocol allows one level). */
const MAX_FILES = 50;
const MAX_NESTING = 3;
const BATCH = 500;

export interface SitemapWalk {
  /** Absolute addresses to begin with. */
  readonly files: readonly string[];
  /** The body of a file, or null where there is none to read. Throws what ends the whole walk. */
  readonly fetch: (url: string) => Promise<Uint8Array | null>;
}

/** Entries of all sitemaps of a site, in batches; each file is read once, and nothing of a file is kept after its batches. */
export async function* walkSitemaps({ files, fetch }: SitemapWalk): AsyncGenerator<readonly SitemapEntry[]> {
  const seen = new Set<string>();
  const queue = files.map((url) => ({ url, nesting: 0 }));
  for (let next = queue.shift(); next !== undefined && seen.size < MAX_FILES; next = queue.shift()) {
    if (seen.has(next.url)) continue;
    seen.add(next.url);
    const body = await fetch(next.url);
    const text = body === null ? null : textOf(body);
    if (text === null) continue;
    const { kind, entries } = parseSitemap(text, next.url);
    if (kind === 'index') {
      const { nesting } = next;
      if (nesting < MAX_NESTING) queue.push(...entries.slice(0, MAX_FILES).map(({ url }) => ({ url, nesting: nesting + 1 })));
    } else for (let start = 0; start < entries.length; start += BATCH) yield entries.slice(start, start + BATCH);
  }
}

/** Packed files are told by their first two bytes; one that unpacks to more than the protocol allows is left out. */
function textOf(body: Uint8Array): string | null {
  try {
    const isPacked = body[0] === 0x1f && body[1] === 0x8b;
    const bytes = isPacked ? gunzipSync(body, { maxOutputLength: MAX_SITEMAP_BYTES }) : body;
    return new TextDecoder('utf-8').decode(bytes);
  } catch {
    return null;
  }
}
