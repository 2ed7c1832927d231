/** kill -9 of each process in the middle of an extract job: it ends correctly, and once. */
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, kill, startGleaner, waitUntil } from '../support/gleaner.js';

let site: FixtureSite;
let gleaner: Gleaner;
beforeAll(async () => {
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address] });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

/** `temporal.api.enums.v1.PendingActivityState` STARTED. */
const STARTED = 2;
const FINAL = /^job\.(completed|failed|cancelled)$/;

/** Asks over and over while processes die and come back. */
const persistently = <T>(ask: () => Promise<T>): Promise<T> => waitUntil(() => ask().catch(() => null), 90_000) as Promise<T>;

async function expectEndedOnce(jobId: string, mark: string): Promise<void> {
  const job = await waitUntil(async () => {
    const seen = await gleaner.client.job(jobId).catch(() => null);
    return seen !== null && ['completed', 'failed', 'cancelled'].includes(seen.state) ? seen : null;
  }, 120_000);
  expect(job).toMatchObject({ state: 'completed', error: null, counts: { stored: 1, failed: 0 } });
  expect(await persistently(() => gleaner.client.markdown(jobId))).toContain(mark);
  const events = await persistently(() => Array.fromAsync(gleaner.client.watch(jobId)));
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.filter((event) => FINAL.test(event.type))).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('job.completed');
  expect(events.filter((event) => event.type === 'page.stored')).toHaveLength(1);
}

describe('kill -9 in the middle of an extract job', () => {
  it.each(['temporal', 'database', 'api', 'worker-io'].map((name, index) => [name, index] as const))(
    'of %s',
    async (name, n) => {
      const path = `/news/story-${n}`;
      const held = site.hold(path);
      const { id } = await persistently(() =>
        gleaner.client.startJob({ kind: 'extract', input: { url: site.url + path, render: 'never' } }),
      );
      await held.arrived;
      const pid = (await gleaner.pids())[name] ?? 0;
      kill(pid);
      await waitUntil(async () => ((await gleaner.pids())[name] ?? pid) !== pid, 60_000);
      held.release();
      await expectEndedOnce(id, markOf(n));
    },
    200_000,
  );

  it('of worker-cpu, while it extracts', async () => {
    const pid = (await gleaner.pids())['worker-cpu'] ?? 0;
    // Stopped, its open poll still takes the task: the extraction has begun and goes nowhere.
    process.kill(pid, 'SIGSTOP');
    const { id } = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-8`, render: 'never' } });
    const connection = await Connection.connect({ address: gleaner.ready.temporal });
    try {
      const { workflow } = await gleaner.client.job(id);
      await waitUntil(async () => {
        const execution = { workflowId: workflow.id };
        const { pendingActivities } = await connection.workflowService.describeWorkflowExecution({ namespace: 'default', execution });
        return pendingActivities?.some(({ activityType, state }) => activityType?.name === 'extractDocument' && Number(state) === STARTED);
      }, 60_000);
    } finally {
      await connection.close();
    }
    kill(pid);
    await expectEndedOnce(id, markOf(8));
  }, 200_000);

  it('of worker-browser', async () => {
    const held = site.hold('/app');
    const { id } = await persistently(() =>
      gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/app`, render: 'always' } }),
    );
    await held.arrived;
    const pid = (await gleaner.pids())['worker-browser'] ?? 0;
    kill(pid);
    await waitUntil(async () => ((await gleaner.pids())['worker-browser'] ?? pid) !== pid, 60_000);
    held.release();
    await expectEndedOnce(id, 'markapp');
  }, 200_000);

  it('of everything at once, supervisor included: the next start finishes the job', async () => {
    const held = site.hold('/news/story-9');
    const { id } = await persistently(() =>
      gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-9`, render: 'never' } }),
    );
    await held.arrived;
    await gleaner.killAll();
    held.release();
    gleaner = await startGleaner({ allow: [site.address], folder: gleaner.folder });
    await expectEndedOnce(id, markOf(9));
  }, 200_000);
});
