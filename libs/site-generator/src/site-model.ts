import type { Language } from './lexicon.js';
import { headline, slugOf } from './prose.js';
import { Random, hash32, share32 } from './random.js';
import { SiteHistory, templateOf } from './site-history.js';
import { type SiteSettings, TEMPLATES, type Template } from './site-options.js';

/** `exact`: the same bytes; `near`: one word in fifty differs; `canonical`: a print view that names its original. */
export type DuplicateKind = 'exact' | 'near' | 'canonical';

export const FOLDERS: Readonly<Record<Template, string>> = {
  article: '/news/',
  documentation: '/docs/',
  product: '/shop/',
  thread: '/forum/',
};
const COMMON_FOLDER = '/read/';
const DUPLICATE_FOLDERS: Readonly<Record<DuplicateKind, string>> = { exact: '/copy/', near: '/mirror/', canonical: '/print/' };
const DUPLICATE_KINDS = ['exact', 'near', 'canonical'] as const;

const ENTRIES_PER_LISTING = 20;
const PAGER_WIDTH = 8;

const SALT = { title: 1, language: 2, javascript: 3, duplicate: 4, failure: 5, status: 6, failTimes: 7 } as const;

/** Says everything about the site that is not text: which pages there are, where, and what is the matter with each. */
export class SiteModel {
  readonly history: SiteHistory;
  private readonly seed: number;

  constructor(
    readonly settings: SiteSettings,
    /** `http://127.0.0.1:41234`. */
    readonly url: string,
  ) {
    this.seed = settings.seed;
    this.history = new SiteHistory(settings.seed, settings.pages);
  }

  /** A stream of numbers for one use of one page. */
  random(...parts: readonly number[]): Random {
    return new Random(hash32(this.seed, ...parts));
  }

  languageOf(page: number): Language {
    const { languages } = this.settings;
    return languages[hash32(this.seed, SALT.language, page) % languages.length] ?? 'en';
  }

  titleOf(page: number): string {
    return headline(this.languageOf(page), this.random(SALT.title, page));
  }

  pathOf(page: number): string {
    const folder = this.settings.oneShape ? COMMON_FOLDER : FOLDERS[templateOf(page)];
    return `${folder}${slugOf(this.titleOf(page))}-${page}`;
  }

  /** The page of a canonical path, removed or not. */
  pageAt(path: string): number | undefined {
    const page = this.numberIn(/^\/(?:news|docs|shop|forum|read)\/[a-z0-9-]+-(\d{1,7})$/, path);
    return page !== undefined && this.pathOf(page) === path ? page : undefined;
  }

  /** The number that a pattern finds in a path, when it is the number of a page. */
  numberIn(pattern: RegExp, path: string): number | undefined {
    const page = Number(pattern.exec(path)?.[1] ?? Number.NaN);
    return page < this.history.count ? page : undefined;
  }

  isScripted(page: number): boolean {
    return share32(this.seed, SALT.javascript, page) < this.settings.javascript;
  }

  duplicateOf(page: number): { readonly path: string; readonly kind: DuplicateKind } | undefined {
    if (this.isScripted(page) || share32(this.seed, SALT.duplicate, page) >= this.settings.duplicates) return undefined;
    const kind = DUPLICATE_KINDS[hash32(this.seed, SALT.duplicate, page, 1) % DUPLICATE_KINDS.length] ?? 'exact';
    return { path: `${DUPLICATE_FOLDERS[kind]}${page}`, kind };
  }

  /** How often the page answers an error before it works. */
  failuresOf(page: number): number {
    if (share32(this.seed, SALT.failure, page) >= this.settings.failShare) return 0;
    return 1 + (hash32(this.seed, SALT.failTimes, page) % this.settings.failTimes);
  }

  /** One of two statuses, by page: 503 or 500 for a failure, 404 or 410 for a removed page. */
  statusOf(page: number, [first, second]: readonly [number, number]): number {
    return hash32(this.seed, SALT.status, page) % 2 === 0 ? first : second;
  }

  /** Index pages of a section: one at least. */
  listingCount(template: Template): number {
    const inSection = Math.ceil((this.history.count - TEMPLATES.indexOf(template)) / TEMPLATES.length);
    return Math.max(1, Math.ceil(inSection / ENTRIES_PER_LISTING));
  }

  listingPath(template: Template, listing: number): string {
    return listing === 0 ? FOLDERS[template] : `${FOLDERS[template]}page/${listing + 1}`;
  }

  listingAt(path: string): { readonly template: Template; readonly listing: number } | undefined {
    const template = TEMPLATES.find((name) => path.startsWith(FOLDERS[name]));
    if (template === undefined) return undefined;
    const listing = path === FOLDERS[template] ? 0 : Number(/^\/[a-z]+\/page\/(\d{1,7})$/.exec(path)?.[1] ?? Number.NaN) - 1;
    return listing < this.listingCount(template) && this.listingPath(template, listing) === path ? { template, listing } : undefined;
  }

  /** The pages that an index page lists: those that are there. */
  listed(template: Template, listing: number): number[] {
    const first = listing * ENTRIES_PER_LISTING * TEMPLATES.length + TEMPLATES.indexOf(template);
    const entries = Array.from({ length: ENTRIES_PER_LISTING }, (_, index) => first + index * TEMPLATES.length);
    return entries.filter((page) => page < this.history.count && !this.history.isRemoved(page));
  }

  /** Neighbours of an index page, and eight further on: a heap, so that page n is log8 n clicks away. */
  pagerOf(template: Template, listing: number): number[] {
    const count = this.listingCount(template);
    const children = Array.from({ length: PAGER_WIDTH }, (_, index) => listing * PAGER_WIDTH + index + 1);
    return [...new Set([listing - 1, listing + 1, ...children])].filter((other) => other >= 0 && other < count);
  }

  /** Every path that a complete crawl must store: the home page, index pages, content pages that are there. */
  *paths(): Generator<string> {
    yield '/';
    for (const template of TEMPLATES)
      for (let listing = 0; listing < this.listingCount(template); listing += 1) yield this.listingPath(template, listing);
    for (const page of this.alive()) yield this.pathOf(page);
  }

  *alive(): Generator<number> {
    for (let page = 0; page < this.history.count; page += 1) if (!this.history.isRemoved(page)) yield page;
  }
}
