import type { JobEvent, JobReader } from '@gleaner/domain';
import { createLogger } from '@gleaner/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_CONFIG } from '../platform/platform.module.js';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { ApiMetrics } from './api-metrics.js';

const lines: string[] = [];
let api: TestApi;
let open: TestApi;
beforeAll(async () => {
  const log = createLogger({ name: 'test', level: 'debug', destination: { write: (line) => void lines.push(line) } });
  api = await startTestApi({ platform: { log } });
  // Says that it listens for all; what it really listens on is no matter of the guard.
  open = await startTestApi({ platform: { config: { ...api.app.get(API_CONFIG), host: '0.0.0.0' } } });
});
afterAll(() => Promise.all([api.close(), open.close()]));

const requests = (route: string): readonly Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line)).filter(({ msg, route: own }) => msg === 'request' && own === route);

describe('GET /metrics', () => {
  it('is open where only this machine can ask', async () => {
    const answer = await api.call('/metrics', { key: null });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toMatch(/^gleaner_open_streams\{kind="sse"\} 0$/m);
  });

  it('asks for an admin key where others can', async () => {
    expect((await open.call('/metrics', { key: null })).status).toBe(401);
    expect((await open.call('/metrics', { key: 'glk_wrong' })).status).toBe(401);
    expect((await open.call('/metrics', { key: KEYS.reader })).status).toBe(403);
    expect((await open.call('/metrics', { key: KEYS.admin })).status).toBe(200);
  });

  it('has one series for a route, however many paths it takes', async () => {
    for (const id of ['job_00000000000000000000000001', 'job_00000000000000000000000002']) await api.call(`/api/v1/jobs/${id}`);
    await api.call('/no/such/path');
    const { text } = await api.call('/metrics');
    expect(text).toMatch(/request_duration_seconds_count\{method="GET",route="\/api\/v1\/jobs\/:id",status="404"\} 2/);
    expect(text).toMatch(/route="unmatched"/);
    expect(text).not.toMatch(/job_0|such/);
  });
});

describe('the log line of a request', () => {
  it('has method, route, status, time and job; no query, no key', async () => {
    await api.call('/api/v1/jobs/job_00000000000000000000000003?token=hiddenquery');
    expect(requests('/api/v1/jobs/:id').at(-1)).toMatchObject({
      level: 'info',
      method: 'GET',
      status: expect.any(Number) as number,
      durationMs: expect.any(Number) as number,
      jobId: 'job_00000000000000000000000003',
    });
    expect(lines.join('')).not.toMatch(/hiddenquery|glk_/);
  });

  it('is for debugging where machines ask all the time', async () => {
    await api.call('/health/live');
    expect(requests('/health/live').map(({ level }) => level)).toEqual(['debug']);
    expect(new Set(requests('/metrics').map(({ level }) => level))).toEqual(new Set(['debug']));
  });
});

describe('the lag of the event feed', () => {
  const event = (seq: number): JobEvent =>
    ({ seq, job: 'job_1', type: 'job.started', at: new Date(Date.now() - 2_000).toISOString() }) as unknown as JobEvent;

  it('counts what came since the last look, not the past of a job', async () => {
    const answers = [[event(1), event(2)], [event(3)], []];
    const metrics = new ApiMetrics();
    const reader = metrics.observedReader({ eventsOfMany: async () => answers.shift() ?? [] } as unknown as JobReader);
    const counted = async (after: number): Promise<string | undefined> => {
      await reader.eventsOfMany(new Map([['job_1', after]]), 100);
      return /^gleaner_event_feed_lag_seconds_count (\d+)$/m.exec(await metrics.text())?.[1];
    };
    expect(await counted(0)).toBe('0');
    expect(await counted(2)).toBe('1');
    expect(await counted(3)).toBe('1');
    expect(await metrics.text()).toMatch(/feed_lag_seconds_bucket\{le="1"\} 0\n.*le="2\.5"\} 1/);
  });
});
