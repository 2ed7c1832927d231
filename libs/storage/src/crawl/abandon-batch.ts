import { type BatchInput, type ErrorCode, isFinal, renderedBatch } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { lockCrawl } from './crawl-row.js';
import { endPages } from './end-pages.js';

/** Fails what is left of a batch and of its pages for the browser: the crawl goes on without them. */
export async function abandonBatch(manager: EntityManager, batch: BatchInput, code: ErrorCode, detail: string): Promise<void> {
  const { jobId } = batch;
  let job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return;
  await lockCrawl(manager, jobId);
  for (const name of [batch.batch, renderedBatch(batch.batch)]) {
    const left = await rows<{ key: string }>(
      manager,
      `select url_hash as key from crawl_pages where job_id = $1 and batch = $2 and state in ('leased', 'fetched', 'extracted')`,
      [jobId, name],
    );
    const ends = left.map(({ key }) => ({ key, state: 'failed', reason: 'internal', detail, code }) as const);
    const ended = await endPages(manager, { jobId, batch: name }, job, ends);
    job = ended.job;
    await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, ended.released]);
  }
}
