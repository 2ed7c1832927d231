import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, GleanerError, GleanerUnreachable, type Client, type ClientOptions, type JobEvent } from './index.js';

interface Received extends IncomingMessage {
  text: string;
}
type Handler = (request: Received, response: ServerResponse, nth: number) => void;

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A real server; `nth` counts requests from 1. */
async function serve(handler: Handler, options: Partial<ClientOptions> = {}): Promise<{ client: Client; seen: Received[] }> {
  const seen: Received[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const request = Object.assign(incoming, { text: Buffer.concat(chunks).toString() });
        seen.push(request);
        handler(request, response, seen.length);
      });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { client: createClient({ url, key: 'glk_secret', retryBaseMs: 1, ...options }), seen };
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body));
}

const event = (seq: number, type = 'job.progress'): JobEvent =>
  ({ seq, type, at: '2026-01-01T00:00:00Z', job: 'job_1', message: `größe ${seq} 漢字 🌾` }) as JobEvent;
const frame = (seq: number, type?: string): string =>
  `id: ${seq}\nevent: ${type ?? 'job.progress'}\ndata: ${JSON.stringify(event(seq, type))}\n\n`;
const stream = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('requests', () => {
  it('starts a job once over 503 and a reset connection, with one Idempotency-Key', async () => {
    const { client, seen } = await serve((request, response, nth) => {
      if (nth === 1) json(response, { status: 503, code: 'STORAGE_UNAVAILABLE', retryable: true }, 503);
      else if (nth === 2) request.socket.destroy();
      else json(response, { id: 'job_1', state: 'completed' });
    });
    const job = await client.startJob({ kind: 'extract', input: { url: 'https://example.com/' } }, { waitSeconds: 5 });
    expect(job.id).toBe('job_1');
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map((request) => request.headers['idempotency-key'])).size).toBe(1);
    expect(seen[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(seen[2]?.headers).toMatchObject({ prefer: 'wait=5', authorization: 'Bearer glk_secret', 'content-type': 'application/json' });
    expect(JSON.parse(seen[2]?.text ?? '')).toEqual({ kind: 'extract', input: { url: 'https://example.com/' } });
  });

  it('passes a problem on as it is, at once', async () => {
    const problem = {
      status: 422,
      code: 'INVALID_INPUT',
      title: 'The request is not valid',
      detail: 'url: must be http',
      retryable: false,
      errors: [{ path: 'input.url', message: 'must be http' }],
    };
    const { client, seen } = await serve((_request, response) => json(response, problem, 422));
    const error = await client.startJob({ kind: 'learn', input: { url: 'x' } }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GleanerError);
    expect(error).toMatchObject(problem);
    expect(seen).toHaveLength(1);
  });

  it('does not retry a 502 that denies it, and gives up a lasting 503 after its tries', async () => {
    const denied = await serve((_request, response) => json(response, { code: 'HTTP_404', retryable: false, detail: 'gone' }, 502));
    await expect(denied.client.document('doc_1')).rejects.toMatchObject({ code: 'HTTP_404', status: 502 });
    expect(denied.seen).toHaveLength(1);
    const lasting = await serve((_request, response) => response.writeHead(503).end('<h1>proxy</h1>'));
    await expect(lasting.client.job('job_1')).rejects.toMatchObject({ code: 'HTTP_503', status: 503, retryable: true });
    expect(lasting.seen).toHaveLength(4);
  });

  it('waits as a limit asks when that is soon, and says when it is not', async () => {
    const limited = (seconds: string) =>
      serve((_request, response, nth) => {
        response.setHeader('retry-after', seconds);
        const problem = { status: 429, code: 'RATE_LIMITED', retryable: true, limit: { name: 'requestsPerMinute', value: 600 } };
        json(response, nth === 1 ? problem : { id: 'job_1' }, nth === 1 ? 429 : 200);
      });
    const soon = await limited('0');
    expect((await soon.client.job('job_1')).id).toBe('job_1');
    const tomorrow = await limited('40000');
    await expect(tomorrow.client.job('job_1')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      retryAfterMs: 40_000_000,
      limit: { name: 'requestsPerMinute', value: 600 },
    });
    expect(tomorrow.seen).toHaveLength(1);
  });

  it('steers jobs, versions and keys; never makes a second key by itself', async () => {
    const { client, seen } = await serve((_request, response) => json(response, { code: 'STORAGE_UNAVAILABLE', retryable: true }, 503), {
      retries: 1,
    });
    await expect(client.change('job_1', { priority: 1 })).rejects.toBeInstanceOf(GleanerError);
    await expect(client.pinVersion({ host: 'example.com:80', templateId: 't/1', version: 2 })).rejects.toBeInstanceOf(GleanerError);
    await expect(client.keys.create({ name: 'n', scopes: ['read'] })).rejects.toBeInstanceOf(GleanerError);
    await expect(client.keys.rotate('key_1', { graceSeconds: 0 })).rejects.toBeInstanceOf(GleanerError);
    expect(seen.map(({ method, url, text }) => `${method} ${url} ${text}`)).toEqual([
      ...Array<string>(2).fill('PATCH /api/v1/jobs/job_1 {"options":{"priority":1}}'),
      ...Array<string>(2).fill('POST /api/v1/sites/example.com%3A80/templates/t%2F1/versions/2/pin '),
      'POST /api/v1/keys {"name":"n","scopes":["read"]}',
      'POST /api/v1/keys/key_1/rotate {"graceSeconds":0}',
    ]);
  });

  it('says what is wrong when nothing answers, and never the key', async () => {
    const { client } = await serve((request) => request.socket.destroy(), { retries: 1 });
    const error: unknown = await client.job('job_1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GleanerUnreachable);
    expect(String(error)).toContain('cannot reach http://127.0.0.1');
    expect(JSON.stringify(error) + String(error)).not.toContain('glk_secret');
  });

  it('gives up a server that is slow in the middle of a body', async () => {
    const { client } = await serve((_request, response) => void response.writeHead(200).write('{"id":'), { timeoutMs: 50, retries: 0 });
    await expect(client.job('job_1')).rejects.toThrow('no answer within 50 ms');
  });

  it('ends with the reason of the caller', async () => {
    const { client } = await serve(() => undefined);
    const abort = new AbortController();
    const pending = client.job('job_1', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });

  it('follows cursors, and stops at a list that does not advance', async () => {
    const { client, seen } = await serve((request, response) => {
      const cursor = new URL(request.url ?? '', 'http://x').searchParams.get('cursor');
      json(response, cursor === null ? { items: [{ id: 'a' }, { id: 'b' }], next: 'c/1' } : { items: [{ id: 'c' }], next: null });
    });
    expect((await all(client.jobs({ state: 'failed', pageSize: 2 }))).map((job) => job.id)).toEqual(['a', 'b', 'c']);
    expect(seen.map((request) => request.url)).toEqual([
      '/api/v1/jobs?state=failed&limit=2',
      '/api/v1/jobs?state=failed&limit=2&cursor=c%2F1',
    ]);
    const stuck = await serve((_request, response) => json(response, { items: [], next: 'same' }));
    await expect(all(stuck.client.sites())).rejects.toThrow('does not advance');
  });

  it('asks for Markdown, cancels, and reads readiness from a 503', async () => {
    const { client, seen } = await serve((request, response) => {
      if (request.url === '/health/ready')
        json(
          response,
          {
            status: 'failed',
            checks: { database: { status: 'ok', latencyMs: 3 }, queues: { status: 'failed', latencyMs: 9, reason: 'no poller on fetch' } },
          },
          503,
        );
      else if (request.url?.endsWith('/cancel')) json(response, { id: 'job_1', state: 'running' }, 202);
      else response.end('# Tïtle');
    });
    expect(await client.markdown('job/1')).toBe('# Tïtle');
    expect(seen[0]).toMatchObject({ url: '/api/v1/jobs/job%2F1/result' });
    expect(seen[0]?.headers.accept).toBe('text/markdown');
    expect((await client.cancel('job_1')).state).toBe('running');
    expect(await client.ready()).toEqual({
      isReady: false,
      checks: [
        { name: 'database', isOk: true, latencyMs: 3, reason: null },
        { name: 'queues', isOk: false, latencyMs: 9, reason: 'no poller on fetch' },
      ],
    });
  });
});

describe('watch', () => {
  it('survives cuts inside a frame and inside a character, without a gap or a repeat', async () => {
    const full = Array.from({ length: 12 }, (_, index) => frame(index + 1, index === 11 ? 'job.completed' : undefined));
    const { client, seen } = await serve((request, response, nth) => {
      const from = Number(request.headers['last-event-id'] ?? 0);
      if (nth === 3) {
        response.writeHead(503).end();
        return;
      }
      stream(response);
      // Sends again what is known already, too: repeats must not come through.
      const bytes = Buffer.from(full.slice(Math.max(0, from - 1)).join(''));
      if (nth >= 6) {
        response.end(bytes);
        return;
      }
      const cut = Buffer.from(full.slice(Math.max(0, from - 1), from + 3).join('')).length - 30;
      let sent = 0;
      const pump = (): void => {
        if (sent >= cut) {
          response.destroy();
          return;
        }
        response.write(bytes.subarray(sent, Math.min(cut, (sent += 7))), () => setImmediate(pump));
      };
      pump();
    });
    const events = await all(client.watch('job_1'));
    expect(events).toEqual(Array.from({ length: 12 }, (_, index) => event(index + 1, index === 11 ? 'job.completed' : 'job.progress')));
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(seen[0]?.headers['last-event-id']).toBeUndefined();
  });

  it('opens a silent connection again, and treats a gap as a cut', async () => {
    const { client, seen } = await serve(
      (_request, response, nth) => {
        stream(response);
        if (nth === 1) response.write(frame(1));
        else if (nth === 2) response.write(frame(3));
        else response.end(frame(2) + frame(3, 'job.failed'));
      },
      { idleTimeoutMs: 80 },
    );
    expect((await all(client.watch('job_1'))).map((item) => item.seq)).toEqual([1, 2, 3]);
    expect(seen.map((request) => request.headers['last-event-id'])).toEqual([undefined, '1', '1']);
  });

  it('ends when everything was known before, and throws what cannot get better', async () => {
    const { client } = await serve((request, response) => {
      if (request.url?.endsWith('/events')) stream(response).end();
      else json(response, { id: 'job_1', state: 'completed' });
    });
    expect(await all(client.watch('job_1', { after: 9 }))).toEqual([]);
    const missing = await serve((_request, response) => json(response, { code: 'NOT_FOUND', detail: 'no such job' }, 404));
    await expect(all(missing.client.watch('job_x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(missing.seen).toHaveLength(1);
  });

  it('gives up when nothing gets through', async () => {
    const { client } = await serve((request) => request.socket.destroy(), { giveUpAfterMs: 60, retries: 0 });
    await expect(all(client.watch('job_1'))).rejects.toBeInstanceOf(GleanerUnreachable);
  });

  it('closes the connection when the caller stops or aborts', async () => {
    const closed: Promise<unknown>[] = [];
    const { client } = await serve((request, response) => {
      closed.push(once(request.socket, 'close'));
      stream(response).write(frame(1));
    });
    for await (const item of client.watch('job_1')) if (item.seq === 1) break;
    await closed[0];
    const abort = new AbortController();
    const watching = all(client.watch('job_1', { signal: abort.signal }));
    abort.abort(new Error('stop'));
    await expect(watching).rejects.toThrow('stop');
  });

  it('waits for the final event and reads the job after it', async () => {
    const { client } = await serve((request, response) => {
      if (request.url?.endsWith('/events')) stream(response).end(frame(1) + frame(2, 'job.completed'));
      else json(response, { id: 'job_1', state: 'completed' });
    });
    expect((await client.wait('job_1')).state).toBe('completed');
  });
});
