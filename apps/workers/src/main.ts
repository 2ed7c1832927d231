import { createLogger } from '@gleaner/telemetry';
import { readConfig, USAGE } from './config.js';
import { runWorkers } from './run-workers.js';

/** A human must mend it: the supervisor does not start it again. */
const EXIT_CONFIGURATION = 78;

const read = readConfig();
if (read.ok) {
  const log = createLogger({ name: `workers:${read.config.pools.join('+')}`, level: read.config.settings.GLEANER_LOG_LEVEL });
  process.exitCode = await runWorkers(read.config, log);
} else {
  process.stderr.write(`${read.problems.join('\n')}\n\n${USAGE}\n`);
  process.exitCode = EXIT_CONFIGURATION;
}
// A handle that a library forgot must not keep a process alive that has nothing left to do.
setTimeout(() => process.exit(), 2_000).unref();
