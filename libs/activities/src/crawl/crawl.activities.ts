import type {
  CrawlBrowserActivities,
  CrawlEmbedActivities,
  CrawlExtractActivities,
  CrawlFetchActivities,
  CrawlLedger,
  CrawlStoreActivities,
} from '@gleaner/domain';
import { Context, cancellationSignal } from '@temporalio/activity';
import { CountedAttempts } from '../runtime/counted-attempts.js';
import { BrowserSamples } from './browser-samples.js';
import { type EmbedBatchDeps, embedBatch } from './embed-batch.js';
import { type BatchAttempt, type ExtractBatchDeps, extractBatch } from './extract-batch.js';
import { type FetchBatchDeps, fetchBatch } from './fetch-batch.js';
import { createLinkJudge } from './link-judge.js';
import { type SitemapDeps, readSitemaps } from './read-sitemaps.js';
import { type RenderBatchDeps, renderBatch } from './render-batch.js';
import { type StoreBatchDeps, storeBatch } from './store-batch.js';

export function createCrawlFetchActivities(deps: Omit<FetchBatchDeps, 'samples'> & SitemapDeps): CrawlFetchActivities {
  const samples = new BrowserSamples();
  return {
    fetchBatch: (input) => fetchBatch({ ...deps, samples }, input, cancellationSignal()),
    readSitemaps: (input) => readSitemaps(deps, input, cancellationSignal()),
  };
}

export function createCrawlBrowserActivities(deps: RenderBatchDeps): CrawlBrowserActivities {
  return { renderBatch: (input) => renderBatch(deps, input, cancellationSignal()) };
}

export function createCrawlExtractActivities(deps: ExtractBatchDeps): CrawlExtractActivities {
  return { extractBatch: (input) => extractBatch(deps, input, thisAttempt()) };
}

export function createCrawlEmbedActivities(deps: EmbedBatchDeps): CrawlEmbedActivities {
  return { embedBatch: (input) => embedBatch(deps, input, thisAttempt()) };
}

/** Opening, changing and ending a crawl go to the store stage too: they are transactions, and nothing else. */
export function createCrawlStoreActivities(deps: StoreBatchDeps & { readonly ledger: CrawlLedger }): CrawlStoreActivities {
  const { ledger } = deps;
  return {
    storeBatch: (input) => storeBatch(deps, input),
    async openCrawl({ jobId }) {
      const { hosts } = await ledger.open(jobId);
      const { settings } = await ledger.plan(jobId);
      return { hosts, sitemap: settings.sitemap };
    },
    abandonBatch: ({ code, detail, ...batch }) => ledger.abandon(batch, code, detail),
    changeCrawl: ({ jobId, change }) => ledger.change(jobId, change, (plan) => createLinkJudge(plan).verdict),
    async finishCrawl({ jobId, end }) {
      while (!(await ledger.finish(jobId, end))) {
        // More pages are left than one transaction should end.
      }
      return ledger.outcome(jobId);
    },
  };
}

function thisAttempt(): BatchAttempt {
  return { number: new CountedAttempts(Context.current()).current, signal: cancellationSignal() };
}
