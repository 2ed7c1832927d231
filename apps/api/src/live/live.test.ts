import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { JobEventSchema } from '../events/event.dto.js';
import { ProblemSchema } from '../http/problem.js';
import { JobSchema } from '../jobs/job.dto.js';
import { KEYS } from '../test-support/samples.js';
import { type TestApi, type TestParts, startTestApi } from '../test-support/test-api.js';

const opened: TestApi[] = [];
async function start(parts?: TestParts): Promise<TestApi & { id: string; live: string }> {
  const api = await startTestApi(parts);
  opened.push(api);
  const { json } = await api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'extract', input: { url: 'https://example.com/' } } });
  await api.jobs.started(json.id, { workflowId: 'w', runId: 'r' });
  return { ...api, id: json.id, live: `${api.url.replace('http', 'ws')}/api/v1/jobs/${json.id}/live` };
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

interface Watched {
  readonly socket: WebSocket;
  readonly seqs: number[];
  readonly states: string[];
  readonly closed: Promise<number>;
}

const authorized = { headers: { authorization: `Bearer ${KEYS.reader}` } };

function watch(url: string, socket = new WebSocket(url, authorized)): Watched {
  const [seqs, states]: [number[], string[]] = [[], []];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { event?: unknown; snapshot?: unknown };
    if ('event' in message) seqs.push(JobEventSchema.parse(message.event).seq);
    else states.push(JobSchema.strict().parse(message.snapshot).state);
  });
  return { socket, seqs, states, closed: once(socket, 'close').then(([code]) => code as number) };
}

/** The answer to a connection that is refused, in HTTP. */
async function refused(url: string, protocols: string[] = [], headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(url, protocols, { headers });
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
  let body = '';
  for await (const part of response) body += String(part);
  const problem = ProblemSchema.parse(JSON.parse(body));
  expect([problem.status, response.headers['content-type']]).toEqual([response.statusCode, 'application/problem+json; charset=utf-8']);
  return `${problem.status} ${problem.code}`;
}

describe('a live socket', () => {
  it('tells a snapshot at once and again, every event, a last snapshot, and closes', async () => {
    const api = await start({ timings: { liveSnapshotMs: 20 } });
    const watched = watch(api.live);
    await expect.poll(() => watched.states.length).toBeGreaterThan(3);
    await api.jobs.append(api.id, 'a', { type: 'job.progress', stage: 'fetch' });
    await expect.poll(() => watched.seqs).toEqual([1, 2]);
    await api.jobs.finish(api.id, { state: 'completed' });
    expect(await watched.closed).toBe(1_000);
    expect(watched.seqs).toEqual([1, 2, 3]);
    expect([watched.states[0], watched.states.at(-1)]).toEqual(['running', 'completed']);
  });

  it('goes on after an event, and takes the key of a browser as a subprotocol without sending it back', async () => {
    const api = await start();
    await api.jobs.finish(api.id, { state: 'completed' });
    const watched = watch('', new WebSocket(`${api.live}?after=1`, ['gleaner.live', `gleaner.key.${KEYS.reader}`]));
    expect(await watched.closed).toBe(1_000);
    expect(watched.seqs).toEqual([2]);
    expect(watched.socket.protocol).toBe('gleaner.live');
  });

  it('is refused in HTTP before the upgrade', async () => {
    const api = await start();
    expect(await refused(api.live)).toBe('401 UNAUTHENTICATED');
    expect(await refused(`${api.live}?key=${KEYS.reader}`)).toBe('401 UNAUTHENTICATED');
    expect(await refused(api.live, ['gleaner.key.nobody'])).toBe('401 UNAUTHENTICATED');
    expect(await refused(api.live, [], { authorization: `Bearer ${KEYS.jobs}` })).toBe('403 FORBIDDEN');
    expect(await refused(api.live, [], { authorization: `Bearer ${KEYS.foreign}` })).toBe('404 NOT_FOUND');
    for (const query of ['?afer=1', '?after=x', '?after=1&after=2', '?after=9'])
      expect([query, await refused(api.live + query, [], authorized.headers)]).toEqual([query, '422 INVALID_INPUT']);
    expect(await refused(api.live.replace('/live', '/events'), [], authorized.headers)).toBe('404 NOT_FOUND');
    const plain = await api.call(`/api/v1/jobs/${api.id}/live`);
    expect([plain.status, plain.json.code]).toEqual([426, 'UPGRADE_REQUIRED']);
  });

  it('cuts who does not answer a ping, and who talks', async () => {
    const api = await start({ timings: { heartbeatMs: 30 } });
    const silent = watch(api.live, new WebSocket(api.live, { ...authorized, autoPong: false }));
    expect(await silent.closed).toBe(1_006);
    const talker = watch(api.live);
    await once(talker.socket, 'open');
    talker.socket.send('hello');
    expect(await talker.closed).toBe(1_008);
  });

  it('cuts a reader that takes nothing, and keeps little for it', async () => {
    const api = await start({ timings: { drainTimeoutMs: 200, liveSnapshotMs: 10 } });
    const { port, host, pathname } = new URL(api.live.replace('ws', 'http'));
    const socket = connect(Number(port), '127.0.0.1');
    const key = Buffer.from('0123456789abcdef').toString('base64');
    const lines = [`GET ${pathname} HTTP/1.1`, `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    socket.write(`${[...lines, `Sec-WebSocket-Key: ${key}`, `Authorization: Bearer ${KEYS.reader}`].join('\r\n')}\r\n\r\n`);
    await once(socket, 'data');
    socket.pause();
    const message = 'x'.repeat(1_900);
    const closed = once(socket, 'close');
    for (let index = 0; index < 6_000; index++) await api.jobs.append(api.id, String(index), { type: 'job.progress', message });
    await sleep(400); // longer than it may take nothing
    socket.resume().on('error', () => undefined);
    await closed;
    expect(socket.bytesRead).toBeLessThan(6_000 * 1_900);
  });

  it('ends when the server stops', async () => {
    const api = await start();
    const watched = watch(api.live);
    await expect.poll(() => watched.seqs).toEqual([1]);
    await opened.splice(0)[0]?.close();
    expect(await watched.closed).toBe(1_001);
  });
});
