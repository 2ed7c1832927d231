import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, type TestParts, startTestApi } from '../test-support/test-api.js';
import { JobEventSchema } from './event.dto.js';

const opened: TestApi[] = [];
async function start(parts?: TestParts): Promise<TestApi & { id: string }> {
  const api = await startTestApi(parts);
  opened.push(api);
  const { json } = await api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'extract', input: { url: 'https://example.com/' } } });
  await api.jobs.started(json.id, { workflowId: 'w', runId: 'r' });
  return { ...api, id: json.id };
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

interface Stream {
  readonly response: Response;
  readonly ids: number[];
  readonly raw: () => string;
  readonly ended: Promise<void>;
}

/** Reads a stream as a browser does, in the background. */
async function follow(
  api: TestApi & { id: string },
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<Stream> {
  const response = await fetch(`${api.url}/api/v1/jobs/${api.id}/events${query}`, {
    headers: { authorization: `Bearer ${KEYS.reader}`, ...headers },
  });
  const ids: number[] = [];
  let raw = '';
  const read = async () => {
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      raw += text;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks.filter((candidate) => candidate.startsWith('id:'))) {
        const [, id, type, data] = /^id: (\d+)\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
        expect(JobEventSchema.parse(JSON.parse(data ?? ''))).toMatchObject({ seq: Number(id), type });
        ids.push(Number(id));
      }
    }
  };
  return { response, ids, raw: () => raw, ended: read() };
}

describe('the events of a job', () => {
  it('come as they happen, without a gap, and end after the final one', async () => {
    const api = await start();
    const stream = await follow(api);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await expect.poll(() => stream.ids).toEqual([1]);
    await api.jobs.append(api.id, 'a', { type: 'job.progress', stage: 'fetch' }, { fetched: 1 });
    await expect.poll(() => stream.ids).toEqual([1, 2]);
    await api.jobs.finish(api.id, { state: 'completed' });
    await stream.ended;
    expect(stream.ids).toEqual([1, 2, 3]);
    const before = api.jobs.polls;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(api.jobs.polls).toBe(before); // nobody listens: nothing is asked
  });

  it('are resumed after Last-Event-ID or ?after=, also when all is over', async () => {
    const api = await start();
    await api.jobs.append(api.id, 'a', { type: 'job.progress' });
    await api.jobs.finish(api.id, { state: 'completed' });
    const resumed = async (options: Parameters<typeof follow>[1]) => {
      const stream = await follow(api, options);
      await stream.ended;
      return stream.ids;
    };
    expect(await resumed({})).toEqual([1, 2, 3]);
    expect(await resumed({ headers: { 'last-event-id': '1' } })).toEqual([2, 3]);
    expect(await resumed({ query: '?after=2', headers: { 'last-event-id': '1' } })).toEqual([3]);
    expect(await resumed({ query: '?after=3' })).toEqual([]);
    expect((await api.call(`/api/v1/jobs/${api.id}/events?after=4`)).json.errors[0].path).toBe('after');
    expect((await api.call(`/api/v1/jobs/${api.id}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(422);
    expect((await api.call('/api/v1/jobs/job_none/events')).status).toBe(404);
    expect((await api.call(`/api/v1/jobs/${api.id}/events`, { key: KEYS.foreign })).status).toBe(404);
  });

  it('are read in full when there are more than one batch of them, by many readers at once', async () => {
    const api = await start();
    for (let index = 0; index < 1_300; index++) await api.jobs.append(api.id, String(index), { type: 'job.progress' });
    const streams = await Promise.all(Array.from({ length: 5 }, () => follow(api)));
    await api.jobs.finish(api.id, { state: 'failed', error: { code: 'INTERNAL', detail: 'x', retryable: true } });
    await Promise.all(streams.map(({ ended }) => ended));
    for (const { ids } of streams) expect(ids).toEqual(Array.from({ length: 1_302 }, (_, index) => index + 1));
  });

  it('answer HEAD without a stream', async () => {
    const api = await start();
    const answer = await api.call(`/api/v1/jobs/${api.id}/events`, { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  it('keep a silent stream alive with comments', async () => {
    const stream = await follow(await start({ timings: { heartbeatMs: 20 } }));
    await expect.poll(() => stream.raw()).toContain(': still here\n\n: still here');
    expect(stream.ids).toEqual([1]);
  });

  it('cut a reader that takes nothing', async () => {
    const api = await start({ timings: { drainTimeoutMs: 100 } });
    const message = 'x'.repeat(20_000);
    for (let index = 0; index < 1_000; index++) await api.jobs.append(api.id, String(index), { type: 'job.progress', message });
    const accepted = once(api.app.getHttpServer(), 'connection');
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.write(`GET /api/v1/jobs/${api.id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEYS.reader}\r\n\r\n`);
    socket.pause();
    const [served] = await accepted;
    await once(served, 'close', { signal: AbortSignal.timeout(5_000) });
    expect(served.bytesWritten).toBeLessThan(20_000 * 1_000);
    socket.destroy();
  });

  it('end at once when the API stops, and a wait is answered', async () => {
    const api = await start();
    const stream = await follow(api);
    const waiting = api.call('/api/v1/jobs', {
      method: 'POST',
      body: { kind: 'extract', input: { url: 'https://example.com/' } },
      headers: { prefer: 'wait=60' },
    });
    await expect.poll(() => api.jobs.polls).toBeGreaterThan(2);
    const before = Date.now();
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await stream.ended;
    expect((await waiting).status).toBe(202);
    expect(Date.now() - before).toBeLessThan(5_000);
  });
});
