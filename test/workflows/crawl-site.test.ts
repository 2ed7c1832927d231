/** A crawl as its workflows lead it: every page once, side by side within the window, until nothing is left. */
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readableText } from '../support/payload-text.js';
import { type CrawlRun, deferred, eventsOf, hostRuns, runCrawl } from '../support/run-crawl.js';
import { StubCrawl, pagesOf } from '../support/stub-crawl.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const ONCE = ['fetch', 'extract', 'store'];
const WINDOW = 6;
const MAX_MESSAGE_BYTES = 10_000;

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

function expectAllOnce(stub: StubCrawl, pages: number): void {
  expect(stub.states).toEqual({ stored: pages });
  for (const { went } of stub.rows) expect(went).toEqual(ONCE);
}

async function allEvents({ handle }: CrawlRun) {
  const runs = [handle, ...(await hostRuns(temporal.client, handle))];
  return (await Promise.all(runs.map(eventsOf))).flat();
}

describe('the pages of a crawl', () => {
  it('go through every stage once, with few events and small messages', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 2_000));
    const run = await runCrawl(temporal, stub);
    expect(run.outcome).toEqual({ pages: 2_000 });
    expectAllOnce(stub, 2_000);
    const events = await allEvents(run);
    expect(events.length).toBeLessThanOrEqual(2_000);
    for (const event of events) expect(Buffer.byteLength(readableText(event))).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(stub.callsOf('finishCrawl').map(({ input }) => input.end)).toEqual(['limit']);
    expect(stub.calls.at(-1)).toMatchObject({ name: 'finishJob', input: { state: 'completed' } });
  });

  it('are fetched while others are stored, and never in more batches than the window has', async () => {
    const full = deferred();
    const begun = new Set<string>();
    let most = 0;
    const stub = new StubCrawl(pagesOf('a.test', 600))
      .on('fetchBatch', ({ batch = '' }) => {
        begun.add(batch);
        most = Math.max(most, begun.size);
      })
      // The first batch is stored only when the window is full of others.
      .on('storeBatch', async ({ batch = '' }) => {
        if (begun.size === WINDOW) full.resolve();
        if (batch === 'a.test#1') await full.promise;
        begun.delete(batch);
      })
      .on('extractBatch', () => begun.size === WINDOW && full.resolve());
    await runCrawl(temporal, stub);
    expectAllOnce(stub, 600);
    expect(most).toBe(WINDOW);
  });

  it('are all found where every page leads to the next one only', async () => {
    let left = 12;
    const stub = new StubCrawl(pagesOf('a.test', 1)).on('extractBatch', () => void (left-- > 0 && stub.put(pagesOf('a.test', 1))));
    await runCrawl(temporal, stub);
    expectAllOnce(stub, 13);
  });

  it('that are not there end it at once: nothing readable is what the start page says', async () => {
    const stub = new StubCrawl([]);
    const { outcome } = await runCrawl(temporal, stub);
    expect(outcome).toBeInstanceOf(WorkflowFailedError);
    expect(stub.callsOf('fetchBatch')).toHaveLength(0);
    expect(stub.calls.at(-1)).toMatchObject({ name: 'finishJob', input: { state: 'failed', error: { code: 'HTTP_404' } } });
  });

  it('that fail for now are waited for and fetched again, by the same host workflow', async () => {
    const stub = new StubCrawl([...pagesOf('a.test', 5), ...pagesOf('a.test', 2, { failsFirst: { times: 2, dueInMs: 700 } })]);
    const run = await runCrawl(temporal, stub);
    expectAllOnce(stub, 7);
    expect(stub.rows.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 1, 1, 3, 3]);
    const hosts = await hostRuns(temporal.client, run.handle);
    expect(hosts).toHaveLength(1);
    const timers = (await allEvents(run)).filter((event) => event.timerFiredEventAttributes);
    expect(timers.length).toBeGreaterThanOrEqual(2);
    // One look for each time that something may have come back, none in a circle.
    expect(stub.callsOf('fetchBatch').length).toBeLessThanOrEqual(9);
  });

  it('that come while the host waits for others are fetched before those', async () => {
    const waits = deferred();
    const stub = new StubCrawl([...pagesOf('a.test', 1), ...pagesOf('a.test', 1, { failsFirst: { times: 1, dueInMs: 86_400_000 } })]).on(
      'readSitemaps',
      () => waits.promise,
    );
    stub.sitemap = pagesOf('a.test', 3);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await expect.poll(async () => (await hostsTimers(handle)) > 0, { timeout: 20_000 }).toBe(true);
        waits.resolve();
        await expect.poll(() => stub.states['stored'], { timeout: 20_000 }).toBe(4);
        await handle.cancel();
      },
    });
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(stub.states).toEqual({ stored: 4, skipped: 1 });
  });

  it('are read again where a pause cut their reading off', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1));
    stub.sitemap = pagesOf('a.test', 3);
    stub.sitemapCuts = 2;
    const { outcome } = await runCrawl(temporal, stub);
    expect([outcome, stub.callsOf('readSitemaps').length]).toEqual([{ pages: 4 }, 3]);
  });

  it('of a host that wants pauses between requests come in small batches, also after an empty answer', async () => {
    const stub = new StubCrawl([...pagesOf('a.test', 60), ...pagesOf('a.test', 1, { failsFirst: { times: 1, dueInMs: 500 } })]);
    stub.intervals.set('a.test', 3_000);
    stub.on('extractBatch', () => void (stub.states['queued'] === 0 && stub.rows.length < 90 && stub.put(pagesOf('a.test', 30))));
    await runCrawl(temporal, stub);
    expect(stub.states).toEqual({ stored: stub.rows.length });
    const [first, ...others] = stub.callsOf('fetchBatch').map(({ input }) => input as { readonly size?: number });
    expect(first?.size).toBe(8);
    for (const { size } of others) expect(size).toBeLessThanOrEqual(5);
  });

  it('that need the browser go through it once, whether that is known before or found out', async () => {
    const stub = new StubCrawl([
      ...pagesOf('a.test', 2),
      ...pagesOf('a.test', 3, { scripted: 'known' }),
      ...pagesOf('a.test', 3, { scripted: 'shell' }),
    ]);
    await runCrawl(temporal, stub);
    expect(stub.states).toEqual({ stored: 8 });
    expect(stub.rows.map(({ went }) => went.filter((stage) => stage === 'render').length)).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
    const seen = stub.callsOf('renderBatch');
    expect(seen).toHaveLength(2);
    // The second began when the first was stored.
    const stored = stub.calls.findIndex(({ name, input }) => name === 'storeBatch' && input.batch === 'a.test#1r');
    expect(stub.calls.lastIndexOf(seen[1] as (typeof seen)[0])).toBeGreaterThan(stored);
  });
});

