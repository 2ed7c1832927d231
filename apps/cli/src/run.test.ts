import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.js';
import { run } from './run.js';

const ZERO = { discovered: 0, fetched: 1, extracted: 1, embedded: 0, stored: 1, failed: 0, skipped: 0 };
const KEY = 'glk_test';

/** What the fake API knows; `boom` in the URL of a page makes its job fail. */
function jobOf(id: string, url: string, kind = 'extract'): Record<string, unknown> {
  const failed = url.includes('boom');
  return {
    id,
    kind,
    state: failed ? 'failed' : 'completed',
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.500Z',
    input: { url },
    options: {},
    progress: { done: 1, total: 1, totalIsFinal: true, rate: null, etaSeconds: null },
    counts: ZERO,
    usage: { modelCalls: 0, modelCallsAvoided: 1, tokens: 0, costUsd: 0 },
    error: failed ? { code: 'HTTP_404', detail: 'status 404 \u001b[31m', retryable: false } : null,
    workflow: { id: 'w', runId: null, uiUrl: null },
    links: {},
  };
}

const jobs = new Map<string, Record<string, unknown>>();
const bodies: unknown[] = [];
const queries: string[] = [];
let skewMs = 0;
let pools: unknown[] = [];
const VERSION = {
  site: 'example.com',
  templateId: 'tpl_1',
  shape: '/news/*',
  version: 3,
  state: 'active',
  pinned: false,
  config: { fields: { title: [], price: [] } },
  scores: { mean: 0.968, pagesHeldOut: 2 },
  author: 'heuristic',
  model: null,
  createdAt: '2026-01-01T00:00:00.000Z',
};
let base = '';
const now = (): string => new Date().toISOString();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', base);
      if (pathname === '/health/live') response.setHeader('date', new Date(Date.now() - skewMs).toUTCString());
      const isOpen = pathname.startsWith('/health/') || request.headers.authorization === `Bearer ${KEY}`;
      const [, id, part] = /^\/api\/v1\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
      const [body, status = 200] = isOpen
        ? (fixedAnswer(pathname) ??
          (request.method === 'POST' && id === undefined ? created(Buffer.concat(chunks).toString()) : undefined) ??
          (id === undefined ? listed(searchParams) : jobAnswer(id, part, request.headers.accept)))
        : [{ code: 'UNAUTHENTICATED', detail: 'No valid API key', retryable: false }, 401];
      if (status === 429) response.setHeader('retry-after', '7500');
      const isText = typeof body === 'string';
      response.writeHead(status, {
        'content-type': !isText ? 'application/json' : part === 'events' ? 'text/event-stream' : 'text/markdown',
      });
      response.end(isText ? body : JSON.stringify(body));
    });
});

type Answer = readonly [body: unknown, status?: number];

function fixedAnswer(path: string): Answer | undefined {
  const [, version, verb] = /\/versions\/(\d+)\/(activate|pin|reject)$/.exec(path) ?? [];
  if (verb !== undefined)
    return [{ ...VERSION, version: Number(version), pinned: verb === 'pin', state: verb === 'reject' ? 'rejected' : 'active' }];
  const site = { host: 'example.com', updatedAt: now() };
  const template = {
    site: 'example.com',
    templateId: 'tpl_1',
    shape: '/news/*',
    type: 'article',
    activeVersion: 2,
    versions: 3,
    unlearnableReason: null,
  };
  const answers: Record<string, unknown> = {
    '/health/ready': { status: 'ok', checks: { database: { status: 'ok', latencyMs: 2 }, temporal: { status: 'ok', latencyMs: 5 } } },
    '/health/live': { status: 'ok' },
    '/api/v1/system': { pools },
    '/api/v1/sites': { items: [{ ...site, templates: 2, needsBrowser: false }], next: null },
    '/api/v1/sites/example.com': { ...site, needsBrowser: true, templates: [{ ...template, updatedAt: now() }] },
    '/api/v1/sites/example.com/templates/tpl_1/versions': { items: [VERSION, { ...VERSION, version: 2, state: 'retired' }], next: null },
  };
  return path in answers ? [answers[path]] : undefined;
}

