/** A worker that is told to stop ends what it began; one that cannot work ends its process instead of idling. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const WORKERS = fileURLToPath(new URL('../../apps/workers/dist/main.js', import.meta.url));

let site: FixtureSite;
let gleaner: Gleaner;
beforeAll(async () => {
  site = await startFixtureSite();
  gleaner = await startGleaner({ allow: [site.address] });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

it('drains: the page that is being fetched is fetched once, by the worker that was told to stop', async () => {
  const held = site.hold('/news/story-7');
  const { id } = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-7`, render: 'never' } });
  await held.arrived;
  const pid = (await gleaner.pids())['worker-io'] ?? 0;
  process.kill(pid, 'SIGTERM');
  const log = join(gleaner.folder, 'logs', 'worker-io.log');
  await waitUntil(async () => (await readFile(log, 'utf8')).includes('"draining"'), 30_000);
  held.release();
  const job = await gleaner.client.wait(id);
  expect(job.state).toBe('completed');
  expect(await gleaner.client.markdown(id)).toContain(markOf(7));
  expect(site.hits.get('/news/story-7')).toBe(1);
});

it('ends the process with 1 when a worker fails for good', async () => {
  const { database, temporal } = JSON.parse(await readFile(join(gleaner.folder, 'run', 'ready.json'), 'utf8'));
  const environment = {
    ...process.env,
    GLEANER_DATA: gleaner.folder,
    DATABASE_URL: database,
    TEMPORAL_ADDRESS: temporal,
    TEMPORAL_NAMESPACE: 'no-such-namespace',
  };
  const worker = spawn(process.execPath, [WORKERS, '--pools', 'fetch'], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  worker.stdout.on('data', (part: Buffer) => (output += part.toString()));
  await once(worker, 'exit');
  expect(worker.exitCode).toBe(1);
  expect(output).toContain('the workers ended');
});
