import { NO_LIMITS } from '@gleaner/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_TIMINGS } from '../config.js';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';

const PAGE = 'https://app.example.com';

describe('pages of another origin', () => {
  let open: TestApi;
  let closed: TestApi;
  beforeAll(async () => {
    const config = {
      host: '127.0.0.1',
      port: 0,
      dataFolder: '/nowhere',
      logLevel: 'fatal' as const,
      blobsUrl: undefined,
      temporal: { address: '127.0.0.1:1', namespace: 'default', uiUrl: undefined },
      timings: DEFAULT_TIMINGS,
      secrets: { databaseUrl: '', adminKey: undefined },
      corsOrigins: [PAGE],
      tracing: null,
      limits: { owners: NO_LIMITS, pages: { maxBytes: 1, maxRedirects: 1, fetchTimeoutMs: 1, renderTimeoutMs: 1 } },
      models: [],
    };
    open = await startTestApi({ platform: { config } });
    closed = await startTestApi();
  });
  afterAll(async () => {
    await open.close();
    await closed.close();
  });

  const preflight = (api: TestApi, origin: string) =>
    api.call('/api/v1/jobs', {
      method: 'OPTIONS',
      key: null,
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,idempotency-key' },
    });

  it('lets the listed origin in, before a key is asked for', async () => {
    const answer = await preflight(open, PAGE);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/Idempotency-Key.*Last-Event-ID/);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it('shows answers and errors to the listed origin', async () => {
    const jobs = await open.call('/api/v1/jobs', { headers: { origin: PAGE } });
    expect([jobs.status, jobs.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    const refused = await open.call('/api/v1/jobs', { key: null, headers: { origin: PAGE } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, PAGE]);
    expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });

  it.each(['https://app.example.com.evil.example', 'http://app.example.com', 'null', 'https://APP.example.com'])(
    'refuses %s',
    async (origin) => {
      expect((await preflight(open, origin)).headers.get('access-control-allow-origin')).toBeNull();
      const answer = await open.call('/api/v1/jobs', { key: KEYS.admin, headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('does not turn unknown paths into known ones', async () => {
    expect((await open.call('/api/v1/nothing')).status).toBe(404);
  });

  it('knows no origin by default', async () => {
    const answer = await preflight(closed, PAGE);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
