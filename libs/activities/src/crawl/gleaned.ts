import type { CrawlPlan, LeasedPage } from '@gleaner/domain';
import type { CrawlPageResult } from './crawl-page.js';
import type { Choice } from './page-choices.js';

/** A page of a batch with what the thread made of it. */
export interface Gleaned {
  readonly page: LeasedPage;
  readonly choice: Choice;
  readonly result: CrawlPageResult;
}

export function gleanedOf(
  pages: readonly LeasedPage[],
  choices: ReadonlyMap<string, Choice>,
  results: readonly CrawlPageResult[],
): readonly Gleaned[] {
  const byKey = new Map(results.map((result) => [result.key, result]));
  return pages.flatMap((page) => {
    const result = byKey.get(page.key);
    const choice = choices.get(page.key);
    return result === undefined || choice === undefined ? [] : [{ page, choice, result }];
  });
}

/** A shell is opened in the browser unless it has been there, or must not. */
export function isShell({ settings }: CrawlPlan, { page, result }: Gleaned): boolean {
  return result.kind === 'shell' && settings.render !== 'never' && !settings.offline && !page.needsBrowser;
}
