import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, ensureCacheFolder } from './cache.mjs';
import { withEnvironmentFile } from './environment-file.mjs';
import { withLock } from './lock.mjs';
import { lockCovers } from './lock-file.mjs';
import { npmProblem } from './npm.mjs';
import { arePackagesInstalled, installPackages } from './packages.mjs';
import { platformProblem } from './platform.mjs';
import { createReport } from './report.mjs';
import { run } from './subprocess.mjs';

let folder: string;
let said: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gleaner-checkout-'));
  said = '';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const report = () => createReport({ quiet: false, write: (text: string) => (said += text) });

/** A pid that was alive a moment ago. */
const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;

describe('installPackages', () => {
  async function checkout(npmBody: string) {
    await mkdir(join(folder, 'libs', 'a'), { recursive: true });
    await mkdir(join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{}');
    await writeFile(join(folder, 'libs', 'a', 'package.json'), '{}');
    await writeFile(join(folder, 'package-lock.json'), '{"packages":{}}');
    const npm = join(folder, 'npm-cli.js');
    await writeFile(npm, `const fs = require('node:fs'); fs.appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n'); ${npmBody}`);
    return { root: folder, node: process.execPath, npm: () => npm, report: report(), environment: process.env };
  }

  it('runs npm once, without install scripts and with what building needs', async () => {
    const options = await checkout('');
    await installPackages(options);
    await installPackages(options);
    const calls = await readFile(join(folder, 'calls'), 'utf8');
    expect(calls).toBe('install --no-audit --no-fund --ignore-scripts --include=dev --include=optional --prefer-offline\n');
    await writeFile(join(folder, 'libs', 'a', 'package.json'), '{"dependencies":{}}');
    expect(arePackagesInstalled(folder)).toBe(false);
  });

  it('puts the lock file back when npm changed it, and says so', async () => {
    await installPackages(await checkout("fs.writeFileSync('package-lock.json', 'changed')"));
    expect(await readFile(join(folder, 'package-lock.json'), 'utf8')).toBe('{"packages":{}}');
    expect(said).toMatch(/it was put back/);
    expect(arePackagesInstalled(folder)).toBe(true);
  });

  it('ends with one line when the registry is out of reach', async () => {
    const options = await checkout("console.error('npm error code EAI_AGAIN'); process.exit(1)");
    await expect(installPackages(options)).rejects.toThrow(
      /^the packages could not be installed: the npm registry cannot be reached \(EAI_AGAIN\)/,
    );
    expect(arePackagesInstalled(folder)).toBe(false);
  });
});

describe('lockCovers', () => {
  const lock = JSON.stringify({
    packages: {
      '': {},
      'node_modules/x': { optionalDependencies: { '@x/linux-x64-gnu': '1', '@x/darwin-arm64': '1' } },
      'node_modules/@x/linux-x64-gnu': {},
      'node_modules/y': { optionalDependencies: { 'y-darwin-x64': '1', 'y-linux-x64': '1' } },
    },
  });

  it('knows whether the binaries of a platform are locked', () => {
    expect(lockCovers(lock, 'linux', 'x64')).toBe(true);
    expect(lockCovers(lock, 'darwin', 'arm64')).toBe(false);
    expect(lockCovers(lock, 'darwin', 'x64')).toBe(true);
    expect(lockCovers(lock, 'linux', 'arm64')).toBe(true);
  });
});

describe('withLock', () => {
  it('lets one at a time in', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((settle) => setImmediate(settle));
      inside--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(join(folder, 'lock'), work)));
    expect(most).toBe(1);
  });

  it('takes the lock of a dead owner, waits for a living one and names it', async () => {
    const path = join(folder, 'lock');
    await writeFile(path, String(deadPid()));
    expect(await withLock(path, async () => 'in')).toBe('in');
    await writeFile(path, String(process.ppid));
    const told: unknown[] = [];
    await expect(withLock(path, async () => 'in', { timeoutMs: 0, onWait: (owner) => told.push(owner) })).rejects.toThrow(
      String(process.ppid),
    );
  });
});

describe('what surrounds', () => {
  it('sends Windows to WSL', () => {
    expect(platformProblem('win32', 'x64')).toMatch(/WSL/);
    expect(platformProblem('linux', 'x64')).toBeUndefined();
    expect(platformProblem('darwin', 'arm64')).toBeUndefined();
    expect(platformProblem('linux', 'ia32')).toMatch(/not supported/);
  });

  it('finds the cache folder of the user', () => {
    expect(cacheFolder({}, 'linux', '/home/u')).toBe('/home/u/.cache/gleaner');
    expect(cacheFolder({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Caches/gleaner');
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/u')).toBe('/x/gleaner');
    expect(cacheFolder({ GLEANER_CACHE: '~/c', XDG_CACHE_HOME: '/x' }, 'linux', '/home/u')).toBe('/home/u/c');
  });

  it('names a cache folder that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(ensureCacheFolder(join(folder, 'file', 'cache'))).rejects.toThrow(/cannot write to the cache folder .*GLEANER_CACHE/);
  });

  it('lets the environment win over the .env file', async () => {
    await writeFile(join(folder, '.env'), 'A=file\nB="two words" # comment\n');
    expect(withEnvironmentFile(folder, { A: 'environment' })).toEqual({ A: 'environment', B: 'two words' });
  });

  it('ends a command that takes too long, and reports one that is not there', async () => {
    expect((await run('sleep', ['60'], { timeoutMs: 50 })).code).toBe(124);
    expect((await run(join(folder, 'missing'), [])).code).toBe(127);
  });

  it('finds the reason in what npm says', () => {
    expect(npmProblem('x', 'npm error code E404\nnpm error 404 Not Found')).toBe('x: npm failed (E404)');
    expect(npmProblem('x', 'npm error code ENOSPC')).toMatch(/disk is full/);
  });

  it('answers --help at once and refuses an unknown command', () => {
    const program = join(import.meta.dirname, '..', 'run.mjs');
    expect(spawnSync(process.execPath, [program, 'start', '--help'], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/--temporal-port/),
      stderr: '',
    });
    expect(spawnSync(process.execPath, [program, 'nonsense'], { encoding: 'utf8' })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^gleaner: unknown command nonsense.*\n$/),
    });
  });
});
