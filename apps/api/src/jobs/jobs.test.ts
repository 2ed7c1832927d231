import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { KEYS, VERSION } from '../test-support/samples.js';
import { DocumentSchema } from '../documents/document.dto.js';
import { JobListSchema, JobSchema } from './job.dto.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

let pages = 0;
const request = () => ({ kind: 'extract', input: { url: `https://example.com/${++pages}` } });
const post = (body: unknown, headers: Record<string, string> = {}) => api.call('/api/v1/jobs', { method: 'POST', body, headers });
const started = async (body: unknown = request()) => (await post(body)).json.id as string;

const result = (id: string, accept?: string) => api.call(`/api/v1/jobs/${id}/result`, { headers: accept === undefined ? {} : { accept } });

describe('starting a job', () => {
  it('answers 202 with the job and its place, also when Temporal is away', async () => {
    const answer = await post({ ...request(), labels: ['news'], priority: 1 });
    expect(answer.status).toBe(202);
    const job = JobSchema.strict().parse(answer.json);
    expect(job).toMatchObject({
      kind: 'extract',
      state: 'queued',
      labels: ['news'],
      priority: 1,
      progress: { done: 0, total: 1, totalIsFinal: true },
      error: null,
    });
    expect(answer.headers.get('location')).toBe(job.links.self);
    expect(job.workflow).toEqual({
      id: `extract/example.com/${job.id}`,
      runId: null,
      uiUrl: `http://127.0.0.1:8233/namespaces/default/workflows/extract%2Fexample.com%2F${job.id}`,
    });
  });

  it('one Idempotency-Key is one job, also when sent twice at once; with another body it is refused', async () => {
    const body = request();
    const headers = { 'idempotency-key': 'same' };
    const [first, second] = await Promise.all([post(body, headers), post({ input: body.input, kind: body.kind }, headers)]);
    expect(first.json.id).toBe(second.json.id);
    await api.jobs.finish(first.json.id, { state: 'completed' });
    expect((await post(body, headers)).json.id).toBe(first.json.id);
    const other = await post(request(), headers);
    expect([other.status, other.json.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
  });

  it('the same request attaches to the one that runs, by the key of its URL; other options do not', async () => {
    const { input } = request();
    const id = await started({ kind: 'extract', input });
    const same = await post({ kind: 'extract', input: { url: `${input.url}?utm_source=x#part`, render: 'auto' }, labels: ['other'] });
    expect([same.status, same.json.id]).toEqual([202, id]);
    expect(await started({ kind: 'extract', input: { ...input, fresh: true } })).not.toBe(id);
    expect(await started({ kind: 'learn', input })).not.toBe(id);
    await api.jobs.finish(id, { state: 'completed' });
    expect(await started({ kind: 'extract', input })).not.toBe(id);
  });

  it('waits for the end when asked, and answers 202 when the time is over', async () => {
    const body = request();
    const id = await started(body);
    const waiting = post(body, { prefer: 'wait=20' });
    await expect.poll(() => api.jobs.polls).toBeGreaterThan(0);
    await api.jobs.started(id, { workflowId: 'w', runId: 'r' });
    await api.jobs.finish(id, { state: 'completed', result: { documentId: 'doc_1' } });
    const answer = await waiting;
    expect([answer.status, answer.json.id, answer.json.state]).toEqual([200, id, 'completed']);
    expect(answer.json.links.document).toBe('/api/v1/documents/doc_1');
    expect(answer.json.progress).toMatchObject({ done: 1, total: 1, etaSeconds: 0 });
    expect(answer.json.workflow.uiUrl).toMatch(/\/r\/history$/);
    const over = await post(request(), { prefer: 'respond-async, wait=0' });
    expect([over.status, over.headers.get('preference-applied')]).toEqual([202, 'wait=0']);
  });
});

describe('reading jobs', () => {
  it('lists newest first, in pages, by filter, and only those of the owner', async () => {
    const ids = [
      await started({ ...request(), labels: ['listed'] }),
      await started({ ...request(), labels: ['listed'] }),
      await started({ ...request(), labels: ['listed'] }),
    ];
    const first = JobListSchema.parse((await api.call('/api/v1/jobs?label=listed&limit=2')).json);
    expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const rest = (await api.call(`/api/v1/jobs?label=listed&limit=2&cursor=${first.next}`)).json;
    expect([rest.items.map(({ id }: { id: string }) => id), rest.next]).toEqual([[ids[0]], null]);
    expect((await api.call('/api/v1/jobs?label=listed&state=failed')).json.items).toEqual([]);
    expect((await api.call('/api/v1/jobs', { key: KEYS.foreign })).json.items).toEqual([]);
    expect((await api.call(`/api/v1/jobs/${ids[0]}`, { key: KEYS.foreign })).status).toBe(404);
    expect((await api.call(`/api/v1/jobs/${ids[0]}`)).json.id).toBe(ids[0]);
  });
});

describe('the result', () => {
  it('comes in the type that is asked for', async () => {
    const id = await started();
    expect([(await result(id)).status, (await result(id)).json.code]).toEqual([409, 'JOB_UNFINISHED']);
    await api.jobs.finish(id, { state: 'completed', result: { documentId: 'doc_1' } });
    const json = await result(id);
    expect(json.headers.get('content-type')).toMatch(/^application\/json/);
    expect(DocumentSchema.strict().parse(json.json)).toMatchObject({
      id: 'doc_1',
      title: 'Forêt',
      extraction: { method: 'template', version: 2, fetch: 'http', timingsMs: { fetch: 12 } },
      evidence: { title: { selector: 'h1' } },
      wordCount: 4,
    });
    const markdown = await result(id, 'text/html;q=0.9, text/markdown;q=0.8');
    expect([markdown.status, markdown.headers.get('content-type'), markdown.text]).toEqual([
      200,
      'text/markdown; charset=utf-8',
      '# Forêt\n\nA text.\n',
    ]);
    expect((await result(id, 'application/json;q=0.1, text/*')).headers.get('content-type')).toMatch(/markdown/);
    const refused = await result(id, 'image/png, application/json;q=0');
    expect([refused.status, refused.json.code]).toEqual([406, 'NOT_ACCEPTABLE']);
  });

  it('of a learn job is the version; Markdown of it is not to be had', async () => {
    const id = await started({ kind: 'learn', input: { url: `https://example.com/learn/${++pages}` } });
    await api.jobs.finish(id, {
      state: 'completed',
      result: { template: { site: VERSION.site, templateId: VERSION.templateId, version: 2 } },
    });
    expect((await result(id)).json).toEqual(VERSION);
    expect((await result(id, 'text/markdown')).status).toBe(406);
  });

  it('of a job that failed is its own error, of a cancelled one CANCELLED', async () => {
    const failed = await started();
    await api.jobs.finish(failed, { state: 'failed', error: { code: 'HTTP_404', detail: 'The page answered 404.', retryable: false } });
    expect((await result(failed)).json).toMatchObject({ status: 409, code: 'HTTP_404', detail: 'The page answered 404.' });
    const cancelled = await started();
    await api.jobs.finish(cancelled, { state: 'cancelled' });
    expect((await result(cancelled)).json).toMatchObject({ status: 409, code: 'CANCELLED' });
  });
});

describe('cancelling', () => {
  it('is a conflict when the job is final, and says so when Temporal is away', async () => {
    const id = await started();
    const away = await api.call(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([away.status, away.json.code, away.headers.get('retry-after')]).toEqual([503, 'TEMPORAL_UNAVAILABLE', '1']);
    await api.jobs.finish(id, { state: 'completed' });
    const late = await api.call(`/api/v1/jobs/${id}/cancel`, { method: 'POST' });
    expect([late.status, late.json.code]).toEqual([409, 'CONFLICT']);
  });
});
