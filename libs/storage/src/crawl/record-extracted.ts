import { type BatchInput, type ExtractBatchOutcome, type ExtractedBatch, type ExtractedMark, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { addEvents, type KeyedEvent, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson } from '../storable-text.js';
import { lockCrawl } from './crawl-row.js';
import { type BandsOf, rememberKept } from './duplicates.js';
import { endPages } from './end-pages.js';
import { addFound } from './found-pages.js';
import { waiting } from './lease-batch.js';
import { markToRender } from './record-fetched.js';

/** States, links, counters and events of what extracting gave the pages of a batch. Nothing changes in a final job. */
export async function recordExtracted(
  manager: EntityManager,
  batch: BatchInput,
  { pages, ends, shells, found }: ExtractedBatch,
  bandsOf: BandsOf,
): Promise<Pick<ExtractBatchOutcome, 'queued' | 'newHosts'>> {
  const { jobId, host } = batch;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return { queued: 0, newHosts: [] };
  const crawl = await lockCrawl(manager, jobId);
  const { added, skipped, newHosts } = await addFound(manager, jobId, crawl, found);
  const extracted = await markExtracted(manager, batch, pages);
  const toRender = await markToRender(manager, batch, shells, 'fetched');
  const counts = { extracted, discovered: added, skipped, fetched: -toRender };
  const message = `${extracted} pages extracted, ${added} links found${toRender === 0 ? '' : `, ${toRender} opened again in the browser`}`;
  const progress: KeyedEvent = { key: `progress:${job.lastSeq + 1}`, event: { type: 'job.progress', stage: 'extract', message }, counts };
  const told = extracted + added + toRender === 0 ? job : await addEvents(manager, job, [progress]);
  const { released } = await endPages(manager, batch, told, ends);
  const unchanged = ends.filter(({ state }) => state === 'unchanged').map(({ key }) => key);
  await rememberKept(manager, { jobId, number: crawl.number }, unchanged, bandsOf);
  if (released > 0) await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, released]);
  const { queued } = await waiting(manager, jobId, host, crawl.settings.limit - crawl.admitted + released);
  return { queued, newHosts };
}

async function markExtracted(manager: EntityManager, { jobId, batch }: BatchInput, pages: readonly ExtractedMark[]): Promise<number> {
  if (pages.length === 0) return 0;
  const changed = await rows(
    manager,
    `
    update crawl_pages as page set state = 'extracted', template_id = done.template_id,
      timings_ms = page.timings_ms || jsonb_build_object('extract', done.extract_ms), updated_at = clock_timestamp()
    from jsonb_to_recordset($3::jsonb) as done (key text, template_id text, extract_ms integer)
    where page.job_id = $1 and page.batch = $2 and page.url_hash = done.key and page.state = 'fetched' returning page.id`,
    [jobId, batch, storableJson(pages.map(({ key, templateId, extractMs }) => ({ key, template_id: templateId, extract_ms: extractMs })))],
  );
  return changed.length;
}
