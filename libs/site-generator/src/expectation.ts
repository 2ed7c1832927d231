import { CHAINED_EVERY, MOVED_EVERY } from './listing-page.js';
import type { DuplicateKind, SiteModel } from './site-model.js';
import { TRAP_PREFIXES } from './trap-page.js';

/** What a complete crawl from the home page must report. Paths are root-relative; maps are by path. */
export interface CrawlExpectation {
  /** Once each: these, and either the original or its duplicate where there is one. */
  readonly stored: readonly string[];
  readonly duplicates: ReadonlyMap<string, { readonly original: string; readonly kind: DuplicateKind }>;
  /** Linked, not to be stored; the reason in the words of Gleaner's ledger. */
  readonly skipped: ReadonlyMap<string, 'robots' | 'content_type' | 'http_404' | 'redirect_limit'>;
  /** Were there and are not any more; other pages may still link them. */
  readonly gone: readonly string[];
  /** Linked addresses that end at another one. */
  readonly redirects: ReadonlyMap<string, string>;
  /** Pages that answer an error so many times before they work. */
  readonly failures: ReadonlyMap<string, number>;
  /** The paths of traps begin with these: how many of them are fetched is the crawler's to limit. */
  readonly traps: readonly string[];
}

/** Computed from the site as it is now. */
export function expectationOf(model: SiteModel): CrawlExpectation {
  const { robots, redirects: redirecting, traps } = model.settings;
  const duplicates = new Map<string, { original: string; kind: DuplicateKind }>();
  const redirects = new Map<string, string>();
  const failures = new Map<string, number>();
  for (const page of model.alive()) {
    const path = model.pathOf(page);
    const duplicate = model.duplicateOf(page);
    if (duplicate !== undefined) duplicates.set(duplicate.path, { original: path, kind: duplicate.kind });
    if (redirecting && page % MOVED_EVERY === 0) redirects.set(`/moved/${page}`, path);
    if (redirecting && page % CHAINED_EVERY === 0) redirects.set(`/chain/${page}/3`, path);
    const times = model.failuresOf(page);
    if (times > 0) failures.set(path, times);
  }
  const gone = Array.from({ length: model.history.count }, (_, page) => page).filter((page) => model.history.isRemoved(page));
  return {
    stored: [...model.paths()],
    duplicates,
    skipped: new Map([
      ['/missing', 'http_404'],
      ['/files/catalogue.zip', 'content_type'],
      ...(robots === 'default' ? ([['/private/account', 'robots']] as const) : []),
      ...(redirecting ? ([['/loop/a', 'redirect_limit']] as const) : []),
    ]),
    gone: gone.map((page) => model.pathOf(page)),
    redirects,
    failures,
    traps: traps ? TRAP_PREFIXES : [],
  };
}
