import type { CrawlPlan, LeasedPage, PageEnd } from '@gleaner/domain';
import type { FailedPage } from './crawl-page.js';
import { type Gleaned, isShell } from './gleaned.js';

/** How a page ends that is not stored; nothing for one that goes on. */
export function endOf(plan: CrawlPlan, gleaned: Gleaned): PageEnd[] {
  const { page, choice, result } = gleaned;
  const { key } = page;
  if (result.kind === 'page' || isShell(plan, gleaned)) return [];
  if (result.kind === 'known')
    return [{ key, state: 'unchanged', reason: null, detail: null, documentId: choice.earlier?.documentId ?? '' }];
  if (result.kind === 'noindex') return [{ key, state: 'skipped', reason: 'noindex', detail: 'the page asks not to be indexed' }];
  if (result.kind === 'missing')
    return [{ key, state: 'failed', reason: 'internal', code: 'BLOB_MISSING', detail: 'the stored body is not there any more' }];
  return [{ key, state: 'skipped', reason: 'empty', code: 'EMPTY_CONTENT', detail: emptyDetail(plan, gleaned) }];
}

function emptyDetail({ settings }: CrawlPlan, { page, result }: Gleaned): string {
  if (result.kind === 'empty') return 'the page has no text';
  if (settings.offline) return 'no text in the stored body: it is built by JavaScript';
  return page.needsBrowser ? 'no text, not even in the browser' : 'it is built by JavaScript and render is "never"';
}

/** Pages that no thread could cope with, and such without a body, which nothing leads to. */
export function failedEnds(pages: readonly LeasedPage[], failed: readonly FailedPage[]): PageEnd[] {
  const bodiless = pages.filter(({ snapshot }) => snapshot === null);
  return [
    ...failed.map(
      ({ key, code, detail }) => ({ key, state: 'failed', reason: 'internal', detail, ...(code === undefined ? {} : { code }) }) as const,
    ),
    ...bodiless.map(({ key }) => ({ key, state: 'failed', reason: 'internal', code: 'INTERNAL', detail: 'the page has no body' }) as const),
  ];
}
