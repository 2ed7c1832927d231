import { type BatchInput, type PageEnd, type PageFetched, type Snapshot, isFinal, renderedBatch, urlKey } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { addEvents, lockJob } from '../job-ledger.js';
import { rows } from '../statement.js';
import { storableJson, storableText } from '../storable-text.js';
import { type LockedCrawl, lockCrawl } from './crawl-row.js';
import { endPages } from './end-pages.js';

type Kind<Name extends PageFetched['kind']> = Extract<PageFetched, { kind: Name }>;

function ofKind<Name extends PageFetched['kind']>(pages: readonly PageFetched[], kind: Name): Kind<Name>[] {
  return pages.filter((page): page is Kind<Name> => page.kind === kind);
}

/** What fetching gave pages of a batch: states, snapshots, counters and events. Nothing changes in a final job. */
export async function recordFetched(manager: EntityManager, batch: BatchInput, pages: readonly PageFetched[]): Promise<void> {
  const { jobId } = batch;
  const job = await lockJob(manager, jobId);
  if (isFinal(job.state)) return;
  const crawl = await lockCrawl(manager, jobId);
  const adopted = await adoptTargets(manager, batch, crawl, ofKind(pages, 'redirected'));
  const fetched = await saveFetched(manager, batch, ofKind(pages, 'fetched'));
  await markToRender(
    manager,
    batch,
    ofKind(pages, 'to_render').map(({ key }) => key),
  );
  const again = await putBack(manager, batch, ofKind(pages, 'again'));
  const counts = { fetched: fetched + adopted.count, discovered: adopted.count };
  const told = await addEvents(manager, job, progressOf(batch, job.lastSeq, counts));
  const ends = [...ofKind(pages, 'ended').map(({ end }) => end), ...adopted.ends];
  const { released } = await endPages(manager, batch, told, ends);
  const freed = released + again - adopted.count;
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
  const fresh = pages.filter(({ notModified }) => !notModified).map(({ snapshot }) => snapshot);
  await saveSnapshots(manager, fresh);
  return changed.length;
}

function columnsOf(snapshot: Snapshot): Record<string, unknown> {
  return { snapshot, status: snapshot.status, bytes: snapshot.body.bytes, method: snapshot.method };
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
 * A redirect leads to another page: where the ledger does not have it yet, it takes over the body, the batch and the place in
 * the limit; the page that was asked for repeats it in any case. The target is never fetched a second time.
 */
async function adoptTargets(
  manager: EntityManager,
  { jobId, batch }: BatchInput,
  crawl: LockedCrawl,
  pages: readonly Kind<'redirected'>[],
): Promise<{ readonly count: number; readonly ends: readonly PageEnd[] }> {
  if (pages.length === 0) return { count: 0, ends: [] };
  const ends = pages.map(({ key, to, snapshot }): PageEnd => {
    const end = { key, status: snapshot.status };
    return to.verdict === null
      ? { ...end, state: 'duplicate', reason: 'redirect', detail: null, duplicateOf: to.url }
      : { ...end, state: 'skipped', reason: to.verdict.reason, detail: `redirects to ${to.url}: ${to.verdict.detail}` };
  });
  const inScope = pages.filter(({ to }) => to.verdict === null);
  const adopted = await rows(
    manager,
    `
    insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, batch, attempts, snapshot, status, bytes, method, timings_ms)
    select $1, key, url, host, pattern, depth, depth * 100, 'redirect', 'fetched', $2, 1, snapshot, status, bytes, method,
      jsonb_build_object('fetch', fetch_ms)
    from jsonb_to_recordset($3::jsonb) as target (key text, url text, host text, pattern text, depth integer, snapshot jsonb,
      status integer, bytes integer, method text, fetch_ms integer)
    where exists (select from crawl_pages as asked where asked.job_id = $1 and asked.batch = $2 and asked.state = 'leased')
    on conflict (job_id, url_hash) do nothing returning id`,
    [jobId, batch, storableJson([...new Map(inScope.map((page) => [page.to.key, targetRow(page)])).values()])],
  );
  if (adopted.length > 0)
    await rows(manager, 'update crawls set row_count = $2 where job_id = $1', [jobId, crawl.rowCount + adopted.length]);
  await saveSnapshots(
    manager,
    inScope.map(({ to, snapshot }) => ({ ...snapshot, url: to.url })),
  );
  return { count: adopted.length, ends };
}

function targetRow({ to, snapshot, fetchMs }: Kind<'redirected'>): Record<string, unknown> {
  const { key, url, host, pattern, depth } = to;
  return { key, url, host, pattern, depth, ...columnsOf({ ...snapshot, url }), fetch_ms: fetchMs };
}

/** They go to the batch for the browser; returns how many. */
export async function markToRender(manager: EntityManager, { jobId, batch }: BatchInput, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const marked = await rows(
    manager,
    `
    update crawl_pages set state = 'leased', needs_browser = true, batch = $4, updated_at = clock_timestamp()
    where job_id = $1 and batch = $2 and url_hash = any($3::text[]) and state in ('leased', 'fetched') and not needs_browser returning id`,
    [jobId, batch, keys, renderedBatch(batch)],
  );
  return marked.length;
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
