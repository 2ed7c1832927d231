/** What callers do to a running job, as its workflow takes it: pause, resume, steer, retry. */
import type { ResumePointInput } from '@gleaner/domain';
import { PAUSE_JOB, RESUME_JOB, STEER_JOB } from '@gleaner/workflows/contract';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withWorkers } from '../support/stage-workers.js';
import { startJob } from '../support/start-job.js';
import { type StageCalls, snapshotOf, stubStages } from '../support/stub-stages.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const URL_1 = 'https://example.com/news/1';

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve: () => resolve() };
}

/** A job whose fetch lasts until the test lets it end. */
async function heldInFetch(answers: Partial<StageCalls>, use: (handle: WorkflowHandle, release: () => void) => Promise<unknown>) {
  const fetching = deferred();
  const released = deferred();
  const stages = stubStages({
    fetchPage: async ({ url }) => {
      fetching.resolve();
      await released.promise;
      return { kind: 'fetched', snapshot: snapshotOf(url), notModified: false, durationMs: 5 };
    },
    ...answers,
  });
  const outcome = await withWorkers(temporal.address, stages, async () => {
    const handle = await startJob(temporal.client, 'extract', { url: URL_1 }, { pauseLimitMs: 86_400_000 });
    await fetching.promise;
    return use(handle, released.resolve);
  });
  return { stages, outcome };
}

describe('a running job', () => {
  it('waits between two stages while it is paused, and goes on where it was', async () => {
    const { stages, outcome } = await heldInFetch({}, async (handle, release) => {
      await handle.signal(PAUSE_JOB);
      await handle.signal(PAUSE_JOB);
      release();
      await expect.poll(() => pausedCount(handle)).toBe(1);
      await handle.signal(RESUME_JOB);
      return handle.result();
    });
    expect(outcome).toEqual({ documentId: 'doc_1' });
    expect(stages.called.slice(0, 5)).toEqual(['startJob', 'fetchPage', 'pauseJob', 'resumeJob', 'extractDocument']);
    expect(stages.called.filter((name) => name === 'pauseJob')).toHaveLength(1);
    expect(stages.finished).toMatchObject([{ state: 'completed' }]);
  });

  it('never pauses when the pause is taken back in time', async () => {
    const { stages } = await heldInFetch({}, async (handle, release) => {
      await handle.signal(PAUSE_JOB);
      await handle.signal(RESUME_JOB);
      release();
      return handle.result();
    });
    expect(stages.called).not.toContain('pauseJob');
  });

  it('can be cancelled while it is paused', async () => {
    const { stages, outcome } = await heldInFetch({}, async (handle, release) => {
      await handle.signal(PAUSE_JOB);
      release();
      await expect.poll(() => pausedCount(handle)).toBe(1);
      await handle.cancel();
      return handle.result().catch((error: unknown) => error);
    });
    expect(stages.finished).toMatchObject([{ state: 'cancelled' }]);
    expect(stages.called).not.toContain('extractDocument');
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
  });

  it('is cancelled when nobody resumes it within the limit', async () => {
    const stages = stubStages();
    await withWorkers(temporal.address, stages, async () => {
      const handle = await startJob(temporal.client, 'extract', { url: URL_1 }, { pauseLimitMs: 100, signal: PAUSE_JOB });
      await handle.result().catch(() => {});
    });
    expect(stages.called).toEqual(['startJob', 'pauseJob', 'finishJob']);
    expect(stages.finished).toMatchObject([{ state: 'cancelled', error: { code: 'CANCELLED' } }]);
  });

  it('schedules the stages to come with the priority it is steered to, and no other job does', async () => {
    const { outcome } = await heldInFetch({}, async (handle, release) => {
      const other = await startJob(temporal.client, 'extract', { url: URL_1 });
      await handle.signal(STEER_JOB, { priority: 1 });
      release();
      await Promise.all([handle.result(), other.result()]);
      return { steered: await priorities(handle), other: await priorities(other) };
    });
    const { steered, other } = outcome as { steered: (number | undefined)[]; other: (number | undefined)[] };
    expect(steered[0]).not.toBe(1);
    expect(steered.slice(1)).toEqual([1, 1, 1, 1]);
    expect(other).not.toContain(1);
  });
});

describe('a job that does another again', () => {
  const retried = async (fresh: boolean, snapshot: ReturnType<typeof snapshotOf> | null) => {
    const asked: ResumePointInput[] = [];
    const stages = stubStages({
      findResumePoint: async (input) => {
        asked.push(input);
        return snapshot;
      },
    });
    await withWorkers(temporal.address, stages, async () =>
      (await startJob(temporal.client, 'extract', { url: URL_1, fresh }, { retryOf: 'job_before' })).result(),
    );
    return { asked, called: stages.called };
  };

  it('goes on from the stored page, without a fetch', async () => {
    const { asked, called } = await retried(false, snapshotOf(URL_1));
    expect(asked).toMatchObject([{ retryOf: 'job_before', ownerId: 'usr_test', url: URL_1, render: 'auto' }]);
    expect(called.slice(0, 3)).toEqual(['startJob', 'findResumePoint', 'extractDocument']);
    expect(called).not.toContain('fetchPage');
  });

  it('fetches where nothing is stored, and does not ask when it must be fresh', async () => {
    expect((await retried(false, null)).called.slice(0, 3)).toEqual(['startJob', 'findResumePoint', 'fetchPage']);
    expect((await retried(true, snapshotOf(URL_1))).called.slice(0, 2)).toEqual(['startJob', 'fetchPage']);
  });
});

/** How often the history says that the job began to wait: a timer is started for every pause. */
async function pausedCount(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.timerStartedEventAttributes).length;
}

async function priorities(handle: WorkflowHandle): Promise<(number | undefined)[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled ? [scheduled.priority?.priorityKey ?? undefined] : [],
  );
}
