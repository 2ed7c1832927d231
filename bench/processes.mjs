/** What the processes of a system used: CPU with all their threads, and resident memory, from /proc. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds of a clock tick: USER_HZ is 100 on Linux. */
const TICK_MS = 10;

/** Names and process ids of a running system, from the folder that it keeps them in. */
export function processesOf(folder) {
  const names = readdirSync(join(folder, 'run')).filter((name) => name.endsWith('.pid'));
  return Object.fromEntries(names.map((name) => [name.slice(0, -4), Number(readFileSync(join(folder, 'run', name), 'utf8'))]));
}

/** CPU time of each process so far, in milliseconds. */
export function cpuOf(processes) {
  return mapped(processes, (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  });
}

/** Resident memory of each process, in megabytes. */
export function memoryOf(processes) {
  return mapped(processes, (pid) =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024),
  );
}

function mapped(processes, read) {
  return Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, read(pid)]));
}

export const total = (values) => Object.values(values).reduce((sum, value) => sum + value, 0);
export const minus = (after, before) => Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - (before[name] ?? 0)]));
