import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { SettingProblem } from '@gleaner/domain';
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

/** What runs on the folder, by what it announced, and by the lock that only one system can hold. */
export function checkRunning(ready: ReadyFile | null, owner: number | null): Finding {
  const name = 'running system';
  const isHeld = owner !== null && isAlive(owner);
  if (ready === null) {
    if (isHeld)
      return bad(
        name,
        `process ${owner} holds the folder and is not ready yet`,
        'Wait a moment; if this stays, look at logs/ in the data folder.',
      );
    return bad(name, 'run/ready.json is not there: nothing runs on this folder', 'Start it with: npm start');
  }
  const dead = Object.entries(ready.pids)
    .filter(([, pid]) => !isAlive(pid))
    .map(([child, pid]) => `${child} (${pid})`);
  if (owner !== null && !isHeld)
    return bad(
      name,
      `its supervisor, process ${owner}, was killed`,
      'Start it again with: npm start        (every unfinished job goes on)',
    );
  if (dead.length > 0) return bad(name, `not alive: ${dead.join(', ')}`, 'Stop what is left with Ctrl-C, then: npm start');
  const since = ready.startedAt === undefined ? '' : ` since ${ready.startedAt}`;
  return good(name, `${Object.keys(ready.pids).length} processes alive${since}${owner === null ? '' : `, supervised by ${owner}`}`);
}

/** Whether the next start gets this port. Only asked when nothing of ours runs. */
export async function checkPort(host: string, port: number): Promise<Finding> {
  const name = 'port';
  if (port === 0) return good(name, 'any that is free');
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return good(name, `${host}:${port} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      return bad(name, `another program listens on ${host}:${port}`, 'End it, or start with another port: npm start -- --port N');
    if (code === 'EACCES')
      return bad(name, `${host}:${port} may not be used by this user`, 'Choose a port above 1023: npm start -- --port N');
    return bad(name, `${host}:${port} cannot be used (${code})`, 'Correct GLEANER_HOST and GLEANER_PORT.');
  } finally {
    server.close();
  }
}

/** Where downloads are kept: there and writable, or can be made. */
export async function checkCache(folder: string): Promise<Finding> {
  const name = 'cache folder';
  for (let path = folder; ; path = dirname(path)) {
    try {
      await access(path, constants.W_OK | constants.X_OK);
      return good(name, path === folder ? folder : `${folder}, made when it is needed`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) continue;
      return bad(name, `${folder} cannot be written`, 'Set GLEANER_CACHE to a folder that can be written.');
    }
  }
}

/** A setting that is wrong stops every start. */
export function checkSettings(problems: readonly SettingProblem[]): Finding[] {
  if (problems.length === 0) return [good('settings', 'all known and well formed')];
  return problems.map(({ name, problem }) => bad(name, problem, 'Correct or unset it; docs/configuration.md lists every setting.'));
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
