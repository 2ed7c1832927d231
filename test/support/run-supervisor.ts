import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SUPERVISOR = fileURLToPath(new URL('../../apps/supervisor/dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/** Runs the supervisor until it ends by itself: for starts that are refused. */
export function runSupervisor(flags: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return promisify(execFile)(process.execPath, [SUPERVISOR, ...flags], { timeout: 60_000, env: { ...process.env, ...environment } }).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  );
}
