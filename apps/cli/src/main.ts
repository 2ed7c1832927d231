#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { readConfig } from './config.js';
import { run } from './run.js';

const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const interrupt = new AbortController();
// Once: the second Ctrl-C ends the program whatever it is doing.
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
process.once('SIGTERM', () => interrupt.abort(new Error('terminated')));
// `gleaner jobs | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await run(process.argv.slice(2), {
  config: readConfig(),
  version: manifest.version,
  signal: interrupt.signal,
  stdout: process.stdout,
  stderr: process.stderr,
});
