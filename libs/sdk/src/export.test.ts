import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, createClient } from './index.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => void (await Promise.all(stops.splice(0).map((stop) => stop()))));

async function serve(answer: (path: string, response: ServerResponse, accept: string | undefined, body: string) => void): Promise<Client> {
  const server = createServer((request, response) => {
    let body = '';
    request
      .on('data', (part: Buffer) => (body += part.toString()))
      .on('end', () => answer(request.url ?? '', response, request.headers.accept, body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'k', retryBaseMs: 1, idleTimeoutMs: 200 });
}

const ids = async (client: Client): Promise<string[]> => {
  const found: string[] = [];
  for await (const { pageUrl } of client.documents('job_1')) found.push(pageUrl);
  return found;
};
const lines = Array.from(
  { length: 50 },
  (_, index) => `${JSON.stringify({ pageUrl: `größe ${index} 漢字`, text: 'x'.repeat(index * 40) })}\n`,
);

describe('exports', () => {
  it('are documents, however the lines are cut', async () => {
    const bytes = Buffer.from(lines.join(''));
    const client = await serve((_, response, accept) => {
      response.writeHead(200, { 'content-type': accept });
      for (let at = 0; at < bytes.length; at += 777) response.write(bytes.subarray(at, at + 777));
      response.end();
    });
    expect(await ids(client)).toEqual(lines.map((line) => (JSON.parse(line) as { pageUrl: string }).pageUrl));
    const stream = await client.export('job_1', { format: 'zip' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('that break off or fall silent are errors, also at the end of a line', async () => {
    const broken = await serve((_, response) => {
      response.writeHead(200);
      response.write(lines[0]!, () => response.destroy());
    });
    await expect(ids(broken)).rejects.toMatchObject({ name: 'GleanerUnreachable', message: expect.stringContaining('not complete') });
    const silent = await serve((_, response) => void response.writeHead(200).write(lines[0]!));
    await expect(ids(silent)).rejects.toMatchObject({ name: 'GleanerUnreachable', message: expect.stringContaining('silent') });
    const refused = await serve(
      (_, response) => void response.writeHead(409).end('{"code":"JOB_UNFINISHED","detail":"running","retryable":true}'),
    );
    await expect(ids(refused)).rejects.toMatchObject({ name: 'GleanerError', code: 'JOB_UNFINISHED' });
  });

  it('end their request when the reader leaves, and throw the reason of the signal', async () => {
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const client = await serve((_, response) => {
      response.on('close', closed).writeHead(200);
      response.write(lines.join(''));
    });
    for await (const document of client.documents('job_1')) if (document.pageUrl !== '') break;
    await isClosed;
    const stop = new AbortController();
    const left = (async () => {
      for await (const _ of client.documents('job_1', { signal: stop.signal })) stop.abort(new Error('enough'));
    })();
    await expect(left).rejects.toThrow('enough');
  });

  it('retry says where to begin, and a ledger is read part by part', async () => {
    const asked: string[] = [];
    const client = await serve((path, response, _, body) => {
      asked.push(`${path} ${body}`.trim());
      const next = path.includes('cursor') ? null : 'c1';
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: [{ url: path }], next }));
    });
    for await (const _ of client.pages('job_1', { state: 'failed', pageSize: 1 }));
    await client.retry('job_1');
    await client.retry('job_1', { from: 'extract' });
    expect(asked).toEqual([
      '/api/v1/jobs/job_1/pages?state=failed&limit=1',
      '/api/v1/jobs/job_1/pages?state=failed&limit=1&cursor=c1',
      '/api/v1/jobs/job_1/retry',
      '/api/v1/jobs/job_1/retry {"from":"extract"}',
    ]);
  });
});