async function hostsTimers(handle: CrawlRun['handle']): Promise<number> {
  const [host] = await hostRuns(temporal.client, handle);
  return host === undefined ? 0 : (await eventsOf(host)).filter((event) => event.timerStartedEventAttributes).length;
}

describe('a stage that fails for good', () => {
  const broken = (): never => {
    throw ApplicationFailure.nonRetryable('it is broken', 'PARSE_TIMEOUT');
  };

  it('abandons its batch and no other', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 120)).on('extractBatch', ({ batch }) => void (batch === 'a.test#1' && broken()));
    const { outcome } = await runCrawl(temporal, stub);
    expect(outcome).toEqual({ pages: 112 });
    expect(stub.states).toEqual({ failed: 8, stored: 112 });
    expect(stub.callsOf('abandonBatch').map(({ input }) => input)).toMatchObject([
      { batch: 'a.test#1', code: 'PARSE_TIMEOUT', detail: 'it is broken' },
    ]);
  });

  it('leaves nothing of its batch running when two parts of it fail', async () => {
    const rendering = deferred();
    const stub = new StubCrawl([...pagesOf('a.test', 2), ...pagesOf('a.test', 2, { scripted: 'known' })])
      .on('extractBatch', broken)
      .on('renderBatch', async () => {
        await rendering.promise;
        broken();
      });
    const { outcome } = await runCrawl(temporal, stub, {
      during: async () => {
        await expect.poll(() => stub.callsOf('extractBatch').map(({ end }) => end)).toEqual(['failed']);
        expect(stub.callsOf('abandonBatch')).toHaveLength(0);
        rendering.resolve();
      },
    });
    expect(outcome).toBeInstanceOf(WorkflowFailedError);
    expect(stub.states).toEqual({ failed: 4 });
    expect(stub.callsOf('abandonBatch')).toHaveLength(1);
  });

  it('fails the job when the crawl cannot be opened, with the reason, whatever the ledger says then', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1)).on('openCrawl', broken).on('finishCrawl', () => {
      throw ApplicationFailure.nonRetryable('no such crawl', 'NOT_FOUND');
    });
    await runCrawl(temporal, stub);
    expect(stub.callsOf('finishCrawl').map(({ input }) => input.end)).toEqual(['failed']);
    expect(stub.calls.at(-1)).toMatchObject({ name: 'finishJob', input: { state: 'failed', error: { code: 'PARSE_TIMEOUT' } } });
  });
});