function created(text: string): Answer {
  const body = JSON.parse(text) as { kind: string; input: { url: string } };
  bodies.push(body);
  if (body.input.url.includes('refused'))
    return [{ code: 'INVALID_INPUT', detail: 'input.url is refused', retryable: false, errors: [] }, 422];
  if (body.input.url.includes('limited'))
    return [
      { code: 'DAILY_PAGE_LIMIT', detail: 'The limit pagesPerDay is 5', retryable: true, limit: { name: 'pagesPerDay', value: 5 } },
      429,
    ];
  const job: Record<string, unknown> = { ...jobOf(`job_${jobs.size + 1}`, body.input.url, body.kind), input: body.input };
  jobs.set(String(job['id']), job);
  return [job, 202];
}

function listed(query: URLSearchParams): Answer {
  queries.push(query.toString());
  const from = Number(query.get('cursor') ?? 0);
  const end = from + Number(query.get('limit'));
  return [{ items: [...jobs.values()].slice(from, end), next: end < jobs.size ? String(end) : null }];
}

function jobAnswer(id: string, part: string | undefined, accept: string | undefined): Answer {
  const job = jobs.get(id);
  if (job === undefined) return [{ code: 'NOT_FOUND', detail: `no job ${id}`, retryable: false }, 404];
  const document = accept === 'text/markdown' ? `# Page of ${id}\n` : { id: 'doc_1', title: 'T', ...answerOf(job) };
  const answers: Record<string, Answer> = {
    '': [job],
    cancel: [{ ...job, state: 'cancelled' }, 202],
    pause: [{ ...job, state: 'running' }, 202],
    resume: [{ ...job, state: 'running' }, 202],
    retry: [{ ...job, id: 'job_again', state: 'queued', retryOf: id }, 202],
    result: [job['kind'] === 'learn' ? VERSION : document],
    events: [storyOf(job)],
  };
  return answers[part ?? ''] ?? [{ code: 'NOT_FOUND', detail: 'no such route', retryable: false }, 404];
}

/** What a page has of what it was asked for: a price, and nothing else. */
function answerOf({ input }: Record<string, unknown>): object {
  const { url, fields, schema } = input as { url: string; fields?: object; schema?: { properties: object; required?: string[] } };
  if (fields === undefined && schema === undefined) return {};
  const names = Object.keys(schema?.properties ?? fields ?? {}).filter((name) => name !== 'price');
  const missing = names.map((path) => ({ path, required: schema?.required?.includes(path) === true, reason: 'not_found' }));
  return { url, fields: { price: 24.5 }, extraction: { fields: { missing, valid: !missing.some(({ required }) => required) } } };
}

