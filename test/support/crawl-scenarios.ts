/** Crawls whose histories are kept for replay: together they go every way that the workflows of a crawl have. */
import { CHANGE_CRAWL, PAUSE_JOB, RESUME_JOB, STEER_JOB } from '@gleaner/workflows/contract';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { waitUntil } from './gleaner.js';
import { type Deferred, deferred } from './run-crawl.js';
import { StubCrawl, pagesOf } from './stub-crawl.js';

export interface CrawlScenario {
  readonly stub: StubCrawl;
  /** What happens while it runs. */
  readonly during?: (handle: WorkflowHandle) => Promise<unknown>;
}

async function called(stub: StubCrawl, name: Parameters<StubCrawl['callsOf']>[0]): Promise<void> {
  await waitUntil(async () => stub.callsOf(name).length > 0, 20_000);
}

/** Sitemaps, several hosts, the browser before and after extraction, pages that fail for now, a template to learn. */
function whole(): CrawlScenario {
  const stub = new StubCrawl([
    ...pagesOf('a.test', 1, { links: ['b.test'] }),
    ...pagesOf('a.test', 20, { template: 'tpl_replayed' }),
    ...pagesOf('a.test', 2, { scripted: 'known' }),
    ...pagesOf('a.test', 2, { scripted: 'shell' }),
    ...pagesOf('a.test', 2, { failsFirst: { times: 1, dueInMs: 500 } }),
  ]);
  stub.sitemap = pagesOf('c.test', 5);
  return { stub };
}

function steered(): CrawlScenario {
  const held: Deferred = deferred();
  const stub = new StubCrawl(pagesOf('a.test', 50)).on('fetchBatch', () => held.promise);
  return {
    stub,
    during: async (handle) => {
      await called(stub, 'fetchBatch');
      await handle.signal(PAUSE_JOB);
      held.resolve();
      await called(stub, 'pauseJob');
      await handle.signal(STEER_JOB, { priority: 2 });
      await handle.executeUpdate(CHANGE_CRAWL, { args: [{ limit: 1_000 }] });
      await handle.signal(RESUME_JOB);
    },
  };
}

function cancelled(): CrawlScenario {
  const stub = new StubCrawl(pagesOf('a.test', 50)).on('storeBatch', () => new Promise(() => {}));
  return {
    stub,
    during: async (handle) => {
      await called(stub, 'storeBatch');
      await handle.cancel();
    },
  };
}

/** A batch that no stage can cope with. */
function abandoned(): CrawlScenario {
  const stub = new StubCrawl(pagesOf('a.test', 20)).on('extractBatch', ({ batch = '' }) => {
    if (batch === 'a.test#1') throw ApplicationFailure.nonRetryable('cannot', 'PARSE_TIMEOUT');
  });
  return { stub };
}

export const CRAWL_SCENARIOS: Readonly<Record<string, () => CrawlScenario>> = {
  'crawl-whole': whole,
  'crawl-steered': steered,
  'crawl-cancelled': cancelled,
  'crawl-abandoned': abandoned,
};
