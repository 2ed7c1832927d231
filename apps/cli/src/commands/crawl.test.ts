import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { run } from '../run.js';

const ZERO = { discovered: 0, fetched: 0, extracted: 0, embedded: 0, stored: 0, unchanged: 0, duplicate: 0, failed: 0, skipped: 0 };
const COUNTS = { ...ZERO, discovered: 40, fetched: 32, extracted: 31, embedded: 30, stored: 30, failed: 2, skipped: 8 };
const LINES = Array.from(
  { length: 200 },
  (_, index) => `${JSON.stringify({ pageUrl: `https://example.com/${index}`, text: 'é'.repeat(500) })}\n`,
).join('');

const asked: string[] = [];
let end = 'completed';
let isBroken = false;

function jobOf(state: string): object {
  return {
    id: 'job_1',
    kind: 'crawl',
    state,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: state === 'running' ? null : '2026-01-01T00:00:12.000Z',
    input: { url: 'https://example.com/' },
    counts: COUNTS,
    error: state === 'failed' ? { code: 'DEADLINE_EXCEEDED', detail: 'took too long', retryable: true } : null,
  };
}

/** Forty pages in twelve seconds: 30 stored, 2 failed, 8 skipped. */
function story(): string {
  const events: object[] = [{ type: 'job.started', at: 0, message: 'crawling' }];
  for (let page = 1; page <= 40; page++) {
    const failed = page % 20 === 0 ? page / 20 : 0;
    const skipped = page > 30 && failed === 0;
    const counts = {
      ...ZERO,
      discovered: 40,
      stored: Math.min(page, 30) - (page >= 20 ? 1 : 0),
      failed: page >= 40 ? 2 : page >= 20 ? 1 : 0,
      skipped: Math.max(0, page - 30 - (page === 40 ? 1 : 0)),
    };
    const url = `https://example.com/${page}`;
    if (failed > 0)
      events.push({
        type: 'page.failed',
        stage: 'fetch',
        at: page * 300,
        url,
        counts,
        error: { code: 'HTTP_404', detail: 'status 404 \u001b[31m' },
      });
    else events.push({ type: skipped ? 'page.skipped' : 'page.stored', at: page * 300, url, counts });
  }
  events.push({ type: `job.${end}`, at: 12_000, counts: COUNTS });
  return events
    .map((event, index) => ({
      ...event,
      seq: index + 1,
      job: 'job_1',
      at: new Date(Date.parse('2026-01-01T00:00:00Z') + (event as { at: number }).at).toISOString(),
    }))
    .map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

const PAGE = {
  url: 'https://example.com/a',
  state: 'skipped',
  reason: 'robots',
  status: null,
  documentId: null,
  detail: 'Disallow: /a\u001b[31m',
  duplicateOf: null,
};
const RESULT = { pages: 30, incomplete: 4, usage: { modelCalls: 6, modelCallsAvoided: 24, tokens: 900, costUsd: 0.002 } };
const server = createServer((request, response) => void bodyOf(request).then((body) => answer(request, response, body)));

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  asked.push(`${request.method} ${request.url} ${body}`.trim());
  const json = (value: object, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  if (path.endsWith('/events')) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(story());
  if (path.endsWith('/pages')) {
    const isLast = (request.url ?? '').includes('cursor');
    return json({ items: [{ ...PAGE, url: isLast ? 'https://example.com/b' : PAGE.url }], next: isLast ? null : 'c' });
  }
  if (path.endsWith('/result') && request.headers.accept === 'application/json') return json(RESULT);
  if (path.endsWith('/result')) {
    response.writeHead(200, { 'content-type': request.headers.accept });
    return isBroken ? void response.write(LINES.slice(0, 9_000), () => response.destroy()) : void response.end(LINES);
  }
  if (request.method === 'PATCH') return json(jobOf('running'));
  return json({ ...jobOf(request.method === 'POST' ? 'running' : end) }, request.method === 'POST' ? 202 : 200);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

class Captured extends Writable {
  text = '';
  readonly columns = 100;
  constructor(readonly isTTY: boolean) {
    super({ highWaterMark: 1_000 });
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    setImmediate(done);
  }
}

async function gleaner(args: string[], isTTY = false): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new Captured(isTTY), new Captured(isTTY)];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = readConfig({ GLEANER_URL: url, GLEANER_API_KEY: 'glk_test', HOME: '/nowhere' });
  const code = await run(args, { config, version: '0.1.0', signal: new AbortController().signal, stdout, stderr });
  await Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.end(resolve))));
  return { code, out: stdout.text, err: stderr.text };
}

