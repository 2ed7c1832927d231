import { readFile, rm, stat, writeFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure, reasonOf } from './failure.mjs';

const POLL_MS = 100;
/** Breaking a dead owner's lock takes milliseconds; a breaker older than this died itself. */
const BREAKER_MAX_AGE_MS = 10_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function tryCreate(path) {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new Failure(`cannot write ${path} (${reasonOf(error)}): make the folder writable`);
  }
}

/** @returns {Promise<number | undefined>} the owner; undefined when the lock went away or is just being written */
async function ownerOf(path) {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Only one process at a time may remove a dead owner's lock, or two would each think that they hold it. */
async function breakDead(path) {
  const breaker = `${path}.break`;
  const age = await stat(breaker).then(
    (entry) => Date.now() - entry.mtimeMs,
    () => 0,
  );
  if (age > BREAKER_MAX_AGE_MS) await rm(breaker, { force: true });
  if (!(await tryCreate(breaker))) return;
  const owner = await ownerOf(path);
  if (owner !== undefined && !isAlive(owner)) await rm(path, { force: true });
  await rm(breaker, { force: true });
}

/**
 * Runs work while no other process of this machine holds the same lock file. A lock whose owner is dead is taken over.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ timeoutMs?: number, onWait?: (owner: number | undefined) => void }} [options]
 */
export async function withLock(path, work, { timeoutMs = 20 * 60_000, onWait } = {}) {
  await mkdir(dirname(path)).catch((error) => {
    if (error.code !== 'EEXIST') throw new Failure(`cannot write to ${dirname(path)} (${reasonOf(error)}): make the folder writable`);
  });
  const until = Date.now() + timeoutMs;
  let isToldOfWaiting = false;
  while (!(await tryCreate(path))) {
    const owner = await ownerOf(path);
    if (owner !== undefined && !isAlive(owner)) {
      await breakDead(path);
      continue;
    }
    if (Date.now() > until)
      throw new Failure(`process ${owner ?? '?'} holds ${path} for too long: end it, or remove the file when it is not a Gleaner start`);
    if (!isToldOfWaiting) onWait?.(owner);
    isToldOfWaiting = true;
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
