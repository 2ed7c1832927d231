/** How often a stage is tried again, with the interceptor of our workers around it and a real server that carries the count. */
import { Fault } from '@gleaner/domain';
import { activityInterceptor } from '../../apps/workers/src/activity-interceptor.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withWorkers } from '../support/stage-workers.js';
import { startJob } from '../support/start-job.js';
import { snapshotOf, stubStages } from '../support/stub-stages.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

/** Fetching fails with these, one an attempt, and then succeeds. */
async function fetchAfter(faults: readonly Fault[]) {
  let attempts = 0;
  const stages = stubStages({
    fetchPage: async ({ url }) => {
      const fault = faults[attempts++];
      if (fault !== undefined) throw fault;
      return { kind: 'fetched', snapshot: snapshotOf(url), notModified: false, durationMs: 1 };
    },
  });
  const log = { warn: () => undefined };
  await withWorkers(
    temporal.address,
    stages,
    async () => {
      const handle = await startJob(temporal.client, 'extract', { url: 'https://example.com/news/1' });
      await handle.result().catch(() => undefined); // how the job ended is told below
    },
    { activity: [activityInterceptor(log)] },
  );
  return { attempts, end: stages.finished[0] };
}

const busy = Array.from({ length: 7 }, () => new Fault('HOST_BUSY', { detail: 'later', retryAfterMs: 10 }));
const unexpected = (times: number) => Array.from({ length: times }, () => new Fault('INTERNAL', { detail: 'x', retryAfterMs: 10 }));

describe('a stage that is tried again', () => {
  it('does not use its attempts up by waiting for a busy host', async () => {
    const { attempts, end } = await fetchAfter([...busy, ...unexpected(2), ...busy, ...unexpected(2)]);
    expect(end).toMatchObject({ state: 'completed' });
    expect(attempts).toBe(19);
  });

  it('is given up after five faults that nobody expected', async () => {
    const { attempts, end } = await fetchAfter([...busy, ...unexpected(6)]);
    expect(end).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } });
    expect(attempts).toBe(busy.length + 5);
  });
});
