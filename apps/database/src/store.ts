import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { explainFilesystemError, StartRefused } from './refusal.js';
import { freeBytesIn, MIN_FREE_BYTES_AT_START, reserveLog } from './space-guard.js';

/** Major version of the PostgreSQL inside PGlite 0.5: a cluster of another one cannot be opened. */
const POSTGRES_MAJOR = '18';
const DRAFT_PREFIX = 'cluster.new-';
/**
 * The buffers: half of the default, which is memory that most systems never need; with 16 MB a crawl of some thousand pages wrote the same
 * pages of the search index again and again, for a tenth of the time of this process. The origins: a checkpoint writes a new file for
 * them and ends the session (PANIC) when the disk is full.
 */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=64MB', '-c', 'max_active_replication_origins=0'];

/** Makes the folder of the embedded database inside the data folder. Throws StartRefused. */
export function prepareFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'database');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainFilesystemError(error, folder);
  }
  return folder;
}

/** Throws StartRefused when there is too little room to start in. */
export function requireFreeSpace(folder: string): void {
  const freeBytes = freeBytesIn(folder);
  if (freeBytes >= MIN_FREE_BYTES_AT_START) return;
  throw new StartRefused(
    `Only ${megabytes(freeBytes)} MB are free in ${folder}; the database needs ${megabytes(MIN_FREE_BYTES_AT_START)} MB to start.`,
  );
}

/**
 * Opens the cluster in a folder that is locked, and makes it first where there is none. Making it happens in a child that
 * ends afterwards: initdb leaves some 300 MB behind in its process. The child works beside the final place, so that an
 * interrupted start leaves nothing half-made. Throws StartRefused.
 */
export async function openCluster(folder: string, signal: AbortSignal): Promise<PGlite> {
  const cluster = join(folder, 'cluster');
  if (existsSync(cluster)) requireOwnCluster(cluster);
  else await makeCluster(folder, cluster, signal);
  try {
    return await openDatabase(cluster, START_PARAMETERS);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartRefused(
      `The database in ${cluster} cannot be opened (${reason}); its files are damaged. Restore a copy, or move the folder away to start empty.`,
    );
  }
}

/** Makes an empty cluster in the folder and closes it again. For a process of its own: see `openCluster`. */
export async function initializeCluster(cluster: string): Promise<void> {
  const database = await openDatabase(cluster, PGlite.defaultStartParams);
  await reserveLog((sql) => database.exec(sql));
  await database.close();
}

function openDatabase(dataDir: string, startParams: string[]): Promise<PGlite> {
  return PGlite.create({ dataDir, extensions: { vector }, startParams });
}

async function makeCluster(folder: string, cluster: string, signal: AbortSignal): Promise<void> {
  // A child whose parent was killed may still write for a moment: it must find neither its old folder nor ours.
  const leftovers = readdirSync(folder).filter((name) => name.startsWith(DRAFT_PREFIX));
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true });
  const draft = join(folder, `${DRAFT_PREFIX}${process.pid}`);
  const script = fileURLToPath(new URL('./initialize.js', import.meta.url));
  const child = fork(script, [draft], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'], signal, killSignal: 'SIGKILL' });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`Making the database in ${draft} failed: ${complaint.trim() || `exit code ${code ?? 'none'}`}`);
  renameSync(draft, cluster);
}

function requireOwnCluster(cluster: string): void {
  let version: string;
  try {
    version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  } catch {
    throw new StartRefused(
      `${cluster} is not a database: it has no readable PG_VERSION. Restore a copy, or move the folder away to start empty.`,
    );
  }
  if (version !== POSTGRES_MAJOR)
    throw new StartRefused(`The database in ${cluster} is of PostgreSQL ${version}; this release opens PostgreSQL ${POSTGRES_MAJOR}.`);
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1_000_000);
}
