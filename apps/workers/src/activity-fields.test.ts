import { createLogger } from '@gleaner/telemetry';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Context } from '@temporalio/activity';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { activityFields, hostOf } from './activity-fields.js';
import { activityInterceptor } from './activity-interceptor.js';
import type { ActivityEnd } from './worker-metrics.js';

const INPUT = { jobId: 'job_1', url: 'https://a.test:8443/private?token=secret' };

/** Runs the work inside the interceptor as a worker does; gives the lines that were logged and what was measured. */
async function ran(work: (log: ReturnType<typeof createLogger>) => Promise<unknown>) {
  const lines: Record<string, unknown>[] = [];
  const ends: ActivityEnd[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger({ name: 'workers', level: 'debug', fields: activityFields, destination });
  const environment = new MockActivityEnvironment(
    { taskQueue: 'fetch', activityType: 'fetchPage', attempt: 2 },
    { logger: new DefaultLogger('ERROR') },
  );
  const { inbound } = activityInterceptor(log, (end) => ends.push(end))(Context.prototype);
  await environment.run(async () => inbound?.execute?.({ args: [INPUT], headers: {} }, () => work(log))).catch(() => undefined);
  return { lines, ends };
}

describe('an activity', () => {
  it('lends its ids to every line that is written in it, and ends with one line', async () => {
    const { lines } = await ran(async (log) => {
      await new Promise((resolve) => setImmediate(resolve));
      log.info('from deep inside');
    });
    const ids = {
      jobId: 'job_1',
      stage: 'fetch',
      activity: 'fetchPage',
      attempt: 2,
      workflowId: 'test',
      runId: expect.any(String) as string,
    };
    expect(lines).toEqual([
      expect.objectContaining({ ...ids, msg: 'from deep inside' }),
      expect.objectContaining({ ...ids, msg: 'activity ended', outcome: 'ok' }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('a.test');
    expect(activityFields()).toBeUndefined();
  });

  it('is measured by what came of it: a refusal by its code, an unexpected error as INTERNAL', async () => {
    const refused = await ran(async () => ({ kind: 'refused', reason: 'robots', code: 'ROBOTS_DISALLOWED' }));
    expect(refused.ends).toMatchObject([{ stage: 'fetch', activity: 'fetchPage', outcome: 'ROBOTS_DISALLOWED' }]);
    const broken = await ran(async () => Promise.reject(new Error('boom')));
    expect(broken.ends).toMatchObject([{ outcome: 'INTERNAL' }]);
    expect(broken.lines.map(({ level }) => level)).toEqual(['warn', 'debug']);
  });
});

describe('hostOf', () => {
  it('is the host of the page and no more', () => {
    expect(hostOf(INPUT)).toBe('a.test:8443');
    expect(hostOf({ snapshot: { finalUrl: 'http://b.test/x' } })).toBe('b.test');
    for (const other of [null, 'text', {}, { url: 'nonsense' }, { snapshot: null }]) expect(hostOf(other)).toBeUndefined();
  });
});
