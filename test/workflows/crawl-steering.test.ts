/** What callers do to a running crawl, as its workflows take it: pause, steer, change, deadline, cancel. */
import type { CrawlChange } from '@gleaner/domain';
import { CHANGE_CRAWL, PAUSE_JOB, RESUME_JOB, STEER_JOB } from '@gleaner/workflows/contract';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deferred, eventsOf, hostRuns, runCrawl } from '../support/run-crawl.js';
import { StubCrawl, type StageName, pagesOf } from '../support/stub-crawl.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const SOON = { timeout: 20_000 };

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

const change = (handle: WorkflowHandle, wanted: CrawlChange): Promise<unknown> => handle.executeUpdate(CHANGE_CRAWL, { args: [wanted] });
const hasCalled = (stub: StubCrawl, name: StageName, times = 1): Promise<void> =>
  expect.poll(() => stub.callsOf(name).length, SOON).toBeGreaterThanOrEqual(times);

/** Changes nothing: nobody waits for its end. */
const READING: ReadonlySet<StageName> = new Set(['pickSamples']);

/** Everything that began between the two, in the order of beginning. */
function between(stub: StubCrawl, from: StageName, to: StageName): readonly StageName[] {
  const names = stub.calls.map(({ name }) => name);
  return names.slice(names.indexOf(from) + 1, names.lastIndexOf(to));
}

/** The names of stages that ran when the ledger was ended. */
/** Why a workflow task failed. The server refuses to end a workflow that has news (UnhandledCommand) and asks it again: that is no failure of ours. */
function failureOfTask({ workflowTaskFailedEventAttributes: failed }: Awaited<ReturnType<typeof eventsOf>>[number]): string[] {
  const message = failed?.failure?.message;
  return !message || message === 'UnhandledCommand' ? [] : [message];
}

function runningAtFinish(stub: StubCrawl): StageName[] {
  const running: StageName[] = [];
  stub.on(
    'finishCrawl',
    () => void running.push(...stub.calls.filter(({ name, end }) => end === 'runs' && !READING.has(name)).map(({ name }) => name)),
  );
  return running;
}

async function priorities(handle: WorkflowHandle): Promise<(number | null | undefined)[]> {
  return (await eventsOf(handle)).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [scheduled.priority?.priorityKey] : [],
  );
}

describe('a paused crawl', () => {
  it('begins no stage until it is resumed, and is paused once however often that is asked', async () => {
    const held = deferred();
    const stub = new StubCrawl([...pagesOf('a.test', 60), ...pagesOf('b.test', 60)]).on('fetchBatch', () => held.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'fetchBatch', 2);
        await handle.signal(PAUSE_JOB);
        await handle.signal(PAUSE_JOB);
        await expect.poll(async () => hasPauseSignal(await hostRuns(temporal.client, handle)), SOON).toBe(true);
        expect(stub.callsOf('pauseJob')).toHaveLength(0);
        held.resolve();
        await hasCalled(stub, 'pauseJob');
        // Messages that pass through all workflows meanwhile wake nothing.
        await handle.signal(STEER_JOB, { priority: 2 });
        await change(handle, { limit: 1_000 });
        await handle.signal(RESUME_JOB);
      },
    });
    expect(outcome).toEqual({ pages: 120 });
    expect(between(stub, 'pauseJob', 'resumeJob')).toEqual(['changeCrawl', 'openCrawl']);
    expect(stub.callsOf('pauseJob')).toHaveLength(1);
    expect(stub.callsOf('resumeJob')).toHaveLength(1);
  });

  it('rests at once where a host only waits for what is due later, and goes on as often as it is resumed', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1, { failsFirst: { times: 1, dueInMs: 86_400_000 } }));
    await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'fetchBatch', 2);
        for (let turn = 1; turn <= 3; turn++) {
          await handle.signal(PAUSE_JOB);
          await hasCalled(stub, 'pauseJob', turn);
          await handle.signal(RESUME_JOB);
          await hasCalled(stub, 'resumeJob', turn);
        }
        for (const row of stub.rows) row.dueAtMs = 0;
        await change(handle, { limit: 10 });
      },
    });
    expect(stub.states).toEqual({ stored: 1 });
  });

  it('starts no host that was found meanwhile, and does not end while it is paused', async () => {
    const held = deferred();
    const stub = new StubCrawl(pagesOf('a.test', 1, { links: ['b.test', 'c.test'] })).on('extractBatch', ({ host }) =>
      host === 'a.test' ? held.promise : undefined,
    );
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'extractBatch');
        await handle.signal(PAUSE_JOB);
        held.resolve();
        await hasCalled(stub, 'pauseJob');
        expect(await hostRuns(temporal.client, handle)).toHaveLength(1);
        await handle.signal(RESUME_JOB);
      },
    });
    expect(outcome).toEqual({ pages: 3 });
    expect(between(stub, 'pauseJob', 'resumeJob')).toEqual([]);
  });

  it('can be paused before it begins', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1));
    await runCrawl(temporal, stub, {
      signal: PAUSE_JOB,
      during: async (handle) => {
        await hasCalled(stub, 'pauseJob');
        await handle.signal(RESUME_JOB);
      },
    });
    expect(stub.calls.slice(0, 4).map(({ name }) => name)).toEqual(['startJob', 'pauseJob', 'resumeJob', 'openCrawl']);
  });

  it('can be cancelled', async () => {
    const held = deferred();
    const stub = new StubCrawl(pagesOf('a.test', 60)).on('fetchBatch', () => held.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'fetchBatch');
        await handle.signal(PAUSE_JOB);
        held.resolve();
        await hasCalled(stub, 'pauseJob');
        await handle.cancel();
      },
    });
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(between(stub, 'pauseJob', 'finishJob')).toEqual(['finishCrawl']);
    expect(stub.callsOf('finishCrawl').map(({ input }) => input.end)).toEqual(['cancelled']);
  });

  it('is cancelled when nobody resumes it', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 1));
    await runCrawl(temporal, stub, { signal: PAUSE_JOB, pauseLimitMs: 100 });
    expect(stub.callsOf('finishCrawl').map(({ input }) => input.end)).toEqual(['cancelled']);
    expect(stub.calls.at(-1)).toMatchObject({ name: 'finishJob', input: { state: 'cancelled', error: { code: 'CANCELLED' } } });
  });
});

