import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { ProblemSchema } from './problem.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const post = (body: unknown, options = {}) => api.call('/api/v1/jobs', { method: 'POST', body, ...options });

/** `STATUS CODE` of an answer that is a sound problem document. */
function problemIn(answer: Awaited<ReturnType<TestApi['call']>>): string {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { status, code, type } = ProblemSchema.strict().parse(answer.json);
  expect([status, type]).toEqual([answer.status, `/docs/errors#${code}`]);
  return `${status} ${code}`;
}

describe('problems', () => {
  it.each([
    ['broken JSON', { text: '{"kind":' }, 400, 'MALFORMED_JSON'],
    ['a prototype in the JSON', { text: '{"__proto__":{"a":1}}' }, 400, 'MALFORMED_JSON'],
    ['another type of body', { text: '<x/>', headers: { 'content-type': 'application/xml' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a plain text body', { text: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', { text: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a body that is too large', { text: `{"x":"${'y'.repeat(1_000_001)}"}` }, 413, 'BODY_TOO_LARGE'],
    ['no body', {}, 422, 'INVALID_INPUT'],
    ['an empty body', { text: '' }, 422, 'INVALID_INPUT'],
    ['a list', { body: [] }, 422, 'INVALID_INPUT'],
    ['an unknown kind', { body: { kind: 'teleport', input: {} } }, 422, 'UNSUPPORTED_KIND'],
    [
      'a bad key for idempotency',
      { body: { kind: 'extract', input: { url: 'https://example.com/' } }, headers: { 'idempotency-key': 'x'.repeat(256) } },
      422,
      'INVALID_INPUT',
    ],
  ])('%s', async (_, options, status, code) => {
    expect(problemIn(await api.call('/api/v1/jobs', { method: 'POST', ...options }))).toBe(`${status} ${code}`);
  });

  it.each(
    [
      '',
      'not a url',
      'ftp://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://',
      'http://user:pw@127.0.0.1:9/',
      `http://127.0.0.1:9/${'a'.repeat(9_000)}`,
    ].map((url) => [url.slice(0, 30), url]),
  )('a URL that is none: %s', async (_, url) => {
    const answer = await post({ kind: 'extract', input: { url } });
    expect(problemIn(answer)).toBe('422 INVALID_INPUT');
    expect(answer.json.errors).toEqual([{ path: 'input.url', message: expect.stringMatching(/^must /) }]);
  });

  it('names every wrong field by its path', async () => {
    const answer = await post({
      kind: 'extract',
      input: { url: 'https://example.com/', rendr: 'never', fresh: 'yes' },
      priority: 9,
      labels: ['a b'],
      more: 1,
    });
    expect(answer.json.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'input.fresh',
      'input.rendr',
      'labels.0',
      'more',
      'priority',
    ]);
    expect((await post({ kind: 'teleport', input: { url: 'https://example.com/', limit: -1 } })).json.errors[0]).toEqual({
      path: 'kind',
      message: 'must be one of extract, learn, crawl',
    });
  });

  it('unknown paths, wrong methods and broken URLs', async () => {
    expect(problemIn(await api.call('/api/v1/nothing'))).toBe('404 NOT_FOUND');
    expect(problemIn(await api.call('/api/v1/jobs/job_none'))).toBe('404 NOT_FOUND');
    expect(problemIn(await api.call(`/api/v1/jobs/${'x'.repeat(500)}`))).toBe('404 NOT_FOUND');
    expect(problemIn(await api.call('/api/v1/jobs/%zz'))).toBe('404 NOT_FOUND');
    const wrong = await api.call('/api/v1/jobs', { method: 'DELETE' });
    expect(problemIn(wrong)).toBe('405 METHOD_NOT_ALLOWED');
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it.each([
    '/api/v1/jobs?kin=extract',
    '/api/v1/jobs?limit=0',
    '/api/v1/jobs?limit=201',
    '/api/v1/jobs?limit=many',
    '/api/v1/jobs?since=yesterday',
    '/api/v1/jobs?state=gone',
    '/api/v1/jobs?state=queued&state=failed',
    '/api/v1/jobs/job_1?x=1',
    '/health/live?x=1',
    '/api/v1/documents/doc_1?include=all',
  ])('a query that is refused: %s', async (path) => {
    const answer = await api.call(path);
    expect(problemIn(answer)).toBe('422 INVALID_INPUT');
    expect(path).toContain(answer.json.errors[0].path);
  });

  it('keeps the inside to itself', async () => {
    const broken = await startTestApi({
      platform: {
        apiKeys: {
          authenticate: async () => {
            throw new Error('connect ECONNREFUSED /secret/socket');
          },
        },
      },
    });
    const answer = await broken.call('/api/v1/jobs');
    await broken.close();
    expect(problemIn(answer)).toBe('500 INTERNAL');
    expect(answer.text).not.toMatch(/secret|ECONN/);
  });
});

describe('keys', () => {
  it('are asked for on everything under /api/v1', async () => {
    for (const path of ['/api/v1/jobs', '/api/v1/jobs/job_1/events', '/api/v1/sites', '/api/v1/documents/doc_1']) {
      const answer = await api.call(path, { key: null });
      expect(problemIn(answer)).toBe('401 UNAUTHENTICATED');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    expect(problemIn(await api.call('/api/v1/jobs', { key: 'nope' }))).toBe('401 UNAUTHENTICATED');
    expect(problemIn(await api.call('/api/v1/jobs', { key: null, headers: { authorization: `Basic ${KEYS.admin}` } }))).toBe(
      '401 UNAUTHENTICATED',
    );
  });

  it('open what their scope says', async () => {
    expect((await api.call('/api/v1/jobs', { key: KEYS.reader })).status).toBe(200);
    expect(problemIn(await post({ kind: 'extract', input: { url: 'https://example.com/' } }, { key: KEYS.reader }))).toBe('403 FORBIDDEN');
    expect(problemIn(await api.call('/api/v1/jobs', { key: KEYS.jobs }))).toBe('403 FORBIDDEN');
    expect((await api.call('/health/live', { key: null })).json).toEqual({ status: 'ok' });
  });
});

describe('headers', () => {
  it('are strict everywhere, and let Swagger UI work at /docs only', async () => {
    const answer = await api.call('/api/v1/jobs');
    expect(answer.headers.get('content-security-policy')).toBe(
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const docs = await api.call('/docs', { key: null });
    expect(docs.status).toBe(200);
    expect(docs.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await api.call('/docs/swagger-ui-bundle.js', { key: null })).status).toBe(200);
    expect((await api.call('/docs/errors', { key: null })).text).toContain('id="INVALID_INPUT"');
  });
});
