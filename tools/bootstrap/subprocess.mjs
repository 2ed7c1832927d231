import { spawn } from 'node:child_process';

const MAX_OUTPUT_CHARACTERS = 200_000;
const running = new Set();

/** Ends what is running when the bootstrap itself is told to end. */
export function endSubprocesses(signal = 'SIGTERM') {
  for (const child of running) child.kill(signal);
}

/**
 * Runs a command to its end with its output captured; the last 200,000 characters are kept. Never throws: a command that
 * cannot be started has code 127 and the reason in stderr, one that takes too long code 124.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, stdout: string, stderr: string }>}
 */
export function run(command, parameters, { cwd, env = process.env, timeoutMs = 60_000 } = {}) {
  return new Promise((settle) => {
    const child = spawn(command, parameters, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open: do not wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    const end = (code, problem = '') => {
      clearTimeout(timer);
      running.delete(child);
      settle({ code: isLate ? 124 : code, stdout: output.stdout, stderr: output.stderr + problem });
    };
    running.add(child);
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => {
        output[name] = (output[name] + text).slice(-MAX_OUTPUT_CHARACTERS);
      });
    }
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code) => end(code ?? 1));
  });
}

/** The last line that says something, shortened to one line of a terminal. */
export function lastLine(text) {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (lines.at(-1) ?? '').slice(0, 200);
}
