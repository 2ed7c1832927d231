/** What callers do to jobs and templates, on the running system: pause, resume, retry, verdicts, and the live socket. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

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

type Answer = { readonly status: number; readonly json: ReturnType<typeof JSON.parse> };

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(gleaner.ready.url + path, {
    method,
    headers: { authorization: `Bearer ${gleaner.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}

const start = async (path: string, input: object = {}): Promise<string> =>
  (await call('POST', '/api/v1/jobs', { kind: 'extract', input: { url: site.url + path, render: 'never', ...input } })).json.id as string;
const inState = (id: string, state: string) =>
  waitUntil(async () => {
    const { json } = await call('GET', `/api/v1/jobs/${id}`);
    return json.state === state ? json : null;
  }, 60_000);
const eventTypes = async (id: string) => (await Array.fromAsync(gleaner.client.watch(id))).map(({ type }) => type);

describe('a running job', () => {
  it('is paused between two stages, goes on, and tells so over the live socket', async () => {
    const held = site.hold('/news/story-1');
    const id = await start('/news/story-1');
    await held.arrived;
    const told: { readonly event?: { readonly type: string }; readonly snapshot?: { readonly state: string } }[] = [];
    const url = `${gleaner.ready.url.replace('http', 'ws')}/api/v1/jobs/${id}/live`;
    const socket = new WebSocket(url, ['gleaner.live', `gleaner.key.${gleaner.key}`]);
    socket.addEventListener('message', ({ data }) => void told.push(JSON.parse(String(data))));
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    expect((await call('POST', `/api/v1/jobs/${id}/pause`)).status).toBe(202);
    held.release();
    await inState(id, 'paused');
    expect((await call('POST', `/api/v1/jobs/${id}/pause`)).json.state).toBe('paused');
    expect((await call('PATCH', `/api/v1/jobs/${id}`, { options: { priority: 1, labels: ['steered'] } })).json.priority).toBe(1);
    expect((await call('POST', `/api/v1/jobs/${id}/resume`)).status).toBe(202);
    await inState(id, 'completed');
    expect(await closed).toBe(1_000);
    const types = await eventTypes(id);
    expect(types.filter((type) => /paused|resumed/.test(type))).toEqual(['job.paused', 'job.resumed']);
    expect(told.flatMap(({ event }) => (event ? [event.type] : []))).toEqual(types);
    expect(told.at(-1)?.snapshot?.state).toBe('completed');
    expect((await call('GET', '/api/v1/jobs?label=steered')).json.items.map((job: { id: string }) => job.id)).toEqual([id]);
  });

  it('is cancelled while it is paused', async () => {
    const held = site.hold('/news/story-2');
    const id = await start('/news/story-2');
    await held.arrived;
    await call('POST', `/api/v1/jobs/${id}/pause`);
    held.release();
    await inState(id, 'paused');
    expect((await call('POST', `/api/v1/jobs/${id}/cancel`)).status).toBe(202);
    await inState(id, 'cancelled');
    expect((await eventTypes(id)).slice(-2)).toEqual(['job.paused', 'job.cancelled']);
    const hits = site.hits.get('/news/story-2');

    const again = await call('POST', `/api/v1/jobs/${id}/retry`);
    expect([again.status, again.json.retryOf]).toEqual([202, id]);
    expect((await call('POST', `/api/v1/jobs/${id}/retry`)).json.id).toBe(again.json.id);
    expect(await inState(again.json.id, 'completed')).toMatchObject({ counts: { fetched: 1, stored: 1 } });
    expect((await call('GET', `/api/v1/jobs/${id}`)).json.retriedAs).toBe(again.json.id);
    expect(site.hits.get('/news/story-2')).toBe(hits); // its page was fetched before it was cancelled, and not again
  });

  it('that failed in the fetch is fetched again', async () => {
    const id = await start('/missing');
    await inState(id, 'failed');
    const again = await call('POST', `/api/v1/jobs/${id}/retry`);
    expect(await inState(again.json.id, 'failed')).toMatchObject({ error: { code: 'HTTP_404' } });
    expect(site.hits.get('/missing')).toBe(2);
  });
});

describe('a verdict on a template version', () => {
  const versionOf = async (n: number): Promise<{ method: string; version: number | null }> => {
    const { json } = await call('GET', `/api/v1/jobs/${(await inState(await start(`/news/story-${n}`), 'completed')).id}/result`);
    return { method: json.extraction.method, version: json.extraction.version };
  };

  it('decides what serves the next page', async () => {
    expect(await versionOf(3)).toEqual({ method: 'template', version: 1 });
    const { json: detail } = await call('GET', `/api/v1/sites/${site.address}/templates`);
    const { templateId } = detail.items.find(({ shape }: { shape: string }) => shape === '/news/*');
    const decide = (verdict: string) => call('POST', `/api/v1/sites/${site.address}/templates/${templateId}/versions/1/${verdict}`);
    expect((await decide('pin')).json).toMatchObject({ state: 'active', pinned: true });
    expect(await versionOf(4)).toEqual({ method: 'template', version: 1 });
    expect((await decide('reject')).json).toMatchObject({ state: 'rejected', pinned: false });
    // Learning finds the same rules again, and they stay rejected: the general extractor serves.
    expect((await versionOf(5)).version).toBeNull();
    expect((await decide('activate')).status).toBe(409);
  });
});