async function hasPauseSignal(hosts: readonly WorkflowHandle[]): Promise<boolean> {
  const events = await Promise.all(hosts.map(eventsOf));
  return events.every((those) => those.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'pauseHost'));
}

describe('the priority of a crawl', () => {
  it('reaches hosts that run and hosts that come', async () => {
    const held = deferred();
    const stub = new StubCrawl(pagesOf('a.test', 1, { links: ['b.test'] })).on('fetchBatch', ({ host }) =>
      host === 'a.test' ? held.promise : undefined,
    );
    const { handle } = await runCrawl(temporal, stub, {
      during: async (job) => {
        await hasCalled(stub, 'fetchBatch');
        await job.signal(STEER_JOB, { priority: 1 });
        const [host] = await hostRuns(temporal.client, job);
        await expect
          .poll(async () => (host ? await eventsOf(host) : []).some((event) => event.workflowExecutionSignaledEventAttributes), SOON)
          .toBe(true);
        held.resolve();
      },
    });
    const [first, second] = await hostRuns(temporal.client, handle);
    expect(first && (await priorities(first)).slice(1)).toEqual([1, 1, 1, 1]);
    expect(second && new Set(await priorities(second))).toEqual(new Set([1]));
  });

  it('holds for all hosts when it was set before the crawl began', async () => {
    const starting = deferred();
    const stub = new StubCrawl(pagesOf('a.test', 1)).on('startJob', () => starting.promise);
    const { handle } = await runCrawl(temporal, stub, {
      during: async (job) => {
        await hasCalled(stub, 'startJob');
        await job.signal(STEER_JOB, { priority: 1 });
        starting.resolve();
      },
    });
    const [host] = await hostRuns(temporal.client, handle);
    expect(host && new Set(await priorities(host))).toEqual(new Set([1]));
  });
});

describe('a change of a crawl', () => {
  const limited = (pages: number, limit: number): StubCrawl => {
    const stub = new StubCrawl(pagesOf('a.test', pages));
    stub.limit = limit;
    return stub;
  };

  it('makes one that runs go on', async () => {
    const held = deferred();
    const stub = limited(50, 10).on('storeBatch', () => held.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'storeBatch');
        await change(handle, { limit: 30 });
        held.resolve();
      },
    });
    expect(outcome).toEqual({ pages: 30 });
  });

  it('makes one go on that is looking for the last time', async () => {
    const held = deferred();
    const changing = deferred();
    const stub = limited(50, 10);
    stub
      .on('openCrawl', () => (stub.callsOf('openCrawl').length === 2 ? held.promise : undefined))
      // The last look has said that nothing is left while the change is being written.
      .on('changeCrawl', () => changing.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'openCrawl', 2);
        const changed = change(handle, { limit: 30 });
        await hasCalled(stub, 'changeCrawl');
        held.resolve();
        await expect.poll(() => stub.callsOf('openCrawl')[1]?.end, SOON).toBe('done');
        changing.resolve();
        await changed;
      },
    });
    expect(outcome).toEqual({ pages: 30 });
    // The host came a second time, and its batches have names of their own.
    const batches = stub.callsOf('fetchBatch').map(({ input }) => input.batch);
    expect(new Set(batches).size).toBe(batches.length);
  });

  it('is taken before the ledger is open, and holds', async () => {
    const starting = deferred();
    const opening = deferred();
    const stub = limited(50, 10)
      .on('startJob', () => starting.promise)
      .on('openCrawl', () => opening.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        const changed = change(handle, { limit: 30 });
        starting.resolve();
        await hasCalled(stub, 'openCrawl');
        expect(stub.callsOf('changeCrawl')).toHaveLength(0);
        opening.resolve();
        await changed;
      },
    });
    expect(outcome).toEqual({ pages: 30 });
  });

  it('is refused when the crawl is ending', async () => {
    const held = deferred();
    const stub = limited(50, 10).on('finishCrawl', () => held.promise);
    const { outcome } = await runCrawl(temporal, stub, {
      during: async (handle) => {
        await hasCalled(stub, 'finishCrawl');
        await expect(change(handle, { limit: 30 })).rejects.toMatchObject({ cause: { type: 'CONFLICT', message: /ending/ } });
        held.resolve();
      },
    });
    expect(outcome).toEqual({ pages: 10 });
  });
});

