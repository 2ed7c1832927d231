import { type IncomingMessage, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { type Client, type ClientOptions, GleanerError, type LiveMessage, createClient } from './index.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Serve = (socket: ServerSocket, request: IncomingMessage, nth: number) => void;

const event = (seq: number, type = 'job.progress') => ({ seq, type, at: '2026-01-01T00:00:00Z', job: 'job_1' });
const told = (value: object): string => JSON.stringify(value);

/** A server that speaks as the API does; `nth` counts sockets from 1. HTTP answers with the job, or with `status`. */
async function listen(serve: Serve, status = 200, options: Partial<ClientOptions> = {}): Promise<{ client: Client; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`HTTP ${request.url}`);
    if (request.url?.endsWith('/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`id: 1\ndata: ${told(event(1))}\n\n`);
      setImmediate(() => response.end(`id: 2\ndata: ${told(event(2, 'job.completed'))}\n\n`));
    } else
      response.writeHead(status, { 'content-type': 'application/json' }).end(told({ id: 'job_1', state: 'running', code: 'NOT_FOUND' }));
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'gleaner.live' });
  let nth = 0;
  server.on('upgrade', (request, socket, head) => {
    asked.push(`WS ${request.url} ${request.headers['sec-websocket-protocol']?.replaceAll(/, */g, ', ')}`);
    if (status !== 200) socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    else sockets.handleUpgrade(request, socket, head, (client) => serve(client, request, ++nth));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { asked, client: createClient({ url, key: 'glk_k', retryBaseMs: 1, retries: 0, ...options }) };
}

async function all(messages: AsyncIterable<LiveMessage>): Promise<string[]> {
  const list: string[] = [];
  for await (const message of messages) list.push(message.kind === 'event' ? String(message.event.seq) : message.job.state);
  return list;
}

describe('live', () => {
  it('resumes after a cut and after a gap, gives each event once, ends with the last snapshot', async () => {
    const { client, asked } = await listen((socket, _request, nth) => {
      if (nth === 1) {
        socket.send(told({ snapshot: { id: 'job_1', state: 'running' } }));
        socket.send(told({ event: event(1) }), () => socket.terminate());
      } else if (nth === 2) socket.send(told({ event: event(3) }));
      else {
        for (const seq of [1, 2, 3]) socket.send(told({ event: event(seq, seq === 3 ? 'job.completed' : undefined) }));
        socket.send(told({ snapshot: { id: 'job_1', state: 'completed' } }), () => socket.close(1_000));
      }
    });
    const reconnects: unknown[] = [];
    expect(await all(client.live('job_1', { onReconnect: (error) => void reconnects.push(error) }))).toEqual([
      'running',
      '1',
      '2',
      '3',
      'completed',
    ]);
    expect(asked.filter((line) => line.startsWith('WS'))).toEqual([
      'WS /api/v1/jobs/job_1/live gleaner.live, gleaner.key.glk_k',
      'WS /api/v1/jobs/job_1/live?after=1 gleaner.live, gleaner.key.glk_k',
      'WS /api/v1/jobs/job_1/live?after=1 gleaner.live, gleaner.key.glk_k',
    ]);
    expect(reconnects).toHaveLength(2);
  });

  it('says why a socket is refused', async () => {
    const { client } = await listen(() => undefined, 404);
    await expect(all(client.live('job_1'))).rejects.toBeInstanceOf(GleanerError);
  });

  it('opens a silent socket again, and closes it when the caller stops', async () => {
    const closed: Promise<number>[] = [];
    const { client } = await listen(
      (socket, _request, nth) => {
        closed.push(new Promise((resolve) => void socket.on('close', resolve)));
        if (nth > 1) socket.send(told({ event: event(1) }));
      },
      200,
      { idleTimeoutMs: 50 },
    );
    for await (const message of client.live('job_1')) if (message.kind === 'event') break;
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
  });

  it('ends with the reason of the caller', async () => {
    const { client } = await listen(() => undefined);
    const abort = new AbortController();
    const watching = all(client.live('job_1', { signal: abort.signal }));
    setImmediate(() => abort.abort(new Error('enough')));
    await expect(watching).rejects.toThrow('enough');
  });

  it('keeps only the newest snapshot for a slow reader', async () => {
    const { client } = await listen((socket) => {
      for (let n = 0; n < 5_000; n++) socket.send(told({ snapshot: { id: 'job_1', state: n === 4_999 ? 'completed' : 'running' } }));
      socket.close(1_000);
    });
    const states: string[] = [];
    for await (const message of client.live('job_1')) {
      states.push(message.kind === 'snapshot' ? message.job.state : '');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(states.at(-1)).toBe('completed');
    expect(states.length).toBeLessThan(1_000);
  });

  it('does without WebSocket from the event stream', async () => {
    const { WebSocket: own } = globalThis;
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      const { client, asked } = await listen(() => undefined);
      expect(await all(client.live('job_1'))).toEqual(['running', '1', '2', 'running']);
      expect(asked.some((line) => line.startsWith('WS'))).toBe(false);
    } finally {
      globalThis.WebSocket = own;
    }
  });
});
