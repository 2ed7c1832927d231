/** The SDK as somebody else gets it: packed, installed into an empty folder, run in the oldest Node it serves and in a page. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, copyFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner } from '../support/gleaner.js';

const SDK = fileURLToPath(new URL('../../libs/sdk', import.meta.url));
const SYSTEM_NODE = '/usr/bin/node';
const MAX_TARBALL_BYTES = 30_000;
const MEDIA_TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };
const run = promisify(execFile);

let folder: string;
let tarballBytes: number;
let node: string;
let site: FixtureSite;
let gleaner: Gleaner;
let pages: Server;
let origin: string;

const npm = async (parameters: readonly string[], cwd: string): Promise<string> => {
  const beside = join(dirname(process.execPath), 'npm');
  const program = await access(beside).then(
    () => beside,
    () => 'npm',
  );
  return (await run(program, parameters, { cwd, timeout: 60_000 })).stdout;
};

/** The oldest Node that the package says it serves, where this machine has one. */
async function oldNode(): Promise<string> {
  const version = await run(SYSTEM_NODE, ['--version'], { timeout: 10_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return /^v2\d\./.test(version) ? SYSTEM_NODE : process.execPath;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-packed-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const [packed] = JSON.parse(await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], SDK)) as {
    filename: string;
  }[];
  const tarball = join(folder, packed?.filename ?? '');
  tarballBytes = (await stat(tarball)).size;
  await npm(['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], folder);
  for (const example of await readdir(join(SDK, 'examples'))) await copyFile(join(SDK, 'examples', example), join(folder, example));
  node = await oldNode();

  pages = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    response.setHeader('content-type', MEDIA_TYPES[extname(path)] ?? 'application/octet-stream');
    createReadStream(join(folder, path))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => void pages.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address], environment: { GLEANER_CORS_ORIGINS: origin } });
});
afterAll(async () => {
  await gleaner?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  pages?.closeAllConnections();
  pages?.close();
  await rm(folder, { recursive: true, force: true });
});

const example = (name: string, ...parameters: string[]) => exampleIn(node, name, ...parameters);
const exampleIn = (program: string, name: string, ...parameters: string[]) =>
  run(program, [join(folder, name), gleaner.ready.url, gleaner.key, ...parameters], { cwd: folder, timeout: 120_000 });
const linesOf = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('the packed SDK', () => {
  it('is small, brings nothing along, and has only what it needs', async () => {
    expect(tarballBytes).toBeLessThan(MAX_TARBALL_BYTES);
    expect((await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual(['@gleaner']);
    const installed = join(folder, 'node_modules', '@gleaner', 'sdk');
    const files = (await readdir(installed, { recursive: true })).filter((name) => /\.\w+$|LICENSE/.test(name));
    expect(files.filter((name) => !/^dist\/[\w-]+\.(d\.ts|js)$/.test(name)).toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: '@gleaner/sdk', license: 'Apache-2.0', sideEffects: false, dependencies: {} });
    expect(manifest['private']).toBeUndefined();
  });

  it('is typed for a program with nothing but the DOM library', async () => {
    const file = join(folder, 'typed.ts');
    await writeFile(
      file,
      `import { createClient, GleanerError, type Job } from '@gleaner/sdk';
const client = createClient({ url: 'http://127.0.0.1:4000' });
export const job: Promise<Job> = client.startJob({ kind: 'extract', input: { url: 'https://example.com/' } });
export const title: Promise<string> = client.result('job_1').then((document) => document.title);
// @ts-expect-error this kind does not exist
void client.startJob({ kind: 'nothing', input: { url: 'https://example.com/' } });
export const retryable = (error: GleanerError): boolean => error.retryable;\n`,
    );
    const program = ts.createProgram([file], {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      strict: true,
      noEmit: true,
      types: [],
    });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
  });

  it('extracts a page and follows it, from the oldest Node', async () => {
    const { stdout, stderr } = await example('extract.mjs', `${site.url}/news/story-1`);
    expect(linesOf(stdout)).toEqual([expect.objectContaining({ title: 'Story number 1', author: ['Ada Marlow'] })]);
    expect(stderr).toMatch(/^1 job\.started/);
    expect(stderr).toContain('job.completed');
  });

  it('shows a job live, with a WebSocket and without', async () => {
    for (const program of new Set([node, process.execPath])) {
      const { stdout } = await exampleIn(program, 'live.mjs', `${site.url}/news/story-6`);
      const messages = linesOf(stdout) as { event?: string; state?: string }[];
      const events = messages.flatMap(({ event }) => event ?? []);
      expect([events[0], events.at(-1)]).toEqual(['job.started', 'job.completed']);
      expect(messages.at(-1)).toMatchObject({ state: 'completed', done: 1, total: 1 });
    }
  });

  it('extracts many pages and tells failures apart', async () => {
    const { stdout } = await example('batch.mjs', `${site.url}/news/story-2`, `${site.url}/nowhere`, 'ftp://example.com/');
    expect(linesOf(stdout)).toEqual([
      { page: `${site.url}/news/story-2`, state: 'completed', title: 'Story number 2' },
      { page: `${site.url}/nowhere`, state: 'failed', code: 'HTTP_404', retryable: false },
      { page: 'ftp://example.com/', state: 'refused', code: 'INVALID_INPUT', retryable: false, errors: ['input.url'] },
    ]);
  });

  it('shows what was learned', async () => {
    const { stdout } = await example('sites.mjs', site.address);
    expect(linesOf(stdout)).toContainEqual(expect.objectContaining({ shape: '/news/*', version: 1, state: 'active' }));
  });

  it('works in a page of an origin that is allowed, and in no other', async () => {
    const browser = await chromium.launch(process.env['CHROMIUM_PATH'] ? { executablePath: process.env['CHROMIUM_PATH'] } : {});
    try {
      const open = async (host: string): Promise<{ title: string; text: string; events: string[] }> => {
        const page = await browser.newPage();
        const query = new URLSearchParams({ api: gleaner.ready.url, key: gleaner.key, page: `${site.url}/news/story-4` });
        await page.goto(`${host}/browser.html?${query}`);
        await page.waitForFunction('/done|failed/.test(document.title)', undefined, { timeout: 60_000 });
        return {
          title: await page.title(),
          text: await page.locator('#result').innerText(),
          events: await page.locator('#events li').allInnerTexts(),
        };
      };
      const allowed = await open(origin);
      expect(allowed).toMatchObject({ title: 'done', text: expect.stringContaining(markOf(4)) });
      expect(allowed.events.at(-1)).toContain('job.completed');
      // Another origin, served by the same server.
      const refused = await open(origin.replace('127.0.0.1', 'localhost'));
      expect(refused).toMatchObject({ title: 'failed', text: expect.stringContaining('cannot reach') });
    } finally {
      await browser.close();
    }
  });
});
