import type { CrawlLedger, KnownDocument, PageTally, Snapshot } from '@gleaner/domain';
import type { Database } from '../database.js';
import { firstRow, rows } from '../statement.js';
import { withManager } from '../transaction.js';
import { LEASED_COLUMNS, type LeasedRow, leasedPage, readPlan } from './crawl-row.js';
import { failureOf } from './finish-crawl.js';

/** What workers read of a crawl without changing it; see `CrawlLedger`. */
export function createLedgerReads(
  database: Database,
): Pick<CrawlLedger, 'plan' | 'isPaused' | 'pagesOf' | 'has' | 'known' | 'samples' | 'outcome' | 'tally'> {
  return {
    plan: (jobId) => withManager(database, (manager) => readPlan(manager, jobId)),
    isPaused: (jobId) =>
      withManager(
        database,
        async (manager) => (await firstRow(manager, `select id from jobs where id = $1 and state = 'paused'`, [jobId])) !== null,
      ),
    pagesOf: (batch, states) =>
      withManager(database, async (manager) => {
        const sql = `select ${LEASED_COLUMNS} from crawl_pages where job_id = $1 and batch = $2 and state = any($3::text[]) order by rank, id`;
        return (await rows<LeasedRow>(manager, sql, [batch.jobId, batch.batch, states])).map(leasedPage);
      }),
    has: (jobId, key) =>
      withManager(database, async (manager) => {
        const sql = 'select id from crawl_pages where job_id = $1 and url_hash = $2';
        return (await firstRow(manager, sql, [jobId, key])) !== null;
      }),
    known: (ownerId, keys) =>
      withManager(database, (manager) =>
        rows<KnownDocument>(
          manager,
          `
          select url_hash as key, id as "documentId", snapshot_hash as "snapshotHash", content_hash as "contentHash",
            title, template_version as "templateVersion", embedding ->> 'mode' as embedding,
            case when field_report is not null then jsonb_build_object('key', field_report -> 'asked',
              'isSettled', field_report -> 'missing' = '[]' or (field_report ->> 'model' is not null and field_report -> 'problem' is null)) end as asked
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
    tally: (jobId) =>
      withManager(database, (manager) =>
        rows<PageTally>(
          manager,
          `
          select state, reason, count(*)::integer as pages from crawl_pages
          where job_id = $1 and (attempts > 0 or state = 'skipped') group by state, reason order by state, reason`,
          [jobId],
        ),
      ),
    outcome: (jobId) => withManager(database, (manager) => failureOf(manager, jobId)),
  };
}