let folder = '';
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gleaner-crawl-'))));
afterEach(async () => {
  asked.length = 0;
  end = 'completed';
  isBroken = false;
  await rm(folder, { recursive: true, force: true });
});

describe('crawl', () => {
  it('asks every page for fields, and says what models did and how many pages lack something', async () => {
    const { code, err } = await gleaner(['crawl', 'https://example.com/', '--fields', 'price:number', '--fields', 'warranty']);
    expect(JSON.parse(asked[0]!.replace('POST /api/v1/jobs ', ''))).toMatchObject({
      input: { url: 'https://example.com/', fields: { price: { type: 'number' }, warranty: {} } },
    });
    expect(code).toBe(0);
    expect(err).toContain('6 model calls made, 24 avoided, 900 tokens, $0.002');
    expect(err).toContain('4 of 30 pages lack a required field');
    expect((await gleaner(['crawl', '--help'])).out).toMatch(/--schema <file>[\s\S]*--fields price:number/);
  });

  it('asks for what the flags say, and tells in lines how it went and what can be done', async () => {
    const flags = [
      '--limit',
      '40',
      '--depth',
      '3',
      '--include',
      '/a',
      '--include',
      '/b',
      '--exclude',
      '*.pdf$',
      '--scope',
      'path',
      '--no-embed',
    ];
    const more = [
      '--sitemap',
      'skip',
      '--render',
      'never',
      '--refresh',
      '--concurrency',
      '4',
      '--deadline',
      '60',
      '--label',
      'x',
      '--priority',
      '2',
    ];
    const { code, out, err } = await gleaner(['crawl', 'https://example.com/', ...flags, ...more]);
    expect(JSON.parse(asked[0]!.replace('POST /api/v1/jobs ', ''))).toEqual({
      kind: 'crawl',
      priority: 2,
      labels: ['x'],
      input: {
        url: 'https://example.com/',
        limit: 40,
        depth: 3,
        include: ['/a', '/b'],
        exclude: ['*.pdf$'],
        scope: 'path',
        sitemap: 'skip',
        render: 'never',
        refresh: true,
        embed: false,
        concurrency: 4,
        deadlineSeconds: 60,
      },
    });
    expect([code, out]).toEqual([0, 'job_1  completed in 12.0 s  https://example.com/: 40 pages found, 30 stored, 2 failed, 8 skipped\n']);
    const lines = err.trim().split('\n');
    expect(lines.slice(0, 6)).toEqual([
      '2026-01-01T00:00:00.000Z job.started crawling',
      '2026-01-01T00:00:05.100Z job.progress 17 of 40 pages 3.3/s about 6.9 s left 17 stored',
      '2026-01-01T00:00:06.000Z page.failed fetch HTTP_404 https://example.com/20 status 404 [31m',
      '2026-01-01T00:00:10.200Z job.progress 34 of 40 pages 3.3/s about 1.8 s left 29 stored, 1 failed, 4 skipped',
      '2026-01-01T00:00:12.000Z page.failed fetch HTTP_404 https://example.com/40 status 404 [31m',
      '2026-01-01T00:00:12.000Z job.completed 40 of 40 pages 3.3/s 30 stored, 2 failed, 8 skipped',
    ]);
    expect(lines.slice(6).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      'gleaner export job_1 --format zip',
      'gleaner export job_1',
      'gleaner pages job_1',
      'gleaner pages job_1 --state failed',
      'gleaner retry job_1',
    ]);
  });

  it('draws one block in place on a terminal', async () => {
    const { code, err } = await gleaner(['crawl', 'https://example.com/'], true);
    expect(code).toBe(0);
    const last = stripVTControlCharacters(err.slice(err.lastIndexOf('✔')));
    expect(last).toMatch(
      /^✔ https:\/\/example\.com\/ {2}completed {2}\d[^\n]*\n {2}█{24} {2}40 of 40 pages[^\n]*\n {2}30 stored, 2 failed, 8 skipped\n {2}found 40, fetched 32/,
    );
    expect(last).toMatch(/\n {2}✘ HTTP_404 https:\/\/example\.com\/20 [^\n]*\n {2}✘ HTTP_404 https:\/\/example\.com\/40 [^\n]*\n {2}job_1/);
  });

  it('is 1 when it failed, prints the job with --json, only its id with --detach, and is watched like any job', async () => {
    end = 'failed';
    const failed = await gleaner(['crawl', 'https://example.com/', '--json']);
    expect([failed.code, JSON.parse(failed.out)]).toMatchObject([1, { id: 'job_1', state: 'failed' }]);
    expect(failed.err).toContain('took too long (DEADLINE_EXCEEDED)');
    for (const flag of ['--detach', '--no-wait'])
      expect(await gleaner(['crawl', 'https://example.com/', flag])).toEqual({ code: 0, out: 'job_1\n', err: '' });
    expect((await gleaner(['watch', 'job_1'])).err).toContain('34 of 40 pages');
    for (const flags of [
      ['--limit', '0'],
      ['--concurrency', '65'],
      ['--scope', 'all'],
    ])
      expect((await gleaner(['crawl', 'https://example.com/', ...flags])).code).toBe(2);
    expect((await gleaner(['crawl', 'example.com'])).err).toContain('did you mean https://example.com');
  });
});

