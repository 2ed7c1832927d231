import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readConfiguration } from './config.js';
import { Refusal } from './refusal.js';
import { listenForStop } from './stop-signals.js';
import { supervise } from './supervisor.js';
import { createTerminal } from './terminal.js';

const startedAt = new Date(Date.now() - Math.round(process.uptime() * 1_000));

async function main(): Promise<number> {
  const configuration = readConfiguration(process.argv.slice(2));
  if (configuration === 'help') {
    process.stdout.write(readFileSync(fileURLToPath(new URL('../help.txt', import.meta.url)), 'utf8'));
    return 0;
  }
  return supervise({ configuration, terminal: createTerminal(configuration.quiet), stop: listenForStop(), startedAt });
}

try {
  process.exit(await main());
} catch (error) {
  const lines = error instanceof Refusal ? error.lines : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  for (const line of lines) process.stderr.write(`gleaner: ${line}\n`);
  process.exit(1);
}
