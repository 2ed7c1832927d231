/** Hosts of one crawl beside each other, templates that are learned meanwhile, and histories that become long. */
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deferred, eventsOf, hostRuns, runCrawl } from '../support/run-crawl.js';
import { StubCrawl, pagesOf } from '../support/stub-crawl.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const MOST_HOSTS = 20;

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

const hostNames = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `h${index}.test`);

describe('the hosts of a crawl', () => {
  it('are served as links lead to them, twenty at once', async () => {
    const full = deferred();
    const atOnce = new Set<string>();
    let most = 0;
    const stub = new StubCrawl(pagesOf('a.test', 1, { links: hostNames(30) })).on('fetchBatch', async ({ host = '', batch = '' }) => {
      if (host === 'a.test' || !batch.endsWith('#1')) return;
      atOnce.add(host);
      most = Math.max(most, atOnce.size);
      // a.test may still be among those that run.
      if (atOnce.size >= MOST_HOSTS) full.resolve();
      await full.promise;
      atOnce.delete(host);
    });
    const { outcome } = await runCrawl(temporal, stub);
    expect(outcome).toEqual({ pages: 31 });
    expect(most).toBe(MOST_HOSTS);
  });

  it('are found in the ledger when nobody told of them', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1, { links: ['b.test'] }));
    stub.isSilent = true;
    const { outcome } = await runCrawl(temporal, stub);
    expect(outcome).toEqual({ pages: 2 });
  });

  it('do not wait for a busy one, whose waiting is in no history', async () => {
    const free = deferred();
    let refusals = 0;
    const stub = new StubCrawl([...pagesOf('busy.test', 3), ...pagesOf('b.test', 50)]).on('fetchBatch', async ({ host }) => {
      if (host !== 'busy.test' || refusals++ >= 5) return;
      await free.promise;
      throw ApplicationFailure.create({ message: 'busy', type: 'HOST_BUSY', nextRetryDelay: 50 });
    });
    const { handle, outcome } = await runCrawl(temporal, stub, {
      during: async () => {
        await expect.poll(() => stub.states['stored'], { timeout: 20_000 }).toBe(50);
        free.resolve();
      },
    });
    expect(outcome).toEqual({ pages: 53 });
    expect(stub.callsOf('fetchBatch').filter(({ end, input }) => end === 'failed' && input.host === 'busy.test')).toHaveLength(5);
    const busy = (await hostRuns(temporal.client, handle)).find(({ workflowId }) => workflowId.includes('busy.test'));
    const scheduled = busy === undefined ? [] : (await eventsOf(busy)).filter((event) => event.activityTaskScheduledEventAttributes);
    // fetch, extract, embed, store, and the look for more
    expect(scheduled).toHaveLength(5);
  });
});

describe('a template that nobody knows', () => {
  it('is learned once, which no page waits for and the end does', async () => {
    const learning = deferred();
    const stub = new StubCrawl(pagesOf('c.test', 60, { template: 'tpl_once' })).on('learnTemplate', () => learning.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async () => {
        await expect.poll(() => stub.states['stored'], { timeout: 20_000 }).toBe(60);
        await expect.poll(() => stub.callsOf('learnTemplate').length, { timeout: 20_000 }).toBe(1);
        expect(stub.callsOf('finishCrawl')).toHaveLength(0);
        learning.resolve();
      },
    });
    expect(outcome).toEqual({ pages: 60 });
    expect(stub.learned).toEqual(['tpl_once']);
    const [samples] = stub.callsOf('learnTemplate').map(({ input }) => (input as { samples?: unknown[] }).samples);
    expect(samples).toHaveLength(6);
  });

  it('is tried at the end with few samples, and not with fewer', async () => {
    const stub = new StubCrawl([...pagesOf('d.test', 3, { template: 'tpl_three' }), ...pagesOf('d.test', 2, { template: 'tpl_two' })]);
    await runCrawl(temporal, stub);
    expect(stub.learned).toEqual(['tpl_three']);
  });

  it('is no error when its learning fails or another job learns it already', async () => {
    const learning = deferred();
    const first = new StubCrawl(pagesOf('e.test', 6, { template: 'tpl_shared' })).on('learnTemplate', () => learning.promise);
    const second = new StubCrawl(pagesOf('e.test', 6, { template: 'tpl_shared' }));
    await runCrawl(temporal, first, {
      during: async () => {
        await expect.poll(() => first.callsOf('learnTemplate').length, { timeout: 20_000 }).toBe(1);
        // The workers of both serve the same queues, so the second job runs on the stages of the first or of its own.
        learning.resolve();
      },
    });
    expect(first.learned).toEqual(['tpl_shared']);
    second.on('learnTemplate', () => {
      throw ApplicationFailure.nonRetryable('broken', 'INTERNAL');
    });
    const { outcome } = await runCrawl(temporal, second);
    expect(outcome).toEqual({ pages: 6 });
  });
});

describe('a host whose history becomes long', () => {
  let strict: TestTemporal;
  beforeAll(async () => void (strict = await startTemporal({ settings: ['limit.historyCount.suggestContinueAsNew=60'] })));
  afterAll(() => strict[Symbol.asyncDispose]());

  it('goes on in a new run and neither loses nor doubles anything', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1_000, { template: 'tpl_long' }));
    const { handle, outcome } = await runCrawl(strict, stub);
    expect(outcome).toEqual({ pages: 1_000 });
    expect((await hostRuns(strict.client, handle)).length).toBeGreaterThan(2);
    expect(stub.states).toEqual({ stored: 1_000 });
    for (const { went } of stub.rows) expect(went).toEqual(['fetch', 'extract', 'store']);
    const batches = stub.callsOf('fetchBatch').map(({ input }) => input.batch);
    expect(new Set(batches).size).toBe(batches.length);
    expect(stub.learned).toEqual(['tpl_long']);
  });

  it('keeps paused and steered what was', async () => {
    const held = deferred();
    const stub = new StubCrawl(pagesOf('a.test', 400)).on('fetchBatch', ({ batch }) => (batch === 'a.test#3' ? held.promise : undefined));
    const { handle, outcome } = await runCrawl(strict, stub, {
      during: async (job) => {
        await expect.poll(() => stub.callsOf('fetchBatch').length, { timeout: 20_000 }).toBeGreaterThan(3);
        await job.signal('steerJob', { priority: 1 });
        await job.signal('pauseJob');
        held.resolve();
        await expect.poll(() => stub.callsOf('pauseJob').length, { timeout: 20_000 }).toBe(1);
        await job.signal('resumeJob');
      },
    });
    expect(outcome).toEqual({ pages: 400 });
    const last = (await hostRuns(strict.client, handle)).at(-1);
    const priorities = (last === undefined ? [] : await eventsOf(last)).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled ? [scheduled.priority?.priorityKey] : [],
    );
    expect(new Set(priorities)).toEqual(new Set([1]));
  });
});
