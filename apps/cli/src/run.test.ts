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
let base = '';
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      const json = (value: unknown, status = 200): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      const path = new URL(request.url ?? '', base).pathname;
      if (path === '/health/ready')
        return json({ status: 'ok', checks: { database: { status: 'ok', latencyMs: 2 }, temporal: { status: 'ok', latencyMs: 5 } } });
      if (request.headers.authorization !== `Bearer ${KEY}`)
        return json({ code: 'UNAUTHENTICATED', detail: 'No valid API key', retryable: false }, 401);
      if (path === '/api/v1/jobs' && request.method === 'POST') {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as { kind: string; input: { url: string } };
        bodies.push(body);
        const job = jobOf(`job_${jobs.size + 1}`, body.input.url, body.kind);
        jobs.set(String(job['id']), job);
        return json(job, 202);
      }
      if (path === '/api/v1/jobs') return json({ items: [...jobs.values()], next: null });
      if (path === '/api/v1/sites')
        return json({
          items: [{ host: 'example.com', templates: 2, needsBrowser: false, updatedAt: new Date().toISOString() }],
          next: null,
        });
      if (path.startsWith('/api/v1/sites/'))
        return json({
          host: 'example.com',
          needsBrowser: true,
          updatedAt: new Date().toISOString(),
          templates: [
            {
              site: 'example.com',
              templateId: 'tpl_1',
              shape: '/news/*',
              activeVersion: 2,
              versions: 3,
              unlearnableReason: null,
              updatedAt: new Date().toISOString(),
            },
          ],
        });
      const [, id, part] = /^\/api\/v1\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
      const job = jobs.get(id ?? '');
      if (job === undefined) return json({ code: 'NOT_FOUND', detail: `no job ${id}`, retryable: false }, 404);
      if (part === undefined) return json(job);
      if (part === 'cancel') return json({ ...job, state: 'cancelled' });
      if (part === 'result' && job['kind'] === 'learn')
        return json({
          site: 'example.com',
          templateId: 'tpl_1',
          shape: '/news/*',
          version: 3,
          state: 'active',
          scores: { mean: 0.968, pagesHeldOut: 2 },
        });
      if (part === 'result')
        return request.headers.accept === 'text/markdown' ? void response.end(`# Page of ${id}\n`) : json({ id: 'doc_1', title: 'T' });
      const failed = job['state'] === 'failed';
      const events = [
        { type: 'job.started' },
        { type: 'job.progress', stage: 'fetch', message: 'fetched 12 KB' },
        failed ? { type: 'job.failed', error: job['error'] } : { type: 'job.completed', counts: ZERO },
      ]
        .map((event, index) => ({ seq: index + 1, at: `2026-01-01T00:00:0${index}.000Z`, job: id, event }))
        .map(({ event, ...head }) => Object.assign(head, event));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(events.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    });
});

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

  it('prints ids and goes with --no-wait', async () => {
    expect(await gleaner(['extract', 'https://example.com/a', 'https://example.com/b', '--no-wait'])).toEqual({
      code: 0,
      out: 'job_1\njob_2\n',
      err: '',
    });
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
    expect((await gleaner(['cancel', 'job_1'])).out).toBe('job_1  cancelled\n');
  });

  it('shows what was learned', async () => {
    expect((await gleaner(['sites'])).out).toContain('example.com  2          http');
    expect((await gleaner(['sites', 'example.com'])).out).toMatch(/needs a browser\n.*\n\/news\/\* +2 of 3/);
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
    const program = { TEMPORAL_CLI: process.execPath, CHROMIUM_PATH: process.execPath };
    const well = await gleaner(['doctor', '--data', folder], { ...local, ...program });
    expect(well.out).toContain('Everything is well.');
    expect(well.out).toMatch(/ok {3} {2}temporal +5 ms/);
    expect(well.code).toBe(0);
    await writeFile(join(folder, 'run', 'ready.json'), JSON.stringify({ url: base, pids: { api: 2 ** 22 + 1 } }));
    const ill = await gleaner(['doctor', '--data', folder, '--key', 'glk_wrong', '--json'], {
      ...local,
      ...program,
      TEMPORAL_CLI: '/nowhere',
    });
    const bad = (JSON.parse(ill.out) as { checks: { name: string; isOk: boolean; advice?: string }[] }).checks.filter(
      (check) => !check.isOk,
    );
    expect(bad.map((check) => check.name)).toEqual(['running system', 'Temporal CLI', 'API key']);
    expect(bad.every((check) => (check.advice ?? '') !== '')).toBe(true);
    expect(ill.code).toBe(1);
    expect((await gleaner(['doctor', '--url', 'http://127.0.0.1:1'])).out).toMatch(/BAD {2}API +cannot reach[^]*npm start/);
  });
});