function storyOf(job: Record<string, unknown>): string {
  const events = [
    { type: 'job.started' },
    { type: 'job.progress', stage: 'fetch', message: 'fetched 12 KB' },
    job['state'] === 'failed' ? { type: 'job.failed', error: job['error'] } : { type: 'job.completed', counts: ZERO },
  ].map((event, index) => Object.assign({ seq: index + 1, at: `2026-01-01T00:00:0${index}.000Z`, job: job['id'] }, event));
  return events.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

class Captured extends Writable {
  text = '';
  readonly columns = 100;
  constructor(readonly isTTY: boolean) {
    super();
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

let folder = '';
async function gleaner(
  args: string[],
  environment: Record<string, string> = {},
  isTTY = false,
): Promise<{ code: number; out: string; err: string }> {
  const stdout = new Captured(isTTY);
  const stderr = new Captured(isTTY);
  const config = readConfig({ GLEANER_URL: base, GLEANER_API_KEY: KEY, HOME: folder, ...environment });
  const code = await run(args, { config, version: '0.1.0', signal: new AbortController().signal, stdout, stderr });
  return { code, out: stdout.text, err: stderr.text };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.closeAllConnections());
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-cli-'));
});
afterEach(async () => {
  jobs.clear();
  bodies.length = 0;
  queries.length = 0;
  pools = [];
  skewMs = 0;
  await rm(folder, { recursive: true, force: true });
});

describe('extract', () => {
  it('prints Markdown on stdout and progress, plain lines, on stderr', async () => {
    const { code, out, err } = await gleaner(['extract', 'https://example.com/a', '--render', 'never', '--fresh']);
    expect([code, out]).toEqual([0, '# Page of job_1\n']);
    expect(err.trim().split('\n')).toEqual([
      '2026-01-01T00:00:00.000Z 1 job.started',
      '2026-01-01T00:00:01.000Z 2 job.progress fetch fetched 12 KB',
      '2026-01-01T00:00:02.000Z 3 job.completed',
    ]);
    expect(bodies).toEqual([{ kind: 'extract', input: { url: 'https://example.com/a', render: 'never', fresh: true } }]);
  });

  it('prints documents with --json, a list for several pages, and 1 when one failed', async () => {
    expect(JSON.parse((await gleaner(['extract', 'https://example.com/a', '--json'])).out)).toEqual({ id: 'doc_1', title: 'T' });
    const { code, out, err } = await gleaner(['extract', 'https://example.com/boom', 'https://example.com/b', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ state: 'failed', error: { code: 'HTTP_404' } }, { id: 'doc_1' }]);
    expect(err).toContain('(HTTP_404)');
    expect(err).not.toContain('\u001b');
  });

  it('asks pages for fields, prints their values, and fails where a required one is missing', async () => {
    const asked = await gleaner(['extract', 'https://example.com/a', '--fields', 'price:number,warranty']);
    expect(bodies.at(-1)).toMatchObject({ input: { fields: { price: { type: 'number' }, warranty: {} } } });
    expect(JSON.parse(asked.out)).toEqual({ price: 24.5 });
    expect(asked.err).toContain('https://example.com/a: not there: warranty (not_found)');
    expect(asked.code).toBe(0);
    const schema = { type: 'object', required: ['warranty'], properties: { price: { type: 'number' }, warranty: {} } };
    const path = join(folder, 'schema.json');
    await writeFile(path, JSON.stringify(schema));
    const strict = await gleaner(['extract', 'https://example.com/a', '--schema', path, '--json']);
    expect(bodies.at(-1)).toMatchObject({ input: { schema } });
    expect(JSON.parse(strict.out)).toMatchObject({ fields: { price: 24.5 } });
    expect(strict).toMatchObject({ code: 1, err: expect.stringContaining('required and not there: warranty (not_found)') });
    const started = bodies.length;
    expect(await gleaner(['extract', 'https://example.com/a', '--fields', 'price:nmber'])).toMatchObject({ code: 2, out: '' });
    expect(bodies).toHaveLength(started);
  });

  it('prints ids and goes with --no-wait', async () => {
    expect(await gleaner(['extract', 'https://example.com/a', 'https://example.com/b', '--no-wait'])).toEqual({
      code: 0,
      out: 'job_1\njob_2\n',
      err: '',
    });
  });

  it('goes on with the others when one page is refused', async () => {
    const { code, out, err } = await gleaner(['extract', 'https://example.com/refused', 'https://example.com/b', '--json', '--label', 'x']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ state: 'refused', job: null, error: { code: 'INVALID_INPUT' } }, { id: 'doc_1' }]);
    expect(err).toContain('https://example.com/refused: input.url is refused');
    expect(bodies).toContainEqual({ kind: 'extract', input: { url: 'https://example.com/b' }, labels: ['x'] });
    expect(await gleaner(['extract', 'https://example.com/refused'])).toMatchObject({ code: 2, out: '' });
  });

  it('shows several jobs as one display: how many, how fast, stages, the last failures', async () => {
    const urls = ['a', 'b', 'boom'].map((name) => `https://example.com/${name}`);
    const { code, err } = await gleaner(['extract', ...urls], {}, true);
    expect(code).toBe(1);
    const last = stripVTControlCharacters(err.slice(err.lastIndexOf('3 of 3 pages')));
    expect(last).toMatch(/^3 of 3 pages {2}1 failed {2}\d[\d.]*\/s {2}\d/);
    expect(last).toMatch(/\n {2}fetch 3\n {2}✘ HTTP_404 https:\/\/example\.com\/boom status 404/);
    const plain = await gleaner(['extract', ...urls]);
    expect(plain.err).toMatch(/Z job_\d 1 job\.started/);
    expect(plain.err).not.toContain('\u001b');
  });

  it('draws one block in place on a terminal, without colours under NO_COLOR', async () => {
    const { out, err } = await gleaner(['extract', 'https://example.com/a'], {}, true);
    expect(out).toBe('# Page of job_1\n');
    expect(err).toContain('\u001b[32m✔');
    expect(stripVTControlCharacters(err)).toMatch(/✔ https:\/\/example\.com\/a {2}completed {2}2\.0 s/);
    const plain = await gleaner(['extract', 'https://example.com/a'], { NO_COLOR: '1' }, true);
    expect(plain.err).not.toContain('\u001b[3');
    expect(plain.err).not.toContain('\u001b[1m');
    expect(plain.err).toContain('✔ fetch');
  });
});

