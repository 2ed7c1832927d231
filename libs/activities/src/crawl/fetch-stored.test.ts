import { type LeasedPage, type PageFetched, type Snapshot, crawlSettings } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { type FetchBatchDeps, fetchBatch } from './fetch-batch.js';

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
  depth: 0,
  attempts: 1,
  state: 'leased',
  needsBrowser: true,
  snapshot,
  lastModified: null,
  fetchMs: 0,
};

function nobody(what: string): never {
  throw new Error(`${what} was asked`);
}

it('asks neither the host nor its robots.txt for pages whose bodies are there', async () => {
  const recorded: PageFetched[] = [];
  const settings = crawlSettings({ url: snapshot.url }, 'extract');
  const deps = {
    ledger: {
      plan: async () => ({ jobId: 'j', ownerId: 'o', settings, startUrls: [snapshot.url] }),
      lease: async () => ({ pages: [page, { ...page, key: 'b' }], queued: 0, dueInMs: null }),
      fetched: async (_batch: unknown, pages: readonly PageFetched[]) => void recorded.push(...pages),
    },
    robots: { admit: () => nobody('robots.txt') },
    turns: { openLane: () => nobody('the host') },
    snapshots: { latestOf: () => nobody('the index') },
    memory: { needsBrowser: () => nobody('the memory') },
    fetcherWith: () => nobody('a fetcher'),
    hasBrowser: true,
  } as unknown as FetchBatchDeps;
  const outcome = await fetchBatch(
    deps,
    { jobId: 'j', host: 'example.com', batch: 'example.com#1', size: 8 },
    new AbortController().signal,
  );
  expect(outcome).toEqual({ leased: 2, fetched: 2, toRender: 0, queued: 0, dueInMs: null, intervalMs: 0 });
  expect(recorded.map(({ kind }) => kind)).toEqual(['fetched', 'fetched']);
});
