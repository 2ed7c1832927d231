import {
  type CrawlLedger,
  type CrawlPlan,
  type FetchBatchInput,
  type FetchBatchOutcome,
  type JudgedPage,
  type LeasedPage,
  type PageEnd,
  type PageFetched,
  type SiteMemory,
  type Snapshot,
  type SnapshotIndex,
  renderedBatch,
  urlKey,
} from '@gleaner/domain';
import { keyOf, templateKeyOf } from '@gleaner/extraction';
import pLimit from 'p-limit';
import type { HostLane } from '../fetch/host-lane.js';
import type { HostTurns } from '../fetch/host-turns.js';
import type { Robots } from '../fetch/robots/robots-service.js';
import { RedirectLeft } from '../fetch/redirect.js';
import { refusalOf } from '../fetch/refusal.js';
import type { PageFetcher } from '../fetch/page-fetcher.js';
import { BatchRecorder } from './batch-recorder.js';
import type { BrowserSamples } from './browser-samples.js';
import { createLinkJudge } from './link-judge.js';
import { pauseWatch } from './pause-watch.js';
import { faultedPage, fetchedPage } from './page-outcome.js';

export interface FetchBatchDeps {
  readonly ledger: CrawlLedger;
  /** Makes a fetcher that reads validators from and saves snapshots to this index. */
  readonly fetcherWith: (snapshots: SnapshotIndex) => PageFetcher;
  readonly snapshots: SnapshotIndex;
  readonly memory: SiteMemory;
  readonly turns: HostTurns;
  readonly robots: Robots;
  readonly hasBrowser: boolean;
  readonly samples: BrowserSamples;
}

/** Batches of a host that fetch at the same time share what the crawl may have at once. */
const BATCHES_AT_ONCE = 4;
/**
 * The start page leads to all others, so scripts shall build all of its links. Of the pages that it links to, one of each template is looked at
 * in the browser, to see what that adds: the others go there where it does.
 */
export const SAMPLED_DEPTH = 1;

/** Leases pages of a host and fetches them side by side. What is done is in the ledger, so that a retry goes on with the rest. */
export async function fetchBatch(deps: FetchBatchDeps, input: FetchBatchInput, signal: AbortSignal): Promise<FetchBatchOutcome> {
  const { ledger } = deps;
  const plan = await ledger.plan(input.jobId);
  const { pages, queued, dueInMs } = await ledger.lease(input, input.size);
  const open = pages.filter(({ state }) => state === 'leased');
  const recorder = new BatchRecorder(ledger, input);
  let intervalMs: number | null = null;
  // A body that is there needs no turn: the host is not asked for anything.
  for (const { key, snapshot } of open)
    if (snapshot !== null) await recorder.add({ kind: 'fetched', key, snapshot, notModified: true, fetchMs: 0 });
  await recorder.flush();
  const toFetch = open.filter(({ snapshot }) => snapshot === null);
  const [first] = toFetch;
  if (first !== undefined) {
    const crawlDelayMs = await crawlDelayOf(deps.robots, first.url, signal);
    const wanted = Math.max(1, Math.min(toFetch.length, Math.floor(plan.settings.concurrency / BATCHES_AT_ONCE)));
    await using lane = await deps.turns.openLane({
      url: new URL(first.url),
      crawlDelayMs,
      wanted,
      kinLimit: plan.settings.concurrency,
      holder: `${input.jobId} ${input.batch}`,
      signal,
    });
    intervalMs = lane.intervalMs;
    await fetchAll({ deps, plan, lane, recorder, signal }, toFetch);
  }
  const fetched = recorder.fetched + pages.filter(({ state }) => state === 'fetched').length;
  // Of the ledger and not of this attempt: one that was cut off may have sent pages to the browser already.
  const toRender =
    plan.settings.render === 'never' ? 0 : (await ledger.pagesOf({ ...input, batch: renderedBatch(input.batch) }, ['leased'])).length;
  return { leased: pages.length, fetched, toRender, queued, dueInMs, intervalMs };
}

/** What robots.txt says for the whole host; a page that it refuses is refused when its turn comes. */
async function crawlDelayOf(robots: Robots, url: string, signal: AbortSignal): Promise<number> {
  try {
    return await robots.admit(new URL('/', url), signal);
  } catch (error) {
    if (refusalOf(error) !== null) return 0;
    throw error;
  }
}

interface BatchRun {
  readonly deps: FetchBatchDeps;
  readonly plan: CrawlPlan;
  readonly lane: HostLane;
  readonly recorder: BatchRecorder;
  readonly signal: AbortSignal;
}

/** When the host wants a pause, pages that run end, what they gave is written, and the whole batch comes back later. */
async function fetchAll(run: BatchRun, pages: readonly LeasedPage[]): Promise<void> {
  const { deps, lane, recorder, signal } = run;
  const snapshots = unsaved(deps.snapshots, await deps.snapshots.latestOf(pages.map(({ url }) => urlKey(new URL(url)))));
  const fetcher = deps.fetcherWith(snapshots);
  const needsBrowser = browserJudge(deps, run.plan);
  const inLane = pLimit(lane.permits);
  const isPaused = pauseWatch(deps.ledger, run.plan.jobId);
  let stopped: unknown = null;
  await Promise.all(
    pages.map((page) =>
      inLane(async () => {
        if (stopped !== null || signal.aborted) return;
        try {
          const fetched = (await isPaused())
            ? ({ kind: 'returned', key: page.key } as const)
            : await fetchOne({ ...run, snapshots, fetcher, needsBrowser }, page);
          await recorder.add(fetched);
        } catch (error) {
          stopped ??= error;
        }
      }),
    ),
  );
  await recorder.flush();
  signal.throwIfAborted();
  if (stopped !== null) throw stopped as Error;
}

