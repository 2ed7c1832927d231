import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerPage } from '../test-support/memory-ledger.js';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { LedgerPageListSchema } from './crawl.dto.js';
import { jobView } from './job-view.js';
import { JobSchema } from './job.dto.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

let sites = 0;
const post = async (input: object, url = `https://site${++sites}.example/`) =>
  api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'crawl', input: { url, ...input } } });
const started = async (input: object = {}, url?: string): Promise<string> => (await post(input, url)).json.id;
const call = (method: string, path: string, body?: unknown, key: string = KEYS.admin) =>
  api.call(`/api/v1/jobs/${path}`, { method, key, ...(body === undefined ? {} : { body }) });
const pathsOf = (answer: { json: { errors?: { path: string }[] } }) => answer.json.errors?.map(({ path }) => path);

describe('starting a crawl', () => {
  it('takes all of its options and shows them', async () => {
    const input = {
      limit: 10,
      depth: 0,
      include: ['/a'],
      exclude: ['*.pdf$'],
      scope: 'domain',
      sitemap: 'only',
      concurrency: 1,
      deadlineSeconds: 60,
    };
    const { status, json } = await post(input);
    expect([status, JSON.stringify(JobSchema.strict().parse(json).input)]).toEqual([202, JSON.stringify(json.input)]);
    expect(json).toMatchObject({
      kind: 'crawl',
      input,
      links: { pages: `/api/v1/jobs/${json.id}/pages` },
      workflow: { id: expect.stringMatching(/^crawl\/site/) },
    });
  });

  it('is the running one when all options are the same, defaults included', async () => {
    const url = 'https://same.example/';
    const id = await started({ exclude: ['/a', '/b'] }, url);
    expect(await started({ exclude: ['/a', '/b'], limit: 500, scope: 'host', refresh: false, include: [] }, `${url}?utm_source=x#y`)).toBe(
      id,
    );
    for (const other of [{ exclude: ['/b', '/a'] }, { exclude: ['/a', '/b'], limit: 501 }, { exclude: ['/a', '/b'], deadlineSeconds: 60 }])
      expect(await started(other, url)).not.toBe(id);
  });

  it('takes fields or a schema for every page, and names what is wrong with them by its path', async () => {
    const { status, json } = await post({ fields: { price: { type: 'number' }, warranty: {} } });
    expect([status, json.input.fields]).toEqual([202, { price: { type: 'number' }, warranty: {} }]);
    const schema = { type: 'object', required: ['price'], properties: { price: { type: 'number' } } };
    expect((await post({ schema })).json.input.schema).toEqual(schema);
    // Another question is another job, also while the first one runs.
    expect((await post({ fields: { price: { type: 'integer' } } })).status).toBe(202);
    const errors = async (input: object) => (await post(input)).json.errors;
    expect(await errors({ schema, fields: { price: {} } })).toEqual([{ path: 'input.fields', message: 'cannot be given beside schema' }]);
    expect(await errors({ schema: { properties: { price: { type: 'nmber' } } } })).toEqual([
      { path: 'input.schema.properties.price.type', message: expect.stringContaining('"nmber" is none of') },
    ]);
    expect(await errors({ fields: { price: { typ: 'number' } } })).toEqual([
      { path: 'input.fields.price.typ', message: 'is not a known field' },
    ]);
  });

  it('names what is wrong by its path, in words', async () => {
    const { json } = await post({ limit: 100_001, include: ['blog'], scope: 'all', fresh: true });
    expect(json.errors).toEqual(
      expect.arrayContaining([
        { path: 'input.limit', message: 'must be <=100000' },
        { path: 'input.include.0', message: 'must start with /, * or http(s)://, like /blog/ or *.pdf$' },
        { path: 'input.fresh', message: 'is not a known field' },
      ]),
    );
  });
});

describe('the progress of a crawl', () => {
  it('is what has ended of what is known, with rate and time left, until it is final', async () => {
    const id = await started();
    const record = () => api.jobs.records.get(id)!;
    const progress = (now: string) => jobView(record(), { address: '', namespace: '', uiUrl: undefined }, Date.parse(now)).progress;
    expect(progress('2026-01-01T00:00:00Z')).toEqual({ done: 0, total: 0, totalIsFinal: false, rate: 0, etaSeconds: 0 });
    await api.jobs.started(id, { workflowId: 'w', runId: 'r' });
    Object.assign(record(), { startedAt: '2026-01-01T00:00:00.000Z' });
    Object.assign(record().counts, { discovered: 100, stored: 10, unchanged: 2, duplicate: 3, failed: 4, skipped: 1 });
    expect(progress('2026-01-01T00:00:00Z')).toEqual({ done: 20, total: 100, totalIsFinal: false, rate: 0, etaSeconds: null });
    expect(progress('2026-01-01T00:00:07Z')).toEqual({ done: 20, total: 100, totalIsFinal: false, rate: 2.86, etaSeconds: 28 });
    await api.jobs.finish(id, { state: 'cancelled' });
    Object.assign(record(), { finishedAt: '2026-01-01T00:00:10.000Z' });
    expect(progress('2027-01-01T00:00:00Z')).toEqual({ done: 20, total: 100, totalIsFinal: true, rate: 2, etaSeconds: 0 });
  });
});

