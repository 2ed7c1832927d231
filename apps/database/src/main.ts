import { createLogger } from '@gleaner/telemetry';
import { readConfig } from './config.js';
import { REFUSED_EXIT_CODE, StartRefused } from './refusal.js';
import { startService } from './service.js';

const stopping = new AbortController();
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, () => stopping.abort());

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ name: 'database', level: config.logLevel });
  const endBroken = (error: unknown): never => {
    logger.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'the database session is lost: this process ends to be started again',
    );
    process.exit(1);
  };
  process.on('uncaughtException', endBroken);
  process.on('unhandledRejection', endBroken);

  const startedAt = performance.now();
  const service = await startService(config, logger, endBroken, stopping.signal);
  logger.info({ socket: service.socketPath, startMs: Math.round(performance.now() - startedAt) }, 'the database answers');
  process.send?.({ type: 'ready', socket: service.socketPath });

  if (!stopping.signal.aborted) await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
  await service.stop();
  logger.info({}, 'the database has stopped');
}

try {
  await main();
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0); // told to stop before it was ready
  process.stderr.write(`${error instanceof StartRefused ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(error instanceof StartRefused ? REFUSED_EXIT_CODE : 1);
}