interface PageRun extends BatchRun {
  readonly snapshots: SnapshotIndex;
  readonly fetcher: PageFetcher;
  readonly needsBrowser: (page: LeasedPage) => Promise<boolean>;
}

async function fetchOne(run: PageRun, page: LeasedPage): Promise<PageFetched> {
  const { deps, plan, lane, fetcher, signal } = run;
  if (await run.needsBrowser(page)) return { kind: 'to_render', key: page.key };
  const known = await unmodifiedSince(run.snapshots, plan, page);
  if (known !== null) return { kind: 'fetched', key: page.key, snapshot: { ...known, url: page.url }, notModified: true, fetchMs: 0 };
  try {
    const outcome = await fetcher.fetch({
      url: page.url,
      fresh: false,
      signal,
      lane,
      follows: (url) => follows(deps.ledger, plan, page, url),
    });
    const target = outcome.kind === 'fetched' ? await targetOf(deps.ledger, plan, page, outcome.snapshot) : null;
    return fetchedPage(page, outcome, target);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RedirectLeft) return leftRedirect(plan, page, error);
    return faultedPage(page, error);
  }
}

/** A page that the ledger has is not fetched a second time, and one that does not belong to the crawl not at all. */
async function follows(ledger: Pick<CrawlLedger, 'has'>, plan: CrawlPlan, page: LeasedPage, target: URL): Promise<boolean> {
  const key = keyOf(target.href);
  if (key === page.key) return true;
  const { verdict } = createLinkJudge(plan).judge({ url: target.href, key, depth: page.depth, source: 'redirect' });
  if (verdict !== null) return page.depth === 0;
  return !(await ledger.has(plan.jobId, key));
}

function leftRedirect(plan: CrawlPlan, { key, depth }: LeasedPage, { target, status }: RedirectLeft): PageFetched {
  const url = withoutHash(target);
  const { verdict } = createLinkJudge(plan).judge({ url, key: keyOf(url), depth, source: 'redirect' });
  const end: PageEnd =
    verdict === null
      ? { key, status, state: 'duplicate', reason: 'redirect', detail: null, duplicateOf: url }
      : { key, status, state: 'skipped', reason: verdict.reason, detail: `redirects to ${url}: ${verdict.detail}` };
  return { kind: 'ended', end, fetchMs: 0 };
}

function withoutHash(url: URL): string {
  const page = new URL(url);
  page.hash = '';
  return page.href;
}

/** A sitemap says that the page has not changed since it was fetched: it is not asked for. The pages near the start always are. */
async function unmodifiedSince(snapshots: SnapshotIndex, { settings }: CrawlPlan, page: LeasedPage): Promise<Snapshot | null> {
  if (!settings.refresh || page.lastModified === null || page.depth <= 1) return null;
  const known = await snapshots.latest(urlKey(new URL(page.url)));
  return known !== null && Date.parse(known.fetchedAt) > Date.parse(page.lastModified) ? known : null;
}

/** The page that a redirect led to, judged; null when it is the page itself. */
export async function targetOf(
  ledger: Pick<CrawlLedger, 'moveStart'>,
  plan: CrawlPlan,
  page: LeasedPage,
  { finalUrl }: Snapshot,
): Promise<JudgedPage | null> {
  const key = keyOf(finalUrl);
  if (key === page.key) return null;
  const found = { url: finalUrl, key, depth: page.depth, source: 'redirect' } as const;
  const target = createLinkJudge(plan).judge(found);
  if (target.verdict === null || page.depth > 0) return target;
  // The start page lives elsewhere now: that is the site that was meant.
  await ledger.moveStart(plan.jobId, finalUrl);
  return createLinkJudge({ ...plan, startUrls: [...plan.startUrls, finalUrl] }).judge(found);
}

/** Looks up once for each template of the batch. */
function browserJudge({ memory, hasBrowser, samples }: FetchBatchDeps, { jobId, settings }: CrawlPlan): PageRun['needsBrowser'] {
  const known = new Map<string, Promise<boolean | null>>();
  return async (page) => {
    if (settings.render === 'never') return false;
    if (settings.render === 'always' || page.needsBrowser) return true;
    if (hasBrowser && page.depth === 0) return true;
    const template = templateKeyOf(page.url);
    const asked = known.get(template.templateId) ?? memory.needsBrowser(template);
    known.set(template.templateId, asked);
    const isNeeded = await asked;
    if (isNeeded !== null) return isNeeded;
    return hasBrowser && page.depth <= SAMPLED_DEPTH && samples.take(jobId, template.templateId);
  };
}

/** The index of a batch: read in one go, and saved together with the states of the pages, so saving one alone does nothing. */
function unsaved(snapshots: SnapshotIndex, known: ReadonlyMap<string, Snapshot>): SnapshotIndex {
  return { ...snapshots, latest: async (key) => known.get(key) ?? null, save: async () => undefined };
}
