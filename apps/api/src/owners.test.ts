import { createDocumentWriter } from '@gleaner/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../../../tools/test-postgres.mjs';
import { RouteTable } from './http/route-table.js';
import { ProblemSchema } from './http/problem.js';
import { DOCUMENT } from './test-support/samples.js';
import { type OwnedApi, startOwnedApi } from './test-support/owned-api.js';

const server = await startTestPostgres();
const LIMITS = { requestsPerMinute: 0, runningJobs: 0, pagesPerDay: 0 };

type Answer = Awaited<ReturnType<OwnedApi['call']>>;
type Issued = { readonly id: string; readonly ownerId: string; readonly secret: string };

describe.skipIf('unavailable' in server)('owners, on PostgreSQL', () => {
  /** Two processes on one database. */
  let api: OwnedApi;
  let other: OwnedApi;
  beforeAll(async () => {
    const url = 'url' in server ? server.url : '';
    [api, other] = [await startOwnedApi(url, LIMITS), await startOwnedApi(url, LIMITS)];
  });
  afterAll(async () => {
    await Promise.all([api?.close(), other?.close()]);
    if ('stop' in server) await server.stop();
  });

  const admin = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    api.call(`/api/v1${path}`, body === undefined ? { method } : { method, body });
  const newUser = async (limits = {}): Promise<string> => (await admin('/users', { name: 'someone', limits })).json.id;
  const newKey = async (ownerId: string, scopes = ['read', 'jobs']): Promise<Issued> =>
    (await admin('/keys', { name: 'a key', ownerId, scopes })).json;
  const start = (by: OwnedApi, key: string, page: string, headers = {}) =>
    by.call('/api/v1/jobs', { method: 'POST', key, headers, body: { kind: 'extract', input: { url: `https://example.com/${page}` } } });

  /** `STATUS CODE` of a sound problem. */
  const problemOf = (answer: Answer): string => {
    const { status, code } = ProblemSchema.strict().parse(answer.json);
    expect(status).toBe(answer.status);
    return `${status} ${code}`;
  };

  it('keys: the secret is shown once, opens what its scopes say, is rotated and revoked', async () => {
    const ownerId = await newUser();
    const created = await admin('/keys', { name: ' import ', ownerId, expiresAt: '2099-01-01T00:00:00+02:00' });
    expect([created.status, created.json]).toEqual([
      201,
      {
        id: expect.stringMatching(/^key_/),
        ownerId,
        name: 'import',
        scopes: ['read', 'jobs'],
        createdAt: expect.any(String),
        expiresAt: '2098-12-31T22:00:00.000Z',
        lastUsedAt: null,
        revokedAt: null,
        previousValidUntil: null,
        isFromEnvironment: false,
        secret: expect.stringMatching(/^glk_[\w-]{43}$/),
      },
    ]);
    const { id, secret } = created.json as Issued;
    expect((await api.call('/api/v1/jobs', { key: secret })).status).toBe(200);
    expect(problemOf(await api.call('/api/v1/keys', { key: secret }))).toBe('403 FORBIDDEN');
    const list = await admin(`/keys?owner=${ownerId}`);
    expect(list.json).toMatchObject({ items: [{ id, lastUsedAt: expect.any(String) }], next: null });
    expect(list.text).not.toContain(secret.slice(4));

    const rotated = (await admin(`/keys/${id}/rotate`, { graceSeconds: 600 })).json as Issued;
    for (const key of [secret, rotated.secret]) expect((await other.call('/api/v1/jobs', { key })).status).toBe(200);
    const again = (await admin(`/keys/${id}/rotate`, { graceSeconds: 0 })).json as Issued;
    expect((await api.call('/api/v1/jobs', { key: secret })).status).toBe(401);
    expect((await api.call('/api/v1/jobs', { key: rotated.secret })).status).toBe(401);
    expect((await api.call('/api/v1/jobs', { key: again.secret })).status).toBe(200);
    const revoked = await admin(`/keys/${id}/revoke`, undefined, 'POST');
    expect([revoked.status, typeof revoked.json.revokedAt]).toEqual([200, 'string']);
    expect((await api.call('/api/v1/jobs', { key: again.secret })).status).toBe(401);
    expect(problemOf(await admin(`/keys/${id}/rotate`, { graceSeconds: 0 }))).toBe('409 CONFLICT');
    expect((await admin(`/keys/${id}`)).text).not.toContain(again.secret.slice(4));
  });

  it.each([
    ['/keys', { name: '' }, 'name'],
    ['/keys', { name: 'n', scopes: [] }, 'scopes'],
    ['/keys', { name: 'n', scopes: ['root'] }, 'scopes.0'],
    ['/keys', { name: 'n', expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    ['/keys', { name: 'n', expiresAt: '9999-12-31T23:59:59-23:59' }, 'expiresAt'],
    ['/keys', { name: 'n', ownerId: 'usr_nobody' }, 'ownerId'],
    ['/keys', { name: 'n', secret: 'mine' }, 'secret'],
    ['/keys/key_1/rotate', { graceSeconds: 86_401 }, 'graceSeconds'],
    ['/users', { name: 'n', limits: { runningJobs: -1 } }, 'limits.runningJobs'],
    ['/users', { name: 'n', limits: { runninJobs: 1 } }, 'limits.runninJobs'],
  ])('refuses POST %s %j by path', async (path, body, field) => {
    const answer = await admin(path, body);
    expect(problemOf(answer)).toBe('422 INVALID_INPUT');
    expect(answer.json.errors.map((error: { path: string }) => error.path)).toEqual([field]);
  });

  it('what does not exist, lists page by page, and the key of the environment', async () => {
    const missing = [
      admin('/keys/key_none'),
      admin('/keys/key_none/revoke', undefined, 'POST'),
      admin('/users/usr_none'),
      admin('/users/usr_none', { name: 'x' }, 'PATCH'),
      admin('/usage/usr_none'),
    ];
    for (const answer of await Promise.all(missing)) expect(problemOf(answer)).toBe('404 NOT_FOUND');
    for (const path of ['/users', '/usage', '/keys']) {
      await newKey(await newUser());
      const first = await admin(`${path}?limit=1`);
      const second = await admin(`${path}?limit=1&cursor=${first.json.next}`);
      expect([first.json.items.length, second.json.items.length]).toEqual([1, 1]);
      expect(second.json.items).not.toEqual(first.json.items);
      expect(problemOf(await admin(`${path}?cursor=nonsense`))).toBe('422 INVALID_INPUT');
    }
    const own = `key_${'0'.repeat(26)}`;
    expect((await admin(`/keys/${own}`)).json).toMatchObject({ name: 'admin', isFromEnvironment: true });
    expect(problemOf(await admin(`/keys/${own}/revoke`, undefined, 'POST'))).toBe('409 CONFLICT');
    expect((await admin(`/users/usr_${'0'.repeat(26)}`)).json.limitsInForce).toEqual({
      requestsPerMinute: 0,
      runningJobs: 0,
      pagesPerDay: 0,
    });
  });

  it('running jobs and pages of a day are limited over both processes, by name and value', async () => {
    const ownerId = await newUser({ runningJobs: 3 });
    const { secret } = await newKey(ownerId);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => start(index % 2 ? api : other, secret, `${index}`)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    const refused = answers.filter(({ status }) => status !== 202);
    for (const answer of refused) {
      expect(problemOf(answer)).toBe('429 TOO_MANY_RUNNING_JOBS');
      expect(answer.json).toMatchObject({ retryable: true, limit: { name: 'runningJobs', value: 3 } });
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect((await admin(`/users/${ownerId}`, { limits: { runningJobs: 0, pagesPerDay: 4 } }, 'PATCH')).json.limits).toEqual({
      requestsPerMinute: null,
      runningJobs: 0,
      pagesPerDay: 4,
    });
    expect((await start(api, secret, 'fourth')).status).toBe(202);
    const last = await start(other, secret, 'fifth');
    expect(problemOf(last)).toBe('429 DAILY_PAGE_LIMIT');
    expect(Number(last.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
    expect((await admin(`/usage/${ownerId}`)).json).toMatchObject({ ownerId, jobs: { total: 4, today: 4, running: 4 }, pagesToday: 4 });
  });

  it('requests of a key are limited over both processes, and an owner without a limit is not', async () => {
    const ownerId = await newUser({ requestsPerMinute: 40 });
    const [limited, second] = [await newKey(ownerId), await newKey(ownerId)];
    const ask = (key: string) =>
      Promise.all(Array.from({ length: 60 }, (_, index) => (index % 2 ? api : other).call('/api/v1/jobs?limit=1', { key })));
    const answers = await ask(limited.secret);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
    const refused = answers.find(({ status }) => status !== 200)!;
    expect(problemOf(refused)).toBe('429 RATE_LIMITED');
    expect(refused.json.limit).toEqual({ name: 'requestsPerMinute', value: 40 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.call('/api/v1/jobs', { key: second.secret })).status).toBe(200);
    expect((await api.call('/health/live', { key: limited.secret })).status).toBe(200);
    expect((await Promise.all(Array.from({ length: 60 }, () => admin('/jobs?limit=1')))).every(({ status }) => status === 200)).toBe(true);
  });

  it('no route shows anything of another owner', async () => {
    const [mine, foreign] = [await newKey(await newUser()), await newKey(await newUser())];
    const foreignAdmin = await newKey(await newUser(), ['admin']);
    const job = (await start(api, mine.secret, 'mine', { 'idempotency-key': 'same' })).json;
    const { id: _, ...document } = { ...DOCUMENT, ownerId: mine.ownerId, jobId: job.id };
    const { documentId } = await createDocumentWriter(api.database).store(document, []);
    expect((await api.call(`/api/v1/documents/${documentId}`, { key: mine.secret })).status).toBe(200);
    const ids: Readonly<Record<string, string>> = {
      jobs: job.id,
      documents: documentId,
      keys: mine.id,
      users: mine.ownerId,
      usage: mine.ownerId,
    };
    const routes = api.app
      .get(RouteTable)
      .all()
      .filter((route) => / \/api\/v1\//.test(route) && !/^(HEAD|OPTIONS) /.test(route));
    const walked: { readonly route: string; readonly expected: string; readonly got: string }[] = [];
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      const room = path.split('/')[3] ?? '';
      const target = path.replace(':id', ids[room] ?? 'none').replaceAll(/:\w+/g, 'none');
      for (const [who, { secret }] of Object.entries({ foreign, foreignAdmin })) {
        const expected = expectedOf(path, room, who);
        // What is for admins only shows an admin all owners: that is what it is for. Sites are common knowledge.
        if (expected === null) continue;
        const answer = await api.call(target, { method, key: secret, ...(method === 'GET' ? {} : { body: bodyOf(path) }) });
        const leaks = answer.status < 400 && (answer.text.includes(job.id) || answer.text.includes(documentId));
        walked.push({
          route: `${who} ${route}`,
          expected,
          got: leaks ? 'LEAK' : answer.status < 400 ? 'own' : `${answer.status} ${answer.json?.code}`,
        });
      }
    }
    expect(walked.filter(({ expected, got }) => expected !== got)).toEqual([]);
    expect(walked.filter(({ expected }) => expected.startsWith('404')).length).toBeGreaterThanOrEqual(14);
    expect(walked.filter(({ expected }) => expected.startsWith('403')).length).toBeGreaterThanOrEqual(12);
    const same = await start(api, foreign.secret, 'mine', { 'idempotency-key': 'same' });
    expect([same.status, same.json.id === job.id]).toEqual([202, false]);
    expect((await api.call(`/api/v1/jobs/${job.id}`, { key: mine.secret })).json).toMatchObject({ state: 'queued', priority: 2 });
  });

  it('the system is told without secrets and without the address of the database', async () => {
    const { status, json, text } = await admin('/system');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      versions: { node: process.versions.node, temporal: null, postgresql: expect.stringMatching(/^\d+/), pgvector: expect.any(String) },
      models: [{ role: 'embed', provider: 'openai', model: 'test-model', configured: true }],
      limits: { owners: LIMITS },
    });
    expect(json.pools).toHaveLength(8);
    expect(json.pools[0]).toMatchObject({ queue: 'workflows', pollers: null, backlog: null });
    expect(text).not.toMatch(/postgresql:\/\/|glk_|gleaner-pg-/);
  });
});

/** What a caller of another owner must get; null where there is nothing to hide. A room that is not named here fails the walk. */
function expectedOf(path: string, room: string, who: string): string | null {
  if (['keys', 'users', 'usage', 'system'].includes(room)) return who === 'foreign' ? '403 FORBIDDEN' : null;
  if (room === 'sites') return null;
  if (path.endsWith('/live')) return '426 UPGRADE_REQUIRED';
  return path.includes(':') ? '404 NOT_FOUND' : 'own';
}

/** A body that the route takes, so that nothing but the owner stands in the way. */
function bodyOf(path: string): unknown {
  if (path.endsWith('/jobs')) return { kind: 'extract', input: { url: 'https://example.com/foreign' } };
  return path.endsWith('/jobs/:id') ? { options: { priority: 1 } } : undefined;
}
