import { type BatchInput, type PageFetched, type Snapshot, isFinal, renderedBatch, urlKey } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson, storableText } from '../storable-text.js';
import { adoptTargets } from './adopt-targets.js';
import { lockCrawl } from './crawl-row.js';
import { type Kind, columnsOf, ofKind } from './fetched-row.js';
import { endPages } from './end-pages.js';

/** What fetching gave pages of a batch: states, snapshots, counters and events. Nothing changes in a final job. */
export async function recordFetched(manager: EntityManager, batch: BatchInput, pages: readonly PageFetched[]): Promise<void> {
  const { jobId } = batch;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return;
  await lockCrawl(manager, jobId);
  const redirected = ofKind(pages, 'redirected');
  const adopted = await adoptTargets(manager, batch, redirected);
  const fetched = await saveFetched(manager, batch, ofKind(pages, 'fetched'));
  await saveSnapshots(manager, [
    ...ofKind(pages, 'fetched').flatMap(({ snapshot, notModified }) => (notModified ? [] : [snapshot])),
    ...redirected.flatMap(({ to, snapshot }) => (to.verdict === null ? [{ ...snapshot, url: to.url }] : [])),
  ]);
  await markToRender(
    manager,
    batch,
    ofKind(pages, 'to_render').map(({ key }) => key),
    'leased',
  );
  const again = await putBack(manager, batch, ofKind(pages, 'again'));
  const returned = await giveBack(
    manager,
    batch,
    ofKind(pages, 'returned').map(({ key }) => key),
  );
  const counts = { fetched: fetched + adopted.count, discovered: adopted.discovered };
  const told = await addEvents(manager, job, progressOf(batch, job.lastSeq, counts));
  const ends = [...ofKind(pages, 'ended').map(({ end }) => end), ...adopted.ends];
  const { released } = await endPages(manager, batch, told, ends);
  const freed = released + again + returned - adopted.count;
  if (freed !== 0) await rows(manager, 'update crawls set admitted = admitted - $2 where job_id = $1', [jobId, freed]);
}

function progressOf({ host }: BatchInput, lastSeq: number, counts: { fetched: number; discovered: number }) {
  if (counts.fetched === 0) return [];
  const message = `${counts.fetched} pages fetched from ${host}`;
  return [{ key: `progress:${lastSeq + 1}`, event: { type: 'job.progress', stage: 'fetch', message } as const, counts }];
}

async function saveFetched(manager: EntityManager, { jobId, batch }: BatchInput, pages: readonly Kind<'fetched'>[]): Promise<number> {
  if (pages.length === 0) return 0;
  const changed = await rows(
    manager,
    `
    update crawl_pages as page set state = 'fetched', snapshot = fetched.snapshot, status = fetched.status, bytes = fetched.bytes,
      method = fetched.method, timings_ms = page.timings_ms || jsonb_build_object('fetch', fetched.fetch_ms), updated_at = clock_timestamp()
    from jsonb_to_recordset($3::jsonb) as fetched (key text, snapshot jsonb, status integer, bytes integer, method text, fetch_ms integer)
    where page.job_id = $1 and page.batch = $2 and page.url_hash = fetched.key and page.state = 'leased' returning page.id`,
    [jobId, batch, storableJson(pages.map(({ key, snapshot, fetchMs }) => ({ key, ...columnsOf(snapshot), fetch_ms: fetchMs })))],
  );
  return changed.length;
}

/** The last snapshot of each URL, for the next conditional request; an older page never replaces a newer one. */
async function saveSnapshots(manager: EntityManager, snapshots: readonly Snapshot[]): Promise<void> {
  if (snapshots.length === 0) return;
  const kept = new Map(snapshots.map((snapshot) => [urlKey(new URL(snapshot.url)), snapshot]));
  const batch = [...kept].map(([url_key, snapshot]) => ({ url_key, snapshot, fetched_at: snapshot.fetchedAt }));
  await rows(
    manager,
    `
    insert into snapshots (url_hash, url_key, snapshot, fetched_at)
    select encode(sha256(convert_to(url_key, 'UTF8')), 'hex') as url_hash, url_key, snapshot, fetched_at
    from jsonb_to_recordset($1::jsonb) as saved (url_key text, snapshot jsonb, fetched_at timestamptz) order by url_hash
    on conflict (url_hash) do update
      set snapshot = excluded.snapshot, fetched_at = excluded.fetched_at, saved_at = clock_timestamp()
      where snapshots.fetched_at <= excluded.fetched_at`,
    [storableJson(batch)],
  );
}

/**
 * They go to the batch for the browser; returns how many. `from`: pages that were not asked for yet, or shells that were; what
 * the browser gave is not opened there again.
 */
export async function markToRender(
  manager: EntityManager,
  { jobId, batch }: BatchInput,
  keys: readonly string[],
  from: 'leased' | 'fetched',
): Promise<number> {
  if (keys.length === 0) return 0;
  const marked = await rows(
    manager,
    `
    update crawl_pages set state = 'leased', needs_browser = true, reuse_snapshot = false, batch = $4, updated_at = clock_timestamp()
    where job_id = $1 and batch = $2 and url_hash = any($3::text[]) and state = $5 and (state = 'leased' or not needs_browser) returning id`,
    [jobId, batch, keys, renderedBatch(batch), from],
  );
  return marked.length;
}

/** Back to the frontier as if they had never been taken: `keys`, or all pages of the batch that have no body; returns how many. */
export async function giveBack(manager: EntityManager, { jobId, batch }: BatchInput, keys: readonly string[] | null): Promise<number> {
  if (keys?.length === 0) return 0;
  const returned = await rows(
    manager,
    `
    update crawl_pages set state = 'queued', batch = null, attempts = greatest(attempts - 1, 0), updated_at = clock_timestamp()
    where job_id = $1 and batch = $2 and state = 'leased' and ($3::text[] is null or url_hash = any($3::text[])) returning id`,
    [jobId, batch, keys],
  );
  return returned.length;
}

/** Back to the frontier until it is due; returns how many. */
async function putBack(manager: EntityManager, { jobId, batch }: BatchInput, pages: readonly Kind<'again'>[]): Promise<number> {
  if (pages.length === 0) return 0;
  const changed = await rows(
    manager,
    `
    update crawl_pages as page set state = 'queued', batch = null, code = again.code, detail = again.detail,
      due_at = clock_timestamp() + again.after_ms * interval '1 millisecond', updated_at = clock_timestamp()
    from jsonb_to_recordset($3::jsonb) as again (key text, code text, detail text, after_ms double precision)
    where page.job_id = $1 and page.batch = $2 and page.url_hash = again.key and page.state = 'leased' returning page.id`,
    [
      jobId,
      batch,
      storableJson(
        pages.map(({ key, code, detail, afterMs }) => ({ key, code, detail: storableText(detail).slice(0, 500), after_ms: afterMs })),
      ),
    ],
  );
  return changed.length;
}
