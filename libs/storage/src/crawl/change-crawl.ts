import { type CrawlChange, type CrawlPlan, type CrawlSettings, type JudgedPage, isFinal } from '@gleaner/domain';
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl, readPlan } from './crawl-row.js';

const ROWS_A_TURN = 1_000;

export type Judge = (url: string) => JudgedPage['verdict'];

/** Writes the new settings; returns the plan by which pages are judged now, null when the job is final. */
export async function changeSettings(manager: EntityManager, jobId: string, change: CrawlChange): Promise<CrawlPlan | null> {
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return null;
  const { settings } = await lockCrawl(manager, jobId);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as CrawlChange;
  const changed: CrawlSettings = { ...settings, ...given };
  if (isDeepStrictEqual(changed, settings)) return readPlan(manager, jobId);
  await rows(manager, 'update crawls set settings = $2::jsonb where job_id = $1', [jobId, storableJson(changed)]);
  const message = `changed: ${Object.keys(given).join(', ')}`;
  await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event: { type: 'job.progress', message } }]);
  return readPlan(manager, jobId);
}

/**
 * Judges some of the pages that wait or were out of scope anew: what is out now is skipped, what is in now waits. A page
 * that was redirected out of scope has been asked for and stays as it is. Returns the last id
 * it looked at, null at the end.
 */
export async function judgeAgain(manager: EntityManager, jobId: string, judge: Judge, afterId: string): Promise<string | null> {
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return null;
  const { settings } = await lockCrawl(manager, jobId);
  const pages = await rows<{ id: string; url: string; state: 'queued' | 'skipped' }>(
    manager,
    `
    select id, url, state from crawl_pages
    where job_id = $1 and id > $2::bigint and (state = 'queued' or (state = 'skipped' and reason = 'out_of_scope' and status is null)) and source <> 'start'
    order by id limit ${ROWS_A_TURN}`,
    [jobId, afterId],
  );
  const judged = pages.map((page) => ({ ...page, verdict: judge(page.url) }));
  const out = judged.filter(({ state, verdict }) => state === 'queued' && verdict !== null);
  // A page that was out of scope has no body: where nothing is fetched there is nothing of it to take in.
  const back = settings.offline ? [] : judged.filter(({ state, verdict }) => state === 'skipped' && verdict === null);
  await rows(
    manager,
    `
    update crawl_pages as page set state = 'skipped', reason = judged.reason, detail = left(judged.detail, 500), updated_at = clock_timestamp()
    from jsonb_to_recordset($1::jsonb) as judged (id bigint, reason text, detail text) where page.id = judged.id and page.state = 'queued'`,
    [storableJson(out.map(({ id, verdict }) => ({ id, ...verdict })))],
  );
  await rows(
    manager,
    `
    with back as (
      update crawl_pages set state = 'queued', reason = null, detail = null, updated_at = clock_timestamp() where id = any($2::bigint[]) returning host
    )
    insert into crawl_hosts (job_id, host) select distinct $1, host from back on conflict do nothing`,
    [jobId, back.map(({ id }) => id)],
  );
  const skipped = out.length - back.length;
  const event = { type: 'job.progress', message: `${out.length} pages left out, ${back.length} taken in` } as const;
  if (out.length + back.length > 0) await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event, counts: { skipped } }]);
  return pages.length === ROWS_A_TURN ? (pages.at(-1)?.id ?? null) : null;
}
