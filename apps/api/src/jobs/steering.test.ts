import {
  ApplicationFailure,
  CancelledFailure,
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { CHANGE_CRAWL, PAUSE_JOB, RESUME_JOB, STEER_JOB } from '@gleaner/workflows/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYS, VERSION } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { TEMPORAL_CLI, type TemporalServer, startTemporal } from '../test-support/test-temporal.js';
import { JobSchema } from './job.dto.js';

let pages = 0;
const start = async (api: TestApi): Promise<string> => {
  const body = { kind: 'extract', input: { url: `https://example.com/steer/${++pages}` }, labels: ['a'] };
  return (await api.call('/api/v1/jobs', { method: 'POST', body })).json.id as string;
};
const steer = (api: TestApi, path: string, body?: unknown, method = 'POST') =>
  api.call(`/api/v1/jobs/${path}`, { method, ...(body === undefined ? {} : { body }) });

describe.skipIf(TEMPORAL_CLI === undefined)('steering a job whose workflow runs', () => {
  let server: TemporalServer;
  let api: TestApi;
  beforeAll(async () => {
    server = await startTemporal();
    api = await startTestApi({ temporalAddress: server.address, timings: { startTimeoutMs: 10_000 } });
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  /** Signals that reached the workflow, with what they carry. */
  async function signals(id: string): Promise<[string | null | undefined, unknown][]> {
    const { workflowId } = api.jobs.records.get(id)!;
    const { events } = await server.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal ? [[signal.signalName, signal.input?.payloads?.map(({ data }) => JSON.parse(Buffer.from(data!).toString()))[0]]] : [],
    );
  }

  it('pauses, resumes and changes it, and answers the same when asked again', async () => {
    const id = await start(api);
    for (const verb of ['pause', 'pause', 'resume']) {
      const answer = await steer(api, `${id}/${verb}`);
      expect([answer.status, JobSchema.strict().parse(answer.json).id]).toEqual([202, id]);
    }
    const changed = await steer(api, id, { options: { priority: 1, labels: ['b', 'c'] } }, 'PATCH');
    expect([changed.status, changed.json.priority, changed.json.labels]).toEqual([200, 1, ['b', 'c']]);
    await steer(api, id, { options: { labels: ['d'] } }, 'PATCH'); // no stage needs to know
    expect(await signals(id)).toEqual([
      [PAUSE_JOB, undefined],
      [PAUSE_JOB, undefined],
      [RESUME_JOB, undefined],
      [STEER_JOB, { priority: 1 }],
    ]);
  });

  it('tells from the server that a crawl has ended', async () => {
    const body = { kind: 'crawl', input: { url: 'https://example.com/ended/' } };
    const { id, workflow } = (await api.call('/api/v1/jobs', { method: 'POST', body })).json;
    await server.client.workflow.getHandle(workflow.id).terminate();
    expect((await steer(api, id, { options: { limit: 1 } }, 'PATCH')).json).toMatchObject({ code: 'CONFLICT' });
  });

  it('starts the workflow first where Temporal was away when the job came', async () => {
    const created = await api.jobs.create({
      ...api.jobs.records.get(await start(api))!,
      dedupeKey: 'never started',
    });
    const { id } = (created as { job: { id: string } }).job;
    expect((await steer(api, `${id}/pause`)).status).toBe(202);
    expect(await signals(id)).toEqual([[PAUSE_JOB, undefined]]);
  });
});

describe('changing a crawl whose workflow answers', () => {
  /** What the client does with an update: it resolves, or throws one of its errors. */
  const apiWith = (executeUpdate: (...parameters: unknown[]) => Promise<void>) => {
    const connection = { withDeadline: (_: number, call: () => Promise<unknown>) => call(), close: async () => undefined };
    const workflow = { getHandle: () => ({ executeUpdate }), start: async () => undefined };
    return startTestApi({ timings: { startTimeoutMs: 5 }, platform: { temporal: { connection, workflow } as unknown as Client } });
  };
  const change = async (api: TestApi, options: object) => {
    const body = { kind: 'crawl', input: { url: `https://example.com/change/${++pages}` } };
    const { id } = (await api.call('/api/v1/jobs', { method: 'POST', body })).json;
    const answer = await steer(api, id, { options }, 'PATCH');
    return { ...answer, labels: api.jobs.records.get(id)!.labels };
  };

  it('passes the change on, and what the workflow refuses changes nothing', async () => {
    const updates: unknown[] = [];
    const api = await apiWith(async (...update) => void updates.push(update));
    const changed = await change(api, { limit: 5, include: [], labels: ['x'] });
    expect([changed.status, changed.labels, updates]).toEqual([200, ['x'], [[CHANGE_CRAWL, { args: [{ limit: 5, include: [] }] }]]]);
    await api.close();
  });

  it.each([
    ['it is ending', ApplicationFailure.nonRetryable('too late', 'CONFLICT'), 409, 'CONFLICT', 'too late'],
    [
      'it ended meanwhile',
      ApplicationFailure.nonRetryable('Workflow completed', 'AcceptedUpdateCompletedWorkflow'),
      409,
      'CONFLICT',
      'The job has just finished.',
    ],
    ['it is cancelled', new CancelledFailure('cancelled'), 409, 'CONFLICT', 'The job is being cancelled.'],
    [
      'a stage failed',
      new Error('activity', { cause: ApplicationFailure.create({ type: 'STORAGE_UNAVAILABLE', message: 'away' }) }),
      503,
      'STORAGE_UNAVAILABLE',
      'try again',
    ],
    ['of something else', new Error('a fault'), 500, 'INTERNAL', ''],
  ])('changes nothing where the workflow refuses because %s', async (_, cause, status, code, detail) => {
    const refused = await apiWith(async () => {
      throw new WorkflowUpdateFailedError('update failed', cause);
    });
    const answer = await change(refused, { limit: 5, labels: ['x'] });
    expect([answer.status, answer.json.code, answer.labels]).toEqual([status, code, []]);
    expect(answer.json.detail).toContain(detail);
    await refused.close();
  });

  it('says when the workflow does not answer', async () => {
    const slow = await apiWith(async () => {
      throw new WorkflowUpdateRPCTimeoutOrCancelledError('too slow');
    });
    expect((await change(slow, { concurrency: 1 })).json.code).toBe('TEMPORAL_UNAVAILABLE');
    await slow.close();
  });
});

describe('steering', () => {
  let api: TestApi;
  beforeAll(async () => void (api = await startTestApi()));
  afterAll(() => api.close());

  it('says when Temporal is away, and refuses what is final', async () => {
    const id = await start(api);
    expect((await steer(api, `${id}/pause`)).json.code).toBe('TEMPORAL_UNAVAILABLE');
    await api.jobs.finish(id, { state: 'completed' });
    for (const path of [`${id}/pause`, `${id}/resume`, `${id}/retry`])
      expect([path, (await steer(api, path)).json.code]).toEqual([path, 'CONFLICT']);
    expect((await steer(api, id, { options: { labels: ['x'] } }, 'PATCH')).json.code).toBe('CONFLICT');
    for (const path of ['job_none/pause', 'job_none/resume', 'job_none/retry']) expect((await steer(api, path)).status).toBe(404);
  });

  it('names options that cannot be changed by their path', async () => {
    const id = await start(api);
    const refused = async (body: unknown) => (await steer(api, id, body, 'PATCH')).json.errors?.map(({ path }: { path: string }) => path);
    expect(await refused({ options: { render: 'never', priority: 9 } })).toEqual(
      expect.arrayContaining(['options.render', 'options.priority']),
    );
    expect(await refused({ priority: 1 })).toEqual(expect.arrayContaining(['options', 'priority']));
    expect(await refused({ options: { labels: ['bad label'] } })).toEqual(['options.labels.0']);
    expect((await steer(api, id, { options: {} }, 'PATCH')).status).toBe(200);
  });

  it('does a failed or cancelled job again, once, and both say so', async () => {
    const id = await start(api);
    await api.jobs.finish(id, { state: 'cancelled' });
    const [first, second] = await Promise.all([steer(api, `${id}/retry`), steer(api, `${id}/retry`)]);
    expect([first.status, first.headers.get('location')]).toEqual([202, `/api/v1/jobs/${first.json.id}`]);
    expect(second.json.id).toBe(first.json.id);
    expect(first.json).toMatchObject({ retryOf: id, state: 'queued', labels: ['a'] });
    expect((await api.call(`/api/v1/jobs/${id}`)).json).toMatchObject({ state: 'cancelled', retriedAs: first.json.id });
    expect((await api.call(`/api/v1/jobs/${id}/retry`, { method: 'POST', key: KEYS.foreign })).status).toBe(404);
    expect((await api.call(`/api/v1/jobs/${id}/retry`, { method: 'POST', key: KEYS.reader })).status).toBe(403);
  });

  it('lists jobs that have all of the labels', async () => {
    const ids = async (query: string) => (await api.call(`/api/v1/jobs?${query}`)).json.items?.map((job: { id: string }) => job.id);
    const body = { kind: 'learn', input: { url: 'https://example.com/' }, labels: ['one', 'two'] };
    const { id } = (await api.call('/api/v1/jobs', { method: 'POST', body })).json;
    expect([await ids('label=one'), await ids('label=one&label=two'), await ids('label=one&label=three')]).toEqual([[id], [id], []]);
    for (const query of ['lable=one', 'state=done', 'state=queued&state=failed', 'since=yesterday', 'limit=0', 'label='])
      expect([query, (await api.call(`/api/v1/jobs?${query}`)).status]).toEqual([query, 422]);
  });

  it('passes verdicts on template versions on, for admins only', async () => {
    const path = `/api/v1/sites/${VERSION.site}/templates/${VERSION.templateId}/versions`;
    const decide = (n: string, verdict: string, key?: string) =>
      api.call(`${path}/${n}/${verdict}`, { method: 'POST', ...(key ? { key } : {}) });
    expect((await decide('2', 'activate')).json).toMatchObject({ version: 2, state: 'active', pinned: false });
    expect((await decide('2', 'pin')).json).toMatchObject({ pinned: true });
    expect((await decide('2', 'reject')).json).toMatchObject({ state: 'rejected' });
    expect((await decide('2', 'pin', KEYS.jobs)).status).toBe(403);
    for (const n of ['9', '0', 'x', '99999999999']) expect((await decide(n, 'pin')).status).toBe(404);
  });
});