describe('jobs, sites and learn', () => {
  it('lists, shows, watches and cancels', async () => {
    expect((await gleaner(['jobs'])).err).toContain('No jobs');
    await gleaner(['extract', 'https://example.com/a', 'https://example.com/boom', '--no-wait']);
    expect((await gleaner(['jobs'])).out).toMatch(
      /^JOB +KIND +STATE +CREATED +URL\njob_1 +extract +completed +.*https:\/\/example\.com\/a\njob_2 +extract +failed/,
    );
    expect(JSON.parse((await gleaner(['jobs', '--json', '--limit', '1'])).out)).toHaveLength(1);
    const shown = await gleaner(['job', 'job_2']);
    expect([shown.code, shown.out.includes('HTTP_404: status 404')]).toEqual([1, true]);
    const watched = await gleaner(['watch', 'job_1', '--json', '--after', '1']);
    expect(
      watched.out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { seq: number }).seq),
    ).toEqual([2, 3]);
    expect((await gleaner(['watch', 'job_2'])).code).toBe(1);
    expect((await gleaner(['cancel', 'job_1', 'job_2'])).out).toBe('job_1  cancelled\njob_2  cancelled\n');
    expect((await gleaner(['pause', 'job_1'])).out).toBe('job_1  running, asked to pause\n');
    expect((await gleaner(['resume', 'job_1'])).out).toBe('job_1  running\n');
    expect((await gleaner(['retry', 'job_2'])).out).toBe('job_again  queued, does job_2 again\n');
    expect(JSON.parse((await gleaner(['retry', 'job_2', '--json'])).out)).toMatchObject({ id: 'job_again', retryOf: 'job_2' });
    expect(await gleaner(['pause', 'job_1', 'job_none'])).toMatchObject({ code: 2, out: 'job_1  running, asked to pause\n' });
  });

  it('goes through long lists by cursor, and passes filters on', async () => {
    for (const name of ['a', 'b', 'c']) await gleaner(['extract', `https://example.com/${name}`, '--no-wait']);
    const first = await gleaner(['jobs', '--limit', '2', '--json', '--label', 'x', 'y', '--state', 'failed']);
    expect(JSON.parse(first.out)).toHaveLength(2);
    expect(first.err).toContain('--cursor 2');
    expect(queries).toEqual(['state=failed&label=x&label=y&limit=2']);
    const rest = await gleaner(['jobs', '--cursor', '2', '--json']);
    expect(JSON.parse(rest.out)).toMatchObject([{ id: 'job_3' }]);
    expect(rest.err).toBe('');
  });

  it('shows what was learned', async () => {
    expect((await gleaner(['sites'])).out).toContain('example.com  2          http');
    expect((await gleaner(['sites', 'example.com'])).out).toMatch(/needs a browser\n.*\n\/news\/\* +article +2 of 3/);
    expect((await gleaner(['sites', 'versions', 'example.com', 'tpl_1'])).out).toMatch(
      /VERSION.*\n3 +active +0\.97 on 2 +title, price +heuristic/,
    );
    expect((await gleaner(['sites', 'pin', 'example.com', 'tpl_1', '2'])).out).toBe('example.com /news/* version 2, active, pinned\n');
    expect(JSON.parse((await gleaner(['sites', 'reject', 'example.com', 'tpl_1', '2', '--json'])).out)).toMatchObject({
      state: 'rejected',
    });
    expect(await gleaner(['sites', 'activate', 'example.com', 'tpl_1', 'two'])).toMatchObject({ code: 2, out: '' });
    expect((await gleaner(['learn', 'https://example.com/a'])).out).toBe(
      'example.com /news/* version 3, active, score 0.97 on 2 further pages\n',
    );
  });
});