describe('the ledger', () => {
  it('is listed by cursor and filter, for the owner only', async () => {
    const id = await started();
    const empty = await call('GET', `${id}/pages`);
    expect([empty.status, empty.json]).toEqual([200, { items: [], next: null }]);
    const pages = ['a', 'b', 'c'].map((name) => ledgerPage(`https://x.example/${name}`, { documentId: `doc_${name}` }));
    const skipped = ledgerPage('https://x.example/no', { state: 'skipped', reason: 'robots', detail: 'Disallow: /no', status: null });
    api.ledger.crawls.set(id, [...pages, skipped]);
    const first = LedgerPageListSchema.parse((await call('GET', `${id}/pages?limit=2`)).json);
    const rest = (await call('GET', `${id}/pages?limit=2&cursor=${first.next}`)).json;
    expect([...first.items, ...rest.items]).toEqual([...pages, skipped]);
    expect(rest.next).toBeNull();
    expect((await call('GET', `${id}/pages?state=skipped&reason=robots`)).json.items).toEqual([skipped]);
    for (const query of ['state=done', 'reason=No!', 'limit=1001', 'cursor=none', 'sate=stored'])
      expect([query, (await call('GET', `${id}/pages?${query}`)).status]).toEqual([query, 422]);
    expect((await call('GET', `${id}/pages`, undefined, KEYS.foreign)).status).toBe(404);
  });

  it('is nothing that a job of another kind has', async () => {
    const { json } = await api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'learn', input: { url: 'https://x.example/' } } });
    expect((await call('GET', `${json.id}/pages`)).json).toMatchObject({
      status: 409,
      code: 'CONFLICT',
      detail: expect.stringContaining('learn'),
    });
  });
});

describe('steering a crawl', () => {
  it('says when Temporal is away, and has changed nothing then', async () => {
    const id = await started();
    const away = await call('PATCH', id, { options: { limit: 5, labels: ['late'] } });
    expect([away.status, away.json.code, api.jobs.records.get(id)!.labels]).toEqual([503, 'TEMPORAL_UNAVAILABLE', []]);
    expect((await call('PATCH', id, { options: { labels: ['x'] } })).json.labels).toEqual(['x']);
    await api.jobs.finish(id, { state: 'completed' });
    expect((await call('PATCH', id, { options: { limit: 5 } })).json.code).toBe('CONFLICT');
  });

  it('refuses its options on other jobs by path, and on those of others as not found', async () => {
    const { json } = await api.call('/api/v1/jobs', {
      method: 'POST',
      body: { kind: 'extract', input: { url: 'https://x.example/steer' } },
    });
    const refused = await call('PATCH', json.id, { options: { limit: 1, exclude: ['/a'], labels: ['x'] } });
    expect([refused.status, pathsOf(refused)]).toEqual([422, ['options.limit', 'options.exclude']]);
    expect((await call('PATCH', await started(), { options: { limit: 1 } }, KEYS.foreign)).status).toBe(404);
    expect(pathsOf(await call('PATCH', await started(), { options: { depth: 1, include: ['x'] } }))).toEqual(
      expect.arrayContaining(['options.depth', 'options.include.0']),
    );
  });

  it('is done again from what failed, or by extracting all anew', async () => {
    const id = await started();
    expect((await call('POST', `${id}/retry`, { from: 'extract' })).json.code).toBe('CONFLICT');
    await api.jobs.finish(id, { state: 'completed', result: { pages: 3 } });
    expect((await call('POST', `${id}/retry`)).json.code).toBe('CONFLICT');
    const again = await call('POST', `${id}/retry`, { from: 'extract' });
    expect([again.status, again.json.retryOf, again.json.options]).toEqual([202, id, { retryFrom: 'extract' }]);
    await api.jobs.finish(again.json.id, { state: 'completed' });
    api.jobs.records.get(id)!.counts.failed = 2;
    const failed = await call('POST', `${id}/retry`, {});
    expect([failed.status, failed.json.id === again.json.id]).toEqual([202, false]);
    expect(pathsOf(await call('POST', `${id}/retry`, { from: 'fetch' }))).toEqual(['from']);
    const extract = (
      await api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'extract', input: { url: 'https://x.example/again' } } })
    ).json;
    await api.jobs.finish(extract.id, { state: 'completed' });
    expect((await call('POST', `${extract.id}/retry`, { from: 'extract' })).json.code).toBe('CONFLICT');
  });
});
