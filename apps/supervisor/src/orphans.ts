import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunFolder } from './run-folder.js';

const POLL_MS = 50;
const PATIENCE_MS = 3_000;

/**
 * Ends the children of a supervisor that was killed. A pid may belong to somebody else by now, so a process is touched
 * only when its command line has the marks of the child of that name.
 * @returns the names of those that were ended
 */
export async function endOrphans(run: RunFolder, marksOf: (name: string) => readonly string[] | undefined): Promise<string[]> {
  const orphans = Object.entries(run.pids()).filter(([name, pid]) => {
    const marks = marksOf(name);
    const commandLine = commandLineOf(pid);
    return marks !== undefined && marks.every((mark) => commandLine.includes(mark));
  });
  for (const [, pid] of orphans) signal(pid, 'SIGTERM');
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && orphans.some(([, pid]) => isAlive(pid))) await delay(POLL_MS);
  for (const [, pid] of orphans) {
    // The group too: what the child had started.
    signal(-pid, 'SIGKILL');
    while (isAlive(pid) && Date.now() < until + PATIENCE_MS) await delay(POLL_MS);
  }
  for (const name of Object.keys(run.pids())) run.removePid(name);
  return orphans.map(([name]) => name);
}

/** Command line of a process, arguments joined by spaces; empty when there is none. */
export function commandLineOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 5_000,
    });
  } catch {
    return '';
  }
}

/** A zombie has no command line any more: it counts as gone. */
function isAlive(pid: number): boolean {
  return commandLineOf(pid).trim() !== '';
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