describe('errors', () => {
  it('2 for wrong usage, with a suggestion', async () => {
    expect(await gleaner(['extrct', 'https://example.com/'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean extract?'),
    });
    expect(await gleaner(['extract', 'example.com/a'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean https://example.com/a'),
    });
    expect(await gleaner(['extract', 'https://example.com/', '--render', 'maybe'])).toMatchObject({ code: 2 });
    expect((await gleaner(['extract', 'https://127.0.0.1:99999/'])).err).not.toContain('did you mean');
    expect(await gleaner(['jobs', '--limit', '0'])).toMatchObject({ code: 2 });
    expect(await gleaner(['job', 'job_none'])).toMatchObject({ code: 2, err: expect.stringContaining('NOT_FOUND') });
    expect(await gleaner(['jobs'], { GLEANER_API_KEY: 'glk_wrong' })).toMatchObject({ code: 2, err: expect.stringContaining('admin.key') });
    expect(await gleaner(['jobs'], { GLEANER_ULR: 'x' })).toMatchObject({ code: 2, err: expect.stringContaining('GLEANER_URL') });
  });

  it('1 when a limit is reached, saying when to come back', async () => {
    const { code, err } = await gleaner(['extract', 'https://example.com/limited']);
    expect(code).toBe(1);
    expect(err).toContain('(DAILY_PAGE_LIMIT)');
    expect(err).toContain('Try again in 2 h 05 min.');
  });

  it('3 when nothing answers, saying how to start it', async () => {
    const { code, out, err } = await gleaner(['jobs', '--url', 'http://127.0.0.1:1']);
    expect([code, out]).toEqual([3, '']);
    expect(err).toContain('npm start');
  });

  it('0 for help and version, on stdout', async () => {
    expect(await gleaner(['--version'])).toEqual({ code: 0, out: '0.1.0\n', err: '' });
    const { code, out } = await gleaner(['--help']);
    expect([code, out.includes('Examples:')]).toEqual([0, true]);
    expect((await gleaner(['extract', '--help'])).out).toContain('--no-wait');
  });
});

async function prepare(pids: Record<string, number>): Promise<void> {
  await mkdir(join(folder, 'run'));
  await writeFile(join(folder, 'run', 'ready.json'), JSON.stringify({ url: base, pids }));
  await writeFile(join(folder, 'admin.key'), `${KEY}\n`);
}

describe('data folder and doctor', () => {
  const local = { GLEANER_URL: '', GLEANER_API_KEY: '' };

  it('finds the running system and its key, and keeps the key from other hosts', async () => {
    await prepare({});
    expect((await gleaner(['jobs', '--data', folder], local)).code).toBe(0);
    expect((await gleaner(['jobs'], { ...local, GLEANER_DATA: folder })).code).toBe(0);
    expect(await gleaner(['jobs', '--data', folder, '--url', 'http://gleaner.example'], local)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no key for'),
    });
  });

  it('says ok line by line, or BAD with what to do', async () => {
    await prepare({ api: process.pid });
    const programs = await fakePrograms();
    pools = [{ queue: 'fetch', pollers: [{ identity: 'w', lastAccessAt: null }], slots: { used: 1, available: 14 }, backlog: 3 }];
    const well = await gleaner(['doctor', '--data', folder], { ...local, ...programs });
    expect(well.out).toContain('Everything is well.');
    expect(well.out).toMatch(/ok {3} {2}temporal +5 ms/);
    expect(well.out).toMatch(/pool fetch +1 poller, 1 of 15 slots used, 3 waiting/);
    expect(well.out).toContain('(1.8.2)');
    expect(well.out).toContain('draws a page');
    expect(well.code).toBe(0);
    expect((await gleaner(['doctor', '--url', 'http://127.0.0.1:1'])).out).toMatch(/BAD {2}API +cannot reach[^]*npm start/);
  });

  it('finds dead processes, old and broken programs, skewed clocks, idle queues and wrong settings', async () => {
    await prepare({ api: 2 ** 22 + 1 });
    await writeFile(join(folder, 'supervisor.owner'), String(2 ** 22 + 2));
    const programs = await fakePrograms({
      temporal: '#!/bin/sh\necho temporal version 1.2.0\n',
      chromium: '#!/bin/sh\necho libnss3.so is missing >&2\nexit 127\n',
    });
    skewMs = 60_000;
    pools = [{ queue: 'learn', pollers: [], slots: null, backlog: null }];
    const environment = { ...local, ...programs, GLEANER_PORT: 'many', GLEANER_CACHE: join(folder, 'admin.key', 'below') };
    const bad = await badChecks(['doctor', '--data', folder, '--json'], environment);
    expect(bad.map((check) => check.name)).toEqual([
      'GLEANER_PORT',
      'running system',
      'cache folder',
      'Temporal CLI',
      'Chromium',
      'clock',
      '  pool learn',
    ]);
    expect(bad.every((check) => (check.advice ?? '') !== '')).toBe(true);
    expect(bad[1]?.detail).toContain('was killed');
    expect(bad[4]?.detail).toContain('libnss3.so is missing');
    expect(
      (await badChecks(['doctor', '--data', folder, '--key', 'glk_wrong', '--json'], { ...local, ...(await fakePrograms()) })).map(
        (check) => check.name,
      ),
    ).toEqual(['running system', 'clock', 'API key']);
  });

  it('says who holds the folder, and what holds the port, when nothing is ready', async () => {
    const { port } = server.address() as AddressInfo;
    await writeFile(join(folder, 'supervisor.owner'), String(process.pid));
    const environment = { ...local, ...(await fakePrograms()), GLEANER_PORT: String(port) };
    const bad = await badChecks(['doctor', '--data', folder, '--json'], environment);
    expect(bad.map((check) => check.name)).toEqual(['running system', 'port', 'API key']);
    expect(bad[0]?.detail).toContain(`process ${process.pid} holds the folder`);
    expect(bad[1]?.detail).toContain(`127.0.0.1:${port}`);
  });
});

async function badChecks(
  args: string[],
  environment: Record<string, string>,
): Promise<{ name: string; detail: string; advice?: string }[]> {
  const { code, out } = await gleaner(args, environment);
  expect(code).toBe(1);
  const { checks } = JSON.parse(out) as { checks: { name: string; isOk: boolean; detail: string; advice?: string }[] };
  return checks.filter((check) => !check.isOk);
}

/** Speaks as a browser does over its pipe. */
const BROWSER = `#!${process.execPath}
const { createReadStream, writeSync } = require('node:fs');
createReadStream('', { fd: 3 }).on('data', (part) => {
  for (const message of part.toString().split('\\0').filter(Boolean)) {
    const { id, method } = JSON.parse(message);
    const result = method === 'Runtime.evaluate' ? { result: { value: 'drawn by script' } } : { targetId: 't', sessionId: 's' };
    writeSync(4, JSON.stringify({ id, result }) + '\\0');
  }
});
`;

/** Programs that answer as the real ones do, or do not. */
async function fakePrograms({ temporal = '#!/bin/sh\necho temporal version 1.8.2\n', chromium = BROWSER } = {}): Promise<
  Record<'TEMPORAL_CLI' | 'CHROMIUM_PATH', string>
> {
  const place = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o700 });
    return join(folder, name);
  };
  return { TEMPORAL_CLI: await place('temporal', temporal), CHROMIUM_PATH: await place('chromium', chromium) };
}
