/** What a crawl is compared with. Each gives `{ pages, seconds, pagesPerSecond, cpuMs }`; `cpuMs` counts all processes that took part, the site apart. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { cpuOf, processesOf } from '../processes.mjs';

export const CRAWLEE = '3.18.1';

/** The same functions in one thread of this process, on the database of the running system. `batchSize` 1: one page at a time. */
export async function bareLoop({ system, url, limit, allow, batchSize = 40 }) {
  const { database } = processesOf(system.folder);
  const databaseCpu = () => cpuOf({ database }).database;
  const [before, own] = [databaseCpu(), process.cpuUsage()];
  const workerData = { url, limit, batchSize, allow, databaseUrl: system.ready.database, dataFolder: system.folder };
  const worker = new Worker(new URL('bare-loop.mjs', import.meta.url), { workerData });
  const result = await new Promise((resolve, reject) => {
    let said;
    worker.on('message', (message) => (said = message));
    worker.on('error', reject);
    worker.on('exit', () => (said === undefined ? reject(new Error('the loop said nothing')) : resolve(said)));
  });
  const used = process.cpuUsage(own);
  const cpuMs = (used.user + used.system) / 1_000 + databaseCpu() - before;
  return { ...result, pagesPerSecond: result.pages / result.seconds, cpuMs: cpuMs / result.pages };
}

/** Crawlee's CheerioCrawler with the same extraction as its handler; null when it cannot be installed. It is kept in the user's cache, never here. */
export async function crawlee({ url, limit }) {
  const folder = join(homedir(), '.cache', 'gleaner', `bench-crawlee-${CRAWLEE}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { '@crawlee/cheerio': CRAWLEE } }));
  // npm beside the Node that runs this is not sure to be there: the one on the PATH is.
  const installed = await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'], {
    cwd: folder,
  }).then(
    () => true,
    (error) => {
      console.error(`crawlee ${CRAWLEE} could not be installed: ${error.message.split('\n')[0]}`);
      return false;
    },
  );
  if (!installed) return null;
  const script = fileURLToPath(new URL('crawlee-run.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, folder, url, String(limit)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: dirname(script),
  });
  let output = '';
  for await (const part of child.stdout) output += part;
  const line = output.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? JSON.parse(line) : null;
}
