import { type CrawlLedger, isFinal } from '@gleaner/domain';
import type { Database } from '../database.js';
import { rows } from '../statement.js';
import { inTransaction, withManager } from '../transaction.js';
import { addEvents, lockJob } from '../job-ledger.js';
import { abandonBatch } from './abandon-batch.js';
import { changeSettings, judgeAgain } from './change-crawl.js';
import { type PageJudge, copyPages } from './copy-pages.js';
import { lockCrawl } from './crawl-row.js';
import { createLedgerReads } from './ledger-reads.js';
import type { BandsOf, Similarity } from './duplicates.js';
import { endLeft } from './finish-crawl.js';
import { addFound } from './found-pages.js';
import { leaseBatch } from './lease-batch.js';
import { addStart, inheritStart, makeCrawl, sourceOf } from './open-crawl.js';
import { recordExtracted } from './record-extracted.js';
import { recordFetched } from './record-fetched.js';
import { outcomeOf, storePages, transactionsOf } from './store-batch.js';

export interface LedgerRules {
  /** Estimates how much two page signatures have in common; storage does not know how they are made. */
  readonly similarity: Similarity;
  /** The keys of such a signature. */
  readonly bandsOf: BandsOf;
  /** Judges pages of an earlier visit by what is wanted now. */
  readonly judge: PageJudge;
}

export function createCrawlLedger(database: Database, { similarity, bandsOf, judge }: LedgerRules): CrawlLedger {
  const reads = createLedgerReads(database);
  return {
    ...reads,
    open: async (jobId) => {
      await inTransaction(database, (manager) => makeCrawl(manager, jobId));
      let opened = await reads.plan(jobId);
      const origin = await withManager(database, (manager) => sourceOf(manager, opened));
      if (origin !== null) {
        await inTransaction(database, (manager) => inheritStart(manager, jobId, origin));
        const plan = (opened = await reads.plan(jobId));
        for (let next: string | null = '0'; next !== null;) {
          const afterId: string = next;
          next = await inTransaction(database, (manager) => copyPages(manager, plan, origin, { afterId, judge, bandsOf }));
        }
      }
      return { hosts: await inTransaction(database, (manager) => addStart(manager, opened)) };
    },
    moveStart: (jobId, url) =>
      inTransaction(database, async (manager) => {
        if (isFinal((await lockJob(manager, jobId)).state)) return;
        await rows(
          manager,
          'update crawls set start_urls = array_append(start_urls, $2) where job_id = $1 and not ($2 = any(start_urls)) and cardinality(start_urls) < 3',
          [jobId, url],
        );
      }),
    lease: (batch, size) => inTransaction(database, (manager) => leaseBatch(manager, batch, size)),
    fetched: (batch, pages) => inTransaction(database, (manager) => recordFetched(manager, batch, pages)),
    extracted: (batch, extracted) => inTransaction(database, (manager) => recordExtracted(manager, batch, extracted, bandsOf)),
    store: async ({ pages, ...batch }) => {
      let stored = 0;
      for (const part of transactionsOf(pages))
        stored += await inTransaction(database, (manager) => storePages(manager, batch, part, similarity));
      return inTransaction(database, (manager) => outcomeOf(manager, batch, stored));
    },
    found: (jobId, pages) =>
      inTransaction(database, async (manager) => {
        const job = await lockJob(manager, jobId);
        if (isFinal(job.state)) return { added: 0, newHosts: [] };
        const { added, skipped, newHosts } = await addFound(manager, jobId, await lockCrawl(manager, jobId), pages);
        const event = { type: 'job.progress', stage: 'fetch', message: `${added} pages found` } as const;
        if (added > 0)
          await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event, counts: { discovered: added, skipped } }]);
        return { added, newHosts };
      }),
    abandon: (batch, code, detail) => inTransaction(database, (manager) => abandonBatch(manager, batch, code, detail)),
    change: async (jobId, change, judgeBy) => {
      const changed = await inTransaction(database, (manager) => changeSettings(manager, jobId, change));
      if (changed === null || (change.include === undefined && change.exclude === undefined)) return;
      const judgeNow = judgeBy(changed);
      for (let afterId: string | null = '0'; afterId !== null;) {
        const after: string = afterId;
        afterId = await inTransaction(database, (manager) => judgeAgain(manager, jobId, judgeNow, after));
      }
    },
    finish: (jobId, end) => inTransaction(database, (manager) => endLeft(manager, jobId, end)),
  };
}
