/** The whole system as `npm start` runs it, on a fresh data folder and free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@gleaner/sdk';

const SUPERVISOR = fileURLToPath(new URL('../../apps/supervisor/dist/main.js', import.meta.url));
const READY_TIMEOUT_MS = 120_000;

interface Ready {
  readonly url: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly pids: Readonly<Record<string, number>>;
}

export interface Gleaner extends AsyncDisposable {
  readonly folder: string;
  readonly ready: Ready;
  readonly key: string;
  readonly client: ReturnType<typeof createClient>;
  readonly supervisor: ChildProcess;
  /** What it wrote on standard error so far. */
  readonly output: () => string;
  pids(): Promise<Readonly<Record<string, number>>>;
  /** Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
  /** kill -9 of the supervisor and of everything it started. */
  killAll(): Promise<void>;
}

export interface GleanerOptions {
  readonly allow?: readonly string[];
  readonly folder?: string;
  /** Settings besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function startGleaner({ allow = [], folder, environment = {} }: GleanerOptions = {}): Promise<Gleaner> {
  const data = folder ?? (await mkdtemp(join(tmpdir(), 'gleaner-system-')));
  const flags = ['--no-demo', '--port', '0', '--temporal-port', '0', '--data', data, ...allow.flatMap((address) => ['--allow', address])];
  const supervisor = spawn(process.execPath, [SUPERVISOR, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  supervisor.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const readyFile = join(data, 'run', 'ready.json');
  if (folder !== undefined) await rm(readyFile, { force: true }); // a killed run left its own behind
  const ready = await waitUntil(async () => {
    if (supervisor.exitCode !== null) throw new Error(`the start ended with ${supervisor.exitCode}: ${output}`);
    return readFile(readyFile, 'utf8').then(
      (text) => JSON.parse(text) as Ready,
      () => null,
    );
  }, READY_TIMEOUT_MS);
  const key = (await readFile(join(data, 'admin.key'), 'utf8')).trim();
  const pids = () => readPids(join(data, 'run'));
  const stop = async (): Promise<number | null> => {
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      supervisor.kill('SIGINT');
      await once(supervisor, 'exit');
    }
    return supervisor.exitCode;
  };
  return {
    folder: data,
    ready,
    key,
    supervisor,
    pids,
    stop,
    output: () => output,
    client: createClient({ url: ready.url, key }),
    async killAll() {
      const running = await pids();
      supervisor.kill('SIGKILL');
      await once(supervisor, 'exit');
      for (const pid of Object.values(running)) kill(pid);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already, which is what was wanted
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A child that has just died has no file for a moment. */
const whileRestarting = (): string => '0';

async function readPids(folder: string): Promise<Readonly<Record<string, number>>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.pid'));
  const entries = await Promise.all(
    files.map(async (file) => [file.slice(0, -4), Number(await readFile(join(folder, file), 'utf8').catch(whileRestarting))] as const),
  );
  return Object.fromEntries(entries.filter(([, pid]) => pid > 0));
}

/** Asks again until the answer is there; the only waiting that tests of running processes do. */
export async function waitUntil<T>(ask: () => Promise<T | null | undefined | false>, timeoutMs: number): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ; await delay(50)) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not so within ${timeoutMs} ms`);
  }
}
