import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

/** npm that is ended by its process id passes nothing on: its shell goes, and this process gets another parent. */
const PARENT_CHECK_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program of the checkout under Node 24 in the foreground: terminal inherited, signals passed on, its exit code
 * returned. The channel lets the program notice when this process is killed.
 * @param {{ node: string, script: string, parameters: readonly string[], root: string, environment: NodeJS.ProcessEnv, withChannel: boolean }} options
 * @returns {Promise<number>}
 */
export function runCommand({ node, script, parameters, root, environment, withChannel }) {
  return new Promise((settle) => {
    const parent = process.ppid;
    const stdio = ['inherit', 'inherit', 'inherit', ...(withChannel ? ['ipc'] : [])];
    const child = spawn(node, [join(root, script), ...parameters], { env: environment, stdio });
    const forward = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    const orphaned = setInterval(() => process.ppid !== parent && forward('SIGTERM'), PARENT_CHECK_MS);
    orphaned.unref();
    const end = (code) => {
      clearInterval(orphaned);
      for (const signal of SIGNALS) process.off(signal, forward);
      settle(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`gleaner: ${script} cannot be started: ${error.message}\n`);
      end(1);
    });
    child.on('exit', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