describe('steering and reading a crawl', () => {
  it('changes what is named, and nothing without a name', async () => {
    const { out } = await gleaner(['change', 'job_1', '--limit', '9', '--exclude', '/x', '--no-include', '--priority', '1']);
    expect(out).toBe('job_1  running, changed: limit, priority, include, exclude\n');
    expect(asked).toEqual(['PATCH /api/v1/jobs/job_1 {"options":{"limit":9,"priority":1,"include":[],"exclude":["/x"]}}']);
    expect(await gleaner(['change', 'job_1'])).toMatchObject({ code: 2, err: expect.stringContaining('--limit 1000') });
    await gleaner(['retry', 'job_1', '--from', 'extract']);
    expect(asked.at(-1)).toBe('POST /api/v1/jobs/job_1/retry {"from":"extract"}');
  });

  it('lists pages, all or some', async () => {
    const all = await gleaner(['pages', 'job_1', '--state', 'skipped', '--reason', 'robots']);
    expect(all.out.split('\n')).toEqual([
      'skipped    robots           -    https://example.com/a  Disallow: /a[31m',
      'skipped    robots           -    https://example.com/b  Disallow: /a[31m',
      '',
    ]);
    expect(asked[0]).toBe('GET /api/v1/jobs/job_1/pages?state=skipped&reason=robots&limit=500');
    const some = await gleaner(['pages', 'job_1', '--limit', '1', '--json']);
    expect(JSON.parse(some.out)).toMatchObject({ url: 'https://example.com/a' });
    expect(some.err).toContain('There are more');
  });
});

describe('export', () => {
  const files = () => readdir(folder);

  it('goes to stdout, or into a file that is there only when it is whole', async () => {
    expect((await gleaner(['export', 'job_1'])).out).toBe(LINES);
    const file = join(folder, 'pages.zip');
    const { code, out } = await gleaner(['export', 'job_1', '--format', 'zip', '--output', file]);
    expect([code, out, await readFile(file, 'utf8')]).toEqual([0, `${file}  ${(Buffer.byteLength(LINES) / 1_000).toFixed(1)} kB\n`, LINES]);
    isBroken = true;
    const broken = await gleaner(['export', 'job_1', '--output', join(folder, 'broken.jsonl')]);
    expect([broken.code, broken.err.includes('not complete'), await files()]).toEqual([3, true, ['pages.zip']]);
  });

  it('writes over nothing without --force, and no archive on a terminal', async () => {
    const file = join(folder, 'a.jsonl');
    await writeFile(file, 'mine');
    expect(await gleaner(['export', 'job_1', '--output', file])).toMatchObject({ code: 2, err: expect.stringContaining('--force') });
    expect([await readFile(file, 'utf8'), asked]).toEqual(['mine', []]);
    expect((await gleaner(['export', 'job_1', '--output', file, '--force'])).code).toBe(0);
    expect([await readFile(file, 'utf8'), await files()]).toEqual([LINES, ['a.jsonl']]);
    expect(await gleaner(['export', 'job_1', '--format', 'zip', '--output', '-'], true)).toMatchObject({ code: 2, out: '' });
    expect(await gleaner(['export', 'job_1', '--output', join(folder, 'none', 'b')])).toMatchObject({
      code: 2,
      err: expect.stringContaining('ENOENT'),
    });
  });
});
