import { createLogger } from '@gleaner/telemetry';
import { startApi } from './boot.js';
import { readConfig } from './config.js';
import { failStart, refuseStart, serveUntilStopped } from './process-lifetime.js';

const read = readConfig();
if (!read.ok) refuseStart(read.problems);
const log = createLogger({ name: 'api', level: read.config.logLevel });
const api = await startApi(read.config, log).catch(failStart);
log.info({ url: api.url }, 'the API answers');
serveUntilStopped(api, log);
