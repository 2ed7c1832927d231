import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { crawlNamedSites } from './crawls.js';

const COUNTS = { discovered: 3, fetched: 0, extracted: 0, embedded: 0, stored: 1, unchanged: 0, duplicate: 0, failed: 1, skipped: 1 };
const LINES = '{"pageUrl":"https://a.example/"}\n';

let server: Server;
let started = 0;
/** The first job completes, the second fails; both have stored something. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const state = request.url?.includes('job_2') === true ? 'failed' : 'completed';
    const error = state === 'failed' ? { code: 'DEADLINE_EXCEEDED', detail: 'too long' } : null;
    const job = { state, error, counts: COUNTS, progress: { rate: 1.5 }, workflow: { uiUrl: null } };
    if (request.url?.endsWith('/events') === true) {
      const events = [
        { type: 'job.started', at: '2026-01-01T00:00:00Z', counts: { ...COUNTS, stored: 0, failed: 0, skipped: 0 } },
        {
          type: 'page.failed',
          at: '2026-01-01T00:00:01Z',
          url: 'https://a.example/x',
          counts: COUNTS,
          error: { code: 'HTTP_404', detail: '404' },
        },
        { type: `job.${state}`, at: '2026-01-01T00:00:03Z', counts: COUNTS },
      ].map((event, index) => `data: ${JSON.stringify({ ...event, seq: index + 1 })}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.join(''));
    } else if (request.url?.endsWith('/result') === true) response.end(LINES);
    else response.end(JSON.stringify({ ...job, id: request.method === 'POST' ? `job_${++started}` : request.url?.split('/').at(-1) }));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('crawls one site after the other, tells how it goes, and prints what was stored', async () => {
  const [said, errors, printed]: string[][] = [[], [], []];
  const terminal = {
    say: (line: string) => said!.push(line),
    error: (line: string) => errors!.push(line),
    result: () => undefined,
    resultPart: async (text: string) => void printed!.push(text),
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const pages = ['https://a.example/', 'https://b.example/'];
  const crawl = (withResult: boolean) =>
    crawlNamedSites({ url, key: 'k', pages, terminal, signal: new AbortController().signal, withResult });
  expect(await crawl(true)).toBe(false);
  expect(said!.slice(0, 6)).toEqual([
    'crawling https://a.example/',
    '  3 pages found',
    '  failed  https://a.example/x  HTTP_404 404',
    '  3 pages found, 1 stored, 1 failed, 1 skipped',
    '  completed: 3 pages found, 1 stored, 1 failed, 1 skipped, 1.5 pages a second; job_1',
    '  all of it: npm run gleaner -- export job_1 --format zip',
  ]);
  expect([errors, printed]).toEqual([['https://b.example/: failed, DEADLINE_EXCEEDED: too long'], [LINES, LINES]]);
});