describe('a crawl that is stopped', () => {
  it('by its deadline cancels what runs, ends the ledger, and fails', async () => {
    const stub = new StubCrawl(pagesOf('a.test', 60)).on('fetchBatch', ({ batch }) =>
      batch === 'a.test#1' ? undefined : deferred().promise,
    );
    const running = runningAtFinish(stub);
    await runCrawl(temporal, stub, { input: { deadlineSeconds: 2 } });
    expect(running).toEqual(['finishCrawl']);
    expect(stub.callsOf('finishCrawl').map(({ input }) => input.end)).toEqual(['deadline']);
    expect(stub.calls.at(-1)).toMatchObject({ name: 'finishJob', input: { state: 'failed', error: { code: 'DEADLINE_EXCEEDED' } } });
    expect(stub.states).toEqual({ stored: 8, skipped: 52 });
  });

  it('by its caller cancels every batch of every host, and says cancelled when none runs any more', async () => {
    const never = deferred();
    const stub = new StubCrawl([...pagesOf('a.test', 300), ...pagesOf('b.test', 300)])
      .on('fetchBatch', ({ batch = '' }) => (batch.endsWith('#2') ? never.promise : undefined))
      .on('embedBatch', ({ batch = '' }) => (batch.endsWith('#3') ? never.promise : undefined))
      .on('storeBatch', ({ batch = '' }) => (batch.endsWith('#4') ? never.promise : undefined));
    const held = (): readonly string[] => stub.calls.filter(({ end }) => end === 'runs').map(({ input }) => input.batch ?? '');
    const running = runningAtFinish(stub);
    const { handle, outcome } = await runCrawl(temporal, stub, {
      during: async (job) => {
        await expect.poll(() => held().toSorted(), SOON).toEqual(['a.test#2', 'a.test#3', 'a.test#4', 'b.test#2', 'b.test#3', 'b.test#4']);
        await job.cancel();
      },
    });
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(running).toEqual(['finishCrawl']);
    expect(stub.calls.filter(({ end }) => end === 'cancelled')).toHaveLength(6);
    expect(stub.calls.slice(-2)).toMatchObject([
      { name: 'finishCrawl', input: { end: 'cancelled' } },
      { name: 'finishJob', input: { state: 'cancelled' } },
    ]);
    expect(stub.callsOf('abandonBatch')).toHaveLength(0);
    for (const host of await hostRuns(temporal.client, handle)) expect((await host.describe()).status.name).toBe('CANCELLED');
  });

  it('while sitemaps are read, templates learned and pages rendered leaves no workflow task that fails', async () => {
    const never = deferred();
    const stub = new StubCrawl([
      ...pagesOf('a.test', 6, { template: 'tpl_cancelled' }),
      ...pagesOf('a.test', 1, { scripted: 'known' }),
      ...pagesOf('a.test', 1, { scripted: 'shell' }),
    ])
      .on('readSitemaps', () => never.promise)
      .on('renderBatch', () => never.promise)
      .on('pickSamples', () => never.promise)
      .on('storeBatch', () => never.promise);
    stub.sitemap = pagesOf('b.test', 1);
    const running = runningAtFinish(stub);
    const { handle } = await runCrawl(temporal, stub, {
      during: async (job) => {
        for (const name of ['readSitemaps', 'renderBatch', 'pickSamples', 'storeBatch'] as const) await hasCalled(stub, name);
        await job.cancel();
      },
    });
    expect(running).toEqual(['finishCrawl']);
    for (const run of [handle, ...(await hostRuns(temporal.client, handle))])
      expect((await eventsOf(run)).flatMap(failureOfTask)).toEqual([]);
  });
});
