import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import type { ReadyFile } from '../data-folder.js';
import { type Finding, bad, good } from './finding.js';

const LEAST_NODE_MAJOR = 20;
const LEAST_FREE_BYTES = 1_000_000_000;

export function checkNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= LEAST_NODE_MAJOR) return good('Node.js', version);
  return bad('Node.js', `${version} is too old`, `Install Node.js ${LEAST_NODE_MAJOR} or newer.`);
}

/** Folder there, writable, space left. */
export async function checkDataFolder(folder: string): Promise<Finding> {
  const name = 'data folder';
  try {
    if (!(await stat(folder)).isDirectory()) return bad(name, `${folder} is not a folder`, 'Name another one with --data DIR.');
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return bad(name, `${folder} does not exist`, 'npm start makes it; or name the right one with --data DIR.');
    return bad(name, `${folder} is not writable`, `Give yourself the right to write there: chown -R "$(id -un)" '${folder}'`);
  }
  const { bavail, bsize } = await statfs(folder);
  const freeGb = `${((bavail * bsize) / 1e9).toFixed(1)} GB free`;
  if (bavail * bsize < LEAST_FREE_BYTES) return bad(name, `${folder}, only ${freeGb}`, 'Free disk space; jobs stop when none is left.');
  return good(name, `${folder}, ${freeGb}`);
}

export function checkRunning(ready: ReadyFile | null): Finding {
  const name = 'running system';
  if (ready === null) return bad(name, 'run/ready.json is not there: nothing runs on this folder', 'Start it with: npm start');
  const dead = Object.entries(ready.pids)
    .filter(([, pid]) => !isAlive(pid))
    .map(([child, pid]) => `${child} (${pid})`);
  if (dead.length > 0) return bad(name, `not alive: ${dead.join(', ')}`, 'Stop what is left with Ctrl-C, then: npm start');
  return good(name, `${Object.keys(ready.pids).length} processes alive${ready.startedAt === undefined ? '' : ` since ${ready.startedAt}`}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
