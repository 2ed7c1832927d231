/** Runs named steps one after the other, shows only the output of those that fail, and says how long each took. */
import { spawn } from 'node:child_process';

const BIN = new URL('../../node_modules/.bin/', import.meta.url);

/** A step that runs a tool of node_modules; resolves to its output when it fails, to null when it passes. */
export function tool(name, ...args) {
  return () => run(new URL(name, BIN).pathname, args);
}

export function script(path, ...args) {
  return () => run(process.execPath, [new URL(`../../${path}`, import.meta.url).pathname, ...args]);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
    child.on('error', (error) => resolve(`${command}: ${error.message}`));
    child.on('close', (code) => resolve(code === 0 ? null : output || `${command} ended with ${code}`));
  });
}

/** Runs all steps, also after a failure, so that one run tells everything. Gives the names of those that failed. */
export async function runSteps(steps) {
  const failed = [];
  for (const [name, step] of Object.entries(steps)) {
    const startedAt = performance.now();
    const failure = await step();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${failure === null ? 'ok  ' : 'BAD '} ${name} (${seconds} s)`);
    if (failure !== null) console.log(failure.trimEnd());
    if (failure !== null) failed.push(name);
  }
  return failed;
}
