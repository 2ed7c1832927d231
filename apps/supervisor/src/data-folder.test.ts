import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureAdminKey } from './admin-key.js';
import { withoutPassword } from './announcement.js';
import { restartPauseMs } from './backoff.js';
import { prepareDataFolder } from './data-folder.js';
import { LogFile } from './log-file.js';
import { readLogLine } from './log-line.js';
import { endOrphans } from './orphans.js';
import { choosePort } from './ports.js';
import { RunFolder } from './run-folder.js';
import { openSocketFolder } from './socket-folder.js';
import { lockDataFolder } from './supervisor-lock.js';
import { SEARCH_ATTRIBUTE_NAMES } from './temporal-server.js';

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gleaner-data-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function startNode(script: string): Promise<ChildProcess & { pid: number }> {
  const path = join(folder, 'program.mjs');
  writeFileSync(path, `${script}\nprocess.stdout.write('up');setInterval(() => {}, 1000);`);
  const child = spawn(process.execPath, [path, 'the-mark'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child as unknown as ChildProcess & { pid: number };
}

describe('prepareDataFolder', () => {
  it('makes a private folder with its parts', async () => {
    const path = join(folder, 'a', 'b');
    await prepareDataFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect([existsSync(join(path, 'run')), existsSync(join(path, 'logs'))]).toEqual([true, true]);
  });

  it('refuses a folder that cannot be written, and a full disk', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(prepareDataFolder(join(folder, 'file', 'data'))).rejects.toThrow(/cannot be written .*--data DIR/);
    await expect(prepareDataFolder(folder, async () => 499e6)).rejects.toThrow(/499 MB free and 500 MB are needed/);
  });
});

describe('lockDataFolder', () => {
  it('refuses a second owner with the pid of the first, in the same process and in another', async () => {
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(`process ${process.pid} already runs Gleaner`);
    lock.release();
    lockDataFolder(folder).release();
  });

  it('is free again when its owner was killed', async () => {
    const owner = await startNode(
      `import { DatabaseSync } from 'node:sqlite'; globalThis.db = new DatabaseSync(${JSON.stringify(join(folder, 'supervisor.lock'))}); db.exec('BEGIN EXCLUSIVE');`,
    );
    expect(() => lockDataFolder(folder)).toThrow(/already runs Gleaner/);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    lockDataFolder(folder).release();
  });
});

describe('endOrphans', () => {
  it('ends what has the marks, also when it does not listen, and never another process', async () => {
    const run = new RunFolder(folder);
    const orphan = await startNode("process.on('SIGTERM', () => {});");
    run.writePid('api', orphan.pid);
    run.writePid('temporal', process.pid);
    const gone = once(orphan, 'exit');
    expect(await endOrphans(run, (name) => (name === 'api' ? ['the-mark', 'program.mjs'] : ['of another program']))).toEqual(['api']);
    await gone;
    expect(run.pids()).toEqual({});
  });
});

describe('the files of the data folder', () => {
  it('keeps pids and ready.json whole', () => {
    const run = new RunFolder(folder);
    run.writePid('api', 12);
    run.writePid('api', 13);
    writeFileSync(join(folder, 'database.pid'), 'half');
    expect(run.pids()).toEqual({ api: 13 });
    const ready = { url: 'u', temporal: 't', temporalUi: null, database: 'd', pids: { api: 13 }, startedAt: 'now' };
    run.writeReady(ready);
    expect(JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8'))).toEqual(ready);
    run.removeReady();
    run.removePid('api');
    expect([existsSync(join(folder, 'ready.json')), existsSync(join(folder, 'api.pid'))]).toEqual([false, false]);
  });

  it('makes one admin key, private, unless the operator set one', () => {
    const made = ensureAdminKey(folder, undefined);
    expect(made).toMatchObject({ isNew: true, key: expect.stringMatching(/^glk_[\w-]{43}$/) });
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(ensureAdminKey(folder, undefined)).toEqual({ ...made, isNew: false });
    expect(ensureAdminKey(folder, 'glk_given')).toMatchObject({ key: 'glk_given', isNew: false });
    expect(readFileSync(made.path, 'utf8')).toBe('glk_given\n');
  });

  it('caps a log at two files', () => {
    const log = new LogFile(join(folder, 'a.log'), 100);
    for (let index = 0; index < 50; index++) log.append(`line ${index}`);
    expect(statSync(log.path).size + statSync(`${log.path}.1`).size).toBeLessThanOrEqual(200);
    expect(readFileSync(log.path, 'utf8')).toMatch(/line 49\n$/);
  });

  it('keeps the path of the socket short', () => {
    expect(openSocketFolder(folder).path).toBe(folder);
    const long = openSocketFolder(join(folder, 'x'.repeat(120)));
    expect(long.path.length).toBeLessThan(80);
    expect(statSync(long.path).mode & 0o777).toBe(0o700);
    long.remove();
    expect(existsSync(long.path)).toBe(false);
  });
});

describe('small decisions', () => {
  it('starts again at once, then ever more slowly', () => {
    expect([1, 2, 3, 4, 7, 8, 50].map(restartPauseMs)).toEqual([0, 200, 400, 800, 6_400, 10_000, 10_000]);
  });

  it('names a port that is taken, and picks free ones', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(choosePort({ host: '127.0.0.1', port, flag: '--port' })).rejects.toThrow(
      `port ${port} is taken: choose another with --port N`,
    );
    await expect(choosePort({ host: '127.0.0.1', port: port - 1_000, flag: '--temporal-port', offsets: [1_000] })).rejects.toThrow(
      `port ${port} is taken`,
    );
    const free = await choosePort({ host: '127.0.0.1', port: 0, flag: '--port' });
    const clash = choosePort({ host: '127.0.0.1', port: free - 1_000, flag: '--temporal-port', offsets: [1_000], reserved: [free] });
    await expect(clash).rejects.toThrow(`port ${free} is taken`);
    expect(await choosePort({ host: '127.0.0.1', port: 0, flag: '--port' })).toBeGreaterThan(1_023);
    server.close();
  });

  it('reads warnings out of log lines', () => {
    expect(readLogLine('{"level":"warn","msg":"slow","err":{"message":"why"}}', false)).toEqual({ isWarning: true, text: 'slow: why' });
    expect(readLogLine('{"level":"info","msg":"fine"}', true)).toEqual({ isWarning: false, text: 'fine' });
    expect(readLogLine('plain', true).isWarning).toBe(true);
    expect(readLogLine('plain', false).isWarning).toBe(false);
  });

  it('shows a database URL without its password', () => {
    expect(withoutPassword('postgresql://u:secret@db:5432/x?password=secret')).not.toContain('secret');
  });

  it('registers the search attributes of the contract', async () => {
    const { SEARCH_ATTRIBUTES } = await import('@gleaner/workflows/contract');
    expect(new Set(Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name))).toEqual(new Set(SEARCH_ATTRIBUTE_NAMES));
    expect(Object.values(SEARCH_ATTRIBUTES).every(({ type }) => type === 'KEYWORD')).toBe(true);
  });
});
