import type { CrawlLedger, KnownDocument, Snapshot } from '@gleaner/domain';
import type { Database } from '../database.js';
import { rows } from '../statement.js';
import { inTransaction, withManager } from '../transaction.js';
import { addEvents, lockJob } from '../job-ledger.js';
import { abandonBatch } from './abandon-batch.js';
import { changeSettings, judgeAgain } from './change-crawl.js';
import { LEASED_COLUMNS, type LeasedRow, leasedPage, lockCrawl, readPlan } from './crawl-row.js';
import type { Similarity } from './duplicates.js';
import { endLeft, failureOf } from './finish-crawl.js';
import { addFound } from './found-pages.js';
import { leaseBatch } from './lease-batch.js';
import { addStart, copyPages, makeCrawl, sourceOf } from './open-crawl.js';
import { recordExtracted } from './record-extracted.js';
import { recordFetched } from './record-fetched.js';
import { outcomeOf, storePages, transactionsOf } from './store-batch.js';

/** `similarity` estimates how much two page signatures have in common; storage does not know how they are made. */
export function createCrawlLedger(database: Database, { similarity }: { readonly similarity: Similarity }): CrawlLedger {
  const plan: CrawlLedger['plan'] = (jobId) => withManager(database, (manager) => readPlan(manager, jobId));
  return {
    plan,
    open: async (jobId) => {
      await inTransaction(database, (manager) => makeCrawl(manager, jobId));
      const opened = await plan(jobId);
      const source = await withManager(database, (manager) => sourceOf(manager, opened));
      if (source !== null) {
        for (let afterId: string | null = '0'; afterId !== null;) {
          const after: string = afterId;
          afterId = await inTransaction(database, (manager) => copyPages(manager, jobId, source, after));
        }
      }
      return { hosts: await inTransaction(database, (manager) => addStart(manager, opened)) };
    },
    moveStart: (jobId, url) =>
      inTransaction(database, async (manager) => {
        await rows(
          manager,
          'update crawls set start_urls = array_append(start_urls, $2) where job_id = $1 and not ($2 = any(start_urls)) and cardinality(start_urls) < 3',
          [jobId, url],
        );
      }),
    lease: (batch, size) => inTransaction(database, (manager) => leaseBatch(manager, batch, size)),
    pagesOf: (batch, states) =>
      withManager(database, async (manager) => {
        const sql = `select ${LEASED_COLUMNS} from crawl_pages where job_id = $1 and batch = $2 and state = any($3::text[]) order by rank, id`;
        return (await rows<LeasedRow>(manager, sql, [batch.jobId, batch.batch, states])).map(leasedPage);
      }),
    fetched: (batch, pages) => inTransaction(database, (manager) => recordFetched(manager, batch, pages)),
    extracted: (batch, extracted) => inTransaction(database, (manager) => recordExtracted(manager, batch, extracted)),
    store: async ({ pages, ...batch }) => {
      let stored = 0;
      for (const part of transactionsOf(pages))
        stored += await inTransaction(database, (manager) => storePages(manager, batch, part, similarity));
      return inTransaction(database, (manager) => outcomeOf(manager, batch, stored));
    },
    found: (jobId, pages) =>
      inTransaction(database, async (manager) => {
        const job = await lockJob(manager, jobId);
        const { added, skipped, newHosts } = await addFound(manager, jobId, await lockCrawl(manager, jobId), pages);
        const event = { type: 'job.progress', stage: 'fetch', message: `${added} pages found` } as const;
        if (added > 0)
          await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event, counts: { discovered: added, skipped } }]);
        return { added, newHosts };
      }),
    abandon: (batch, code, detail) => inTransaction(database, (manager) => abandonBatch(manager, batch, code, detail)),
    known: (ownerId, keys) =>
      withManager(database, (manager) =>
        rows<KnownDocument>(
          manager,
          `
          select url_hash as key, id as "documentId", snapshot_hash as "snapshotHash", content_hash as "contentHash",
            template_version as "templateVersion", extraction_method as method
          from documents where owner_id = $1 and url_hash = any($2::text[]) and is_current`,
          [ownerId, keys],
        ),
      ),
    samples: (jobId, templateId, limit) =>
      withManager(database, async (manager) => {
        const found = await rows<{ snapshot: Snapshot }>(
          manager,
          `
          select snapshot from (
            select distinct on (snapshot -> 'body' ->> 'hash') snapshot, id from crawl_pages
            where job_id = $1 and template_id = $2 and snapshot is not null
          ) as distinct_bodies order by id desc limit $3`,
          [jobId, templateId, limit],
        );
        return found.map(({ snapshot }) => snapshot);
      }),
    change: async (jobId, change, judge) => {
      const changed = await inTransaction(database, (manager) => changeSettings(manager, jobId, change));
      if (changed === null || (change.include === undefined && change.exclude === undefined)) return;
      const judgeNow = judge(changed);
      for (let afterId: string | null = '0'; afterId !== null;) {
        const after: string = afterId;
        afterId = await inTransaction(database, (manager) => judgeAgain(manager, jobId, judgeNow, after));
      }
    },
    finish: (jobId, end) => inTransaction(database, (manager) => endLeft(manager, jobId, end)),
    outcome: (jobId) => withManager(database, (manager) => failureOf(manager, jobId)),
  };
}
