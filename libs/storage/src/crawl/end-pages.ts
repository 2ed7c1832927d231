import { CRAWL_LIMITS, type BatchInput, type JobCounts, type PageEnd, failureReport } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { lockDocuments } from '../document-batch.js';
import { addEvents, type KeyedEvent, type LockedJob } from '../job-ledger.js';
import { digest } from '../digest.js';
import { rows } from '../statement.js';
import { storableJson, storableText } from '../storable-text.js';
import { readPlan } from './crawl-row.js';

const MAX_DETAIL_LENGTH = 500;
/** A trap can have caught most of a large ledger: each page that is looked at ends so many that wait, and the next ones end the rest. */
const MAX_TRAPPED_AT_ONCE = 2_000;
const REPEATS: ReadonlySet<string> = new Set(['same_content', 'near_duplicate']);

export interface EndedPages {
  readonly job: LockedJob;
  /** Places that the limit of the crawl has again. */
  readonly released: number;
}

/**
 * Ends pages of a batch without storing them: state, counters and events. Pages that have ended before are left as they are.
 * The job is locked; the caller gives the released places back.
 */
export async function endPages(
  manager: EntityManager,
  { jobId, batch }: Pick<BatchInput, 'jobId' | 'batch'>,
  job: LockedJob,
  ends: readonly PageEnd[],
): Promise<EndedPages> {
  if (ends.length === 0) return { job, released: 0 };
  const endOf = new Map(ends.map((end) => [end.key, end]));
  const ended = await rows<{ key: string; url: string; pattern: string }>(
    manager,
    `
    update crawl_pages as page set state = ended.state, reason = ended.reason, detail = ended.detail, code = ended.code, batch = null,
      status = coalesce(ended.status, page.status), duplicate_of = ended.duplicate_of, document_id = ended.document_id,
      updated_at = clock_timestamp()
    from jsonb_to_recordset($3::jsonb) as ended (key text, state text, reason text, detail text, code text, status integer,
      duplicate_of text, document_id text)
    where page.job_id = $1 and page.batch = $2 and page.url_hash = ended.key and page.state in ('leased', 'fetched', 'extracted')
    returning page.url_hash as key, page.url, page.pattern`,
    [jobId, batch, storableJson([...endOf.values()].map(endRow))],
  );
  const told = ended.flatMap(({ key, url, pattern }) => {
    const end = endOf.get(key);
    return end === undefined ? [] : [{ ...end, url, pattern }];
  });
  const gone = told.filter(({ reason }) => reason === 'http_404').map(({ key }) => key);
  if (gone.length > 0) await bury(manager, jobId, gone);
  const traps = await countPatterns(
    manager,
    jobId,
    told.map(({ pattern, reason }) => ({ pattern, isRepeat: REPEATS.has(reason ?? '') })),
  );
  const released = told.filter(({ state }) => state !== 'unchanged').length;
  return { job: await addEvents(manager, job, [...told.map(eventOf), ...traps]), released };
}

function endRow({ key, state, reason, detail, code, status, duplicateOf, documentId }: PageEnd): Record<string, unknown> {
  return {
    key,
    state,
    reason,
    detail: detail === null ? null : storableText(detail).slice(0, MAX_DETAIL_LENGTH),
    code: code ?? null,
    status: status ?? null,
    duplicate_of: duplicateOf ?? null,
    document_id: documentId ?? null,
  };
}

function eventOf({ key, state, reason, detail, code, url, duplicateOf }: PageEnd & { readonly url: string }): KeyedEvent {
  const counts: Partial<JobCounts> = { [state]: 1 };
  const message = [reason, detail, duplicateOf === undefined ? null : `of ${duplicateOf}`].filter((part) => part !== null).join(': ');
  const error = code === undefined ? {} : { error: failureReport(code, detail ?? '') };
  if (state === 'unchanged') return { key: `page:${key}`, event: { type: 'job.progress', url, message: 'unchanged' }, counts };
  return { key: `page:${key}`, event: { type: state === 'failed' ? 'page.failed' : 'page.skipped', url, message, ...error }, counts };
}

/** What the owner knew of pages that the site says are gone is not current any more, and is not found by searching. */
async function bury(manager: EntityManager, jobId: string, keys: readonly string[]): Promise<void> {
  const { ownerId } = await readPlan(manager, jobId);
  await lockDocuments(manager, ownerId, keys);
  await rows(
    manager,
    `
    with gone as (
      update documents set is_current = false, gone_at = clock_timestamp()
      where owner_id = $1 and url_hash = any($2::text[]) and is_current
      returning id
    )
    delete from chunks using gone where chunks.document_id = gone.id`,
    [ownerId, keys],
  );
}

/** Counts pages that were looked at, and ends what waits under a pattern that shows itself as a trap; gives the events that tell of it. */
export async function countPatterns(
  manager: EntityManager,
  jobId: string,
  pages: readonly { readonly pattern: string; readonly isRepeat: boolean }[],
): Promise<readonly KeyedEvent[]> {
  const counted = new Map<string, { seen: number; repeats: number }>();
  for (const { pattern, isRepeat } of pages) {
    const known = counted.get(pattern) ?? { seen: 0, repeats: 0 };
    counted.set(pattern, { seen: known.seen + 1, repeats: known.repeats + (isRepeat ? 1 : 0) });
  }
  if (counted.size === 0) return [];
  const patterns = [...counted.keys()].toSorted();
  const of = (name: 'seen' | 'repeats'): number[] => patterns.map((pattern) => counted.get(pattern)?.[name] ?? 0);
  const traps = await rows<{ pattern: string }>(
    manager,
    `
    insert into crawl_patterns as known (job_id, pattern, seen, repeats)
    select $1, pattern, seen, repeats from unnest($2::text[], $3::integer[], $4::integer[]) as counted (pattern, seen, repeats)
    on conflict (job_id, pattern) do update set seen = known.seen + excluded.seen, repeats = known.repeats + excluded.repeats
    returning case when known.seen >= $5 and known.repeats >= known.seen * $6::double precision then known.pattern end as pattern`,
    [jobId, patterns, of('seen'), of('repeats'), CRAWL_LIMITS.trapSample, CRAWL_LIMITS.trapShare],
  );
  const events: KeyedEvent[] = [];
  for (const { pattern } of traps) if (pattern !== null) events.push(...(await closeTrap(manager, jobId, pattern)));
  return events;
}

async function closeTrap(manager: EntityManager, jobId: string, pattern: string): Promise<readonly KeyedEvent[]> {
  const detail = `pages like ${pattern} repeat others`.slice(0, MAX_DETAIL_LENGTH);
  const closed = await rows<{ id: string }>(
    manager,
    `
    update crawl_pages set state = 'skipped', reason = 'trap', detail = $3, updated_at = clock_timestamp()
    where id in (
      select id from crawl_pages where job_id = $1 and pattern = $2 and state = 'queued' limit ${MAX_TRAPPED_AT_ONCE}
    ) returning id`,
    [jobId, pattern, detail],
  );
  if (closed.length === 0) return [];
  const message = `trap: ${closed.length} ${detail}`;
  return [
    {
      key: `trap:${digest(`${pattern} ${String(closed.length)} ${closed[0]?.id}`)}`,
      event: { type: 'job.progress', message },
      counts: { skipped: closed.length },
    },
  ];
}
