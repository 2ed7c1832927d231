import type { BatchInput, PageEnd } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { type Kind, columnsOf } from './fetched-row.js';

export interface AdoptedTargets {
  /** Pages that have a body and a place in the limit now. */
  readonly count: number;
  /** Those of them that the ledger did not have. */
  readonly discovered: number;
  /** What becomes of the pages that were asked for. */
  readonly ends: readonly PageEnd[];
}

/**
 * A redirect leads to another page: where that one is new or waits, it takes over the body, the batch and a place in the limit; the
 * page that was asked for repeats it in any case. Only pages that the batch still has lead anywhere. The crawl is locked.
 */
export async function adoptTargets(
  manager: EntityManager,
  batch: BatchInput,
  pages: readonly Kind<'redirected'>[],
): Promise<AdoptedTargets> {
  if (pages.length === 0) return { count: 0, discovered: 0, ends: [] };
  const { jobId } = batch;
  const targets = storableJson(pages.filter(({ to }) => to.verdict === null).map(targetRow));
  const waited = await rows(
    manager,
    `
    with ${TARGETS}
    update crawl_pages as page set state = 'fetched', batch = $2, attempts = page.attempts + 1, due_at = null, reason = null, detail = null,
      code = null, snapshot = target.snapshot, status = target.status, bytes = target.bytes, method = target.method,
      timings_ms = jsonb_build_object('fetch', target.fetch_ms), updated_at = clock_timestamp()
    from target where page.job_id = $1 and page.url_hash = target.key and page.state = 'queued' returning page.id`,
    [jobId, batch.batch, targets],
  );
  const added = await rows(
    manager,
    `
    with ${TARGETS}
    insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, batch, attempts, snapshot, status, bytes, method, timings_ms)
    select $1, key, url, host, pattern, depth, depth * 100, 'redirect', 'fetched', $2, 1, snapshot, status, bytes, method,
      jsonb_build_object('fetch', fetch_ms)
    from target on conflict (job_id, url_hash) do nothing returning id`,
    [jobId, batch.batch, targets],
  );
  if (added.length > 0) await rows(manager, 'update crawls set row_count = row_count + $2 where job_id = $1', [jobId, added.length]);
  return { count: waited.length + added.length, discovered: added.length, ends: pages.map(endOf) };
}

/** One for each target, of pages that the batch has: $1 is the job, $2 the batch, $3 the rows of `targetRow`. */
const TARGETS = `target as (
      select distinct on (given.key) given.* from jsonb_to_recordset($3::jsonb) as given (asked text, key text, url text, host text, pattern text,
        depth integer, snapshot jsonb, status integer, bytes integer, method text, fetch_ms integer)
      join crawl_pages as page on page.job_id = $1 and page.batch = $2 and page.url_hash = given.asked and page.state = 'leased'
      order by given.key, given.asked
    )`;

function targetRow({ key: asked, to, snapshot, fetchMs }: Kind<'redirected'>): Record<string, unknown> {
  const { key, url, host, pattern, depth } = to;
  return { asked, key, url, host, pattern, depth, ...columnsOf({ ...snapshot, url }), fetch_ms: fetchMs };
}

function endOf({ key, to, snapshot: { status } }: Kind<'redirected'>): PageEnd {
  return to.verdict === null
    ? { key, status, state: 'duplicate', reason: 'redirect', detail: null, duplicateOf: to.url }
    : { key, status, state: 'skipped', reason: to.verdict.reason, detail: `redirects to ${to.url}: ${to.verdict.detail}` };
}
