import { createLogger } from '@gleaner/telemetry';
import { activityFields } from './activity-fields.js';
import { USAGE, type WorkersConfig, readConfig } from './config.js';

/** A human must mend it: the supervisor does not start it again. */
const EXIT_CONFIGURATION = 78;

/** Tracing patches libraries when they are first loaded: so it comes before everything that loads them. */
async function run(config: WorkersConfig): Promise<number> {
  const log = createLogger({
    name: `workers:${config.pools.join('+')}`,
    level: config.settings.GLEANER_LOG_LEVEL,
    fields: activityFields,
  });
  const tracing =
    config.tracing === null
      ? undefined
      : (await import('@gleaner/telemetry/tracing')).startTracing({ serviceName: 'gleaner-workers', settings: config.tracing, log });
  const { createEgressPolicy, guardPlatformFetch } = await import('@gleaner/egress');
  // Google's client for Gemini calls the platform's fetch. Nothing private is ever reached by it.
  guardPlatformFetch(createEgressPolicy({ allowPrivate: [] }));
  const { runWorkers } = await import('./run-workers.js');
  try {
    return await runWorkers(config, log, tracing?.plugins);
  } finally {
    await tracing?.shutdown();
  }
}

const read = readConfig();
if (read.ok) {
  process.exitCode = await run(read.config);
} else {
  process.stderr.write(`${read.problems.join('\n')}\n\n${USAGE}\n`);
  process.exitCode = EXIT_CONFIGURATION;
}
// A handle that a library forgot must not keep a process alive that has nothing left to do.
setTimeout(() => process.exit(), 2_000).unref();
