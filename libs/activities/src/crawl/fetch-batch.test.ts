import { type FetchOutcome, type LeasedPage, type PageFetched, type RenderMode, type Snapshot, crawlSettings } from '@gleaner/domain';
import { afterEach, expect, it, vi } from 'vitest';
import { BrowserSamples } from './browser-samples.js';
import { type FetchBatchDeps, fetchBatch } from './fetch-batch.js';

const INPUT = { jobId: 'j', host: 'example.com', batch: 'example.com#1', size: 8 };
const snapshot: Snapshot = {
  body: { hash: 'sha256:00', bytes: 1 },
  url: 'https://example.com/a',
  finalUrl: 'https://example.com/a',
  status: 200,
  contentType: 'text/html',
  charset: 'utf-8',
  method: 'http',
  fetchedAt: '2026-01-02T03:04:05.000Z',
  redirects: [],
};
const page: LeasedPage = {
  key: 'a',
  url: snapshot.url,
  depth: 1,
  attempts: 1,
  state: 'leased',
  needsBrowser: false,
  snapshot: null,
  lastModified: null,
  fetchMs: 0,
};

afterEach(() => void vi.useRealTimers());

function nobody(what: string): never {
  throw new Error(`${what} was asked`);
}

/** A ledger that leases these pages, and what was recorded of them. */
function ledgerWith(pages: readonly LeasedPage[], isPaused = false, render: RenderMode = 'never') {
  const recorded: PageFetched[] = [];
  const settings = crawlSettings({ url: snapshot.url, render });
  const ledger = {
    plan: async () => ({ jobId: 'j', ownerId: 'o', settings, startUrls: [snapshot.url] }),
    lease: async () => ({ pages, queued: 0, dueInMs: null }),
    fetched: async (_batch: unknown, fetched: readonly PageFetched[]) => void recorded.push(...fetched),
    isPaused: async () => isPaused,
    pagesOf: async ({ batch }: { readonly batch: string }) => (batch === `${INPUT.batch}r` ? [page] : []),
  };
  return { ledger, recorded };
}

it('asks neither the host nor its robots.txt for pages whose bodies are there', async () => {
  const { ledger, recorded } = ledgerWith([
    { ...page, snapshot, needsBrowser: true },
    { ...page, key: 'b', snapshot },
  ]);
  const deps = {
    ledger,
    robots: { admit: () => nobody('robots.txt') },
    turns: { openLane: () => nobody('the host') },
    snapshots: { latestOf: () => nobody('the index') },
    memory: { needsBrowser: () => nobody('the memory') },
    fetcherWith: () => nobody('a fetcher'),
    hasBrowser: true,
  } as unknown as FetchBatchDeps;
  const outcome = await fetchBatch(deps, INPUT, new AbortController().signal);
  expect(outcome).toEqual({ leased: 2, fetched: 2, toRender: 0, queued: 0, dueInMs: null, intervalMs: null });
  expect(recorded.map(({ kind }) => kind)).toEqual(['fetched', 'fetched']);
});

it('gives back what it has not asked for when the job is paused meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const keys = ['a', 'b', 'c'];
  const { ledger, recorded } = ledgerWith(
    keys.map((key) => ({ ...page, key, url: `https://example.com/${key}` })),
    true,
  );
  const fetch = async ({ url }: { readonly url: string }): Promise<FetchOutcome> => {
    vi.advanceTimersByTime(1_500);
    return { kind: 'refused', reason: 'http_404', code: 'HTTP_404', detail: url, durationMs: 1 };
  };
  const deps = {
    ledger,
    robots: { admit: async () => 0 },
    turns: { openLane: async () => ({ permits: 1, intervalMs: 0, [Symbol.asyncDispose]: async () => undefined }) },
    snapshots: { latestOf: async () => new Map() },
    fetcherWith: () => ({ fetch }),
    hasBrowser: false,
  } as unknown as FetchBatchDeps;
  await fetchBatch(deps, INPUT, new AbortController().signal);
  expect(recorded.map((one) => (one.kind === 'returned' ? `returned ${one.key}` : one.kind))).toEqual([
    'ended',
    'returned b',
    'returned c',
  ]);
});

it('tells of pages that an attempt which was cut off has sent to the browser', async () => {
  const { ledger } = ledgerWith([{ ...page, key: 'b', snapshot }], false, 'auto');
  expect(await fetchBatch({ ledger } as unknown as FetchBatchDeps, INPUT, new AbortController().signal)).toMatchObject({
    leased: 1,
    fetched: 1,
    toRender: 1,
  });
});

it('looks at one page of each template below the start page in the browser, until it is known what that adds', async () => {
  const fetch = async ({ url }: { readonly url: string }): Promise<FetchOutcome> => ({
    kind: 'fetched',
    snapshot: { ...snapshot, url, finalUrl: url },
    notModified: false,
    durationMs: 1,
  });
  const known: Record<string, boolean> = {};
  const samples = new BrowserSamples();
  const rendered = async (paths: readonly string[], depth: number): Promise<readonly string[]> => {
    const pages = paths.map((path) => ({ ...page, key: path, url: `https://example.com${path}`, depth }));
    const { ledger, recorded } = ledgerWith(pages, false, 'auto');
    const deps = {
      ledger,
      robots: { admit: async () => 0 },
      turns: { openLane: async () => ({ permits: 1, intervalMs: 0, [Symbol.asyncDispose]: async () => undefined }) },
      snapshots: { latestOf: async () => new Map() },
      fetcherWith: () => ({ fetch }),
      memory: { needsBrowser: async ({ shape }: { readonly shape: string }) => known[shape] ?? null },
      hasBrowser: true,
      samples,
    } as unknown as FetchBatchDeps;
    await fetchBatch(deps, INPUT, new AbortController().signal);
    return recorded.flatMap((one) => (one.kind === 'to_render' ? [one.key] : []));
  };
  expect(await rendered(['/'], 0)).toEqual(['/']);
  expect(await rendered(['/news/1', '/news/2', '/item/7', '/item/8'], 1)).toEqual(['/news/1', '/item/7']);
  expect(await rendered(['/news/3', '/item/9'], 1)).toEqual([]);
  expect(await rendered(['/deep/1', '/deep/2'], 2)).toEqual([]);
  Object.assign(known, { '/item/*': true, '/news/*': false, '/wiki/*': false });
  expect(await rendered(['/news/4', '/item/10', '/wiki/1'], 1)).toEqual(['/item/10']);
  expect(await rendered(['/news/5', '/item/11'], 4)).toEqual(['/item/11']);
});
