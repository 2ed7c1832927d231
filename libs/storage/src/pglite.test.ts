import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, pathOf } from './build.contract.js';
import { storageContract } from './contract-run.contract.js';
import { openDatabase } from './database.js';
import { createJobLog } from './job-log.js';
import { createJobReader } from './job-reader.js';
import { createJob, newOwner } from './samples.contract.js';

let folder: string;
let gate: ChildProcess | undefined;

/** The database process as the product runs it. */
async function startGate(): Promise<ChildProcess> {
  const child = fork(pathOf('apps/database/dist/main.js'), ['--data', join(folder, 'data'), '--socket-dir', join(folder, 'socket')], {
    // without the flags of the test runner, which point imports to sources
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-2_000);
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the database process ended with ${code}: ${log}`)));
  });
  await ready;
  return child;
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const url = (): string => `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(join(folder, 'socket'))}`;

describe('PGlite', () => {
  beforeAll(async () => {
    build('apps/database');
    folder = await mkdtemp(join(tmpdir(), 'gls-'));
    gate = await startGate();
  }, 90_000);
  afterAll(async () => {
    await kill(gate);
    await rm(folder, { recursive: true, force: true });
  });

  storageContract(url);

  it('serves the same pool again after the database process was killed and started anew', async () => {
    const database = await openDatabase({ url: url(), poolSize: 2, applicationName: 'restart' });
    const job = await createJob(database, newOwner());
    await kill(gate);
    await expect(createJobReader(database).get(job.ownerId, job.id)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const early = openDatabase({ url: url(), poolSize: 1, applicationName: 'early', connectTimeoutMs: 30_000 });
    gate = await startGate();
    await (await early).close();
    await createJobLog(database).append(job.id, 'again', { type: 'job.progress' });
    expect(await createJobReader(database).events(job.id, 0, 10)).toMatchObject([{ seq: 1 }]);
    await database.close();
  }, 60_000);
});
