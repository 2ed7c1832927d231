import { createLogger } from '@gleaner/telemetry';
import { readConfig } from './config.js';
import { failStart, refuseStart, serveUntilStopped } from './process-lifetime.js';

const read = readConfig();
if (!read.ok) refuseStart(read.problems);
const { config } = read;
const log = createLogger({ name: 'api', level: config.logLevel });
// Tracing patches libraries when they are first loaded: so it comes before everything that loads them.
const tracing =
  config.tracing === null
    ? undefined
    : (await import('@gleaner/telemetry/tracing')).startTracing({ serviceName: 'gleaner-api', settings: config.tracing, log });
const { startApi } = await import('./boot.js');
const api = await startApi(config, log, tracing?.plugins).catch(failStart);
log.info({ url: api.url }, 'the API answers');
const stop = async (): Promise<void> => {
  try {
    await api.stop();
  } finally {
    await tracing?.shutdown();
  }
};
serveUntilStopped({ url: api.url, stop }, log);
