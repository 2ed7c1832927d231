import { createHash } from 'node:crypto';
import { urlKey } from '@gleaner/domain';
import { exportPath } from './export-path.js';

/** Menus repeat on every page: what they lead to is looked up once. */
const MAX_RECENT = 2_000;
const MAX_RECENT_LENGTH = 500;

/**
 * Which pages an export has, and where they lie. Neither URLs nor paths are kept, only 16 bytes of the SHA-256 of each and the number of a
 * path that was taken: about 250 bytes a page, 25 MB for 100,000.
 */
export class ExportMap {
  /** Digest of the URL key → 1, or the number that its path ends in. */
  private readonly pages = new Map<string, number>();
  /** Digests of paths, without regard to case, because some file systems have none. */
  private readonly taken = new Set<string>();

  private readonly recent = new Map<string, string | null>();

  get size(): number {
    return this.pages.size;
  }

  /** The same URL twice is one page. */
  add(url: string): void {
    const key = keyOf(url);
    if (key === null || this.pages.has(key.digest)) return;
    this.recent.clear();
    const path = exportPath(key.url);
    let number = 1;
    while (this.taken.has(pathDigest(numbered(path, number)))) number++;
    this.taken.add(pathDigest(numbered(path, number)));
    this.pages.set(key.digest, number);
  }

  /** Where the page lies; null for one that is not in the export. */
  pathOf(url: string): string | null {
    const known = this.recent.get(url);
    if (known !== undefined) return known;
    const path = this.find(url);
    if (this.recent.size >= MAX_RECENT) this.recent.clear();
    if (url.length <= MAX_RECENT_LENGTH) this.recent.set(url, path);
    return path;
  }

  private find(url: string): string | null {
    const key = keyOf(url);
    const number = key === null ? undefined : this.pages.get(key.digest);
    return key === null || number === undefined ? null : numbered(exportPath(key.url), number);
  }
}

function keyOf(text: string): { readonly url: URL; readonly digest: string } | null {
  if (!URL.canParse(text)) return null;
  const key = urlKey(new URL(text));
  return { url: new URL(key), digest: digest(key) };
}

function numbered(path: string, number: number): string {
  return number === 1 ? path : path.replace(/\.md$/, `-${number}.md`);
}

function pathDigest(path: string): string {
  return digest(path.toLowerCase());
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 22);
}
