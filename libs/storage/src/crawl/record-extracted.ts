import { type BatchInput, type ExtractedMark, type JudgedPage, type PageEnd, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl } from './crawl-row.js';
import { endPages } from './end-pages.js';
import { addFound } from './found-pages.js';
import { markToRender } from './record-fetched.js';

/** Pages that have content now, those that have none, and what all of them link to. Nothing changes in a final job. */
export async function recordExtracted(
  manager: EntityManager,
  batch: BatchInput,
  pages: readonly ExtractedMark[],
  ends: readonly PageEnd[],
  found: readonly JudgedPage[],
): Promise<void> {
  const { jobId } = batch;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return;
  const crawl = await lockCrawl(manager, jobId);
  const added = await addFound(manager, jobId, crawl, found);
  const changed = await rows(
    manager,
    `
    update crawl_pages as page set state = 'extracted', template_id = done.template_id, timings_ms = page.timings_ms || jsonb_build_object('extract', done.extract_ms),
      updated_at = clock_timestamp()
    from jsonb_to_recordset($3::jsonb) as done (key text, template_id text, extract_ms integer)
    where page.job_id = $1 and page.batch = $2 and page.url_hash = done.key and page.state = 'fetched' returning page.id`,
    [jobId, batch.batch, storableJson(pages.map(({ key, templateId, extractMs }) => ({ key, template_id: templateId, extract_ms: extractMs })))],
  );
  const counts = { extracted: changed.length, discovered: added.added, skipped: added.skipped };
  const message = `${changed.length} pages extracted, ${added.added} links found`;
  const progress = { key: `progress:${job.lastSeq + 1}`, event: { type: 'job.progress', stage: 'extract', message } as const, counts };
  const told = changed.length + added.added === 0 ? job : await addEvents(manager, job, [progress]);
  const { released } = await endPages(manager, batch, told, ends);
  if (released > 0) await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, released]);
}

/** Pages whose body turned out to be an empty shell: they are fetched again in the browser. */
export async function recordShells(manager: EntityManager, batch: BatchInput, keys: readonly string[]): Promise<void> {
  const job = await lockJob(manager, batch.jobId);
  if (isFinal(job.state)) return;
  const count = await markToRender(manager, batch, keys);
  if (count === 0) return;
  const message = `${count} pages are built by JavaScript: opened again in the browser`;
  const event = { type: 'job.progress', stage: 'extract', message } as const;
  await addEvents(manager, job, [{ key: `progress:${job.lastSeq + 1}`, event, counts: { fetched: -count } }]);
}
