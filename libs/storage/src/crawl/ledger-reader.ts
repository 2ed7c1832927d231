import { type LedgerPage, type LedgerReader } from '@gleaner/domain';
import { boundedLimit, decodeCursor, pageOf } from '../cursor.js';
import type { Database } from '../database.js';
import { CrawlPageEntity } from '../entities/crawl-page.entity.js';
import { rows } from '../statement.js';
import { storableText } from '../storable-text.js';
import { withManager } from '../transaction.js';

const PAGE_ID = /^\d{1,18}$/;

/** Reads the ledger of a crawl. Whose job it is, the caller has looked at. */
export function createLedgerReader(database: Database): LedgerReader {
  return {
    pages: (jobId, filter, page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const query = manager.createQueryBuilder(CrawlPageEntity, 'page').where('page.jobId = :jobId', { jobId: storableText(jobId) });
        if (filter.state !== undefined) query.andWhere('page.state = :state', { state: filter.state });
        if (filter.reason !== undefined) query.andWhere('page.reason = :reason', { reason: storableText(filter.reason) });
        if (page.cursor !== undefined) query.andWhere('page.id > :after', { after: decodeCursor(page.cursor, PAGE_ID) });
        const found = await query
          .orderBy('page.id')
          .limit(limit + 1)
          .getMany();
        return pageOf(found, limit, { item: ledgerPage, id: ({ id }) => id });
      }),

    exported: (jobId, afterId, limit) =>
      withManager(database, async (manager) => {
        const sql = `select id::double precision as id, url, document_id as "documentId" from crawl_pages
          where job_id = $1 and id > $2 and state in ('stored', 'unchanged') and document_id is not null order by id limit $3`;
        return rows(manager, sql, [jobId, afterId, boundedLimit(limit)]);
      }),
  };
}

function ledgerPage(row: CrawlPageEntity): LedgerPage {
  return {
    url: row.url,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    code: row.code,
    duplicateOf: row.duplicateOf,
    documentId: row.documentId,
    depth: row.depth,
    source: row.source,
    attempts: row.attempts,
    status: row.status,
    bytes: row.bytes,
    method: row.method,
    finalUrl: row.snapshot?.finalUrl ?? null,
    timingsMs: row.timingsMs,
    updatedAt: row.updatedAt.toISOString(),
  };
}
