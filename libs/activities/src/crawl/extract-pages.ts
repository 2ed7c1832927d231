import { Fault } from '@gleaner/domain';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import type { CrawlPageInput, CrawlPagesInput, CrawlPagesResult, FailedPage } from './crawl-page.js';

/** Pages of one task: enough that handing it over costs little, few enough that the threads share a batch evenly. */
const MOST_PAGES = 10;

export interface ExtractedPages {
  readonly results: readonly CrawlPagesResult[];
  readonly failed: readonly FailedPage[];
}

/**
 * Parses pages in the threads, some in each task. A task that ends its thread says nothing of its single pages: they are tried again one
 * by one, so that a hostile page fails alone.
 */
export async function extractPages(
  cpu: Pick<CpuTasks, 'crawlPages'>,
  input: CrawlPagesInput,
  signal: AbortSignal,
): Promise<ExtractedPages> {
  const results: CrawlPagesResult[] = [];
  const failed: FailedPage[] = [];
  const run = async (pages: readonly CrawlPageInput[]): Promise<void> => {
    try {
      results.push(await cpu.crawlPages({ ...input, pages }, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault) || error.code !== 'PARSE_TIMEOUT') throw error;
      const [page] = pages;
      if (pages.length > 1) await Promise.all(pages.map((one) => run([one])));
      else if (page !== undefined) failed.push({ key: page.key, code: error.code, detail: error.message });
    }
  };
  await Promise.all(groupsOf(input.pages).map(run));
  return { results, failed };
}

function groupsOf(pages: readonly CrawlPageInput[]): readonly (readonly CrawlPageInput[])[] {
  const groups = Math.ceil(pages.length / MOST_PAGES);
  const size = Math.ceil(pages.length / Math.max(1, groups));
  return Array.from({ length: groups }, (_, index) => pages.slice(index * size, (index + 1) * size));
}
