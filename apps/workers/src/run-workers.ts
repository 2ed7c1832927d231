import type { Logger } from '@gleaner/telemetry';
import { openDatabase, waitForSchema } from '@gleaner/storage';
import { Runtime, type Worker, type WorkerPlugin } from '@temporalio/worker';
import { compose } from './compose.js';
import type { WorkersConfig } from './config.js';
import { createWorkers } from './pools.js';
import { connect, installRuntime } from './temporal-runtime.js';
import { createWorkerMetrics } from './worker-metrics.js';

/** A fresh machine needs seconds for the first database; a cluster may take a minute to roll out. */
const BOOT_TIMEOUT_MS = 120_000;
/** After the workers' own force time, whatever is left is cut. */
const STOP_DEADLINE_MS = 24_000;

/**
 * Serves the configured task queues until told to stop (SIGTERM, SIGINT, or the supervisor's channel closing), then drains.
 * Gives the exit code: 0 after a stop, 1 after a fatal error. A worker that failed is never revived inside a process whose
 * state is unknown: the process ends, and whoever runs it starts a new one.
 */
export async function runWorkers(config: WorkersConfig, log: Logger, plugins: readonly WorkerPlugin[] = []): Promise<number> {
  installRuntime(log, metricsAddress(config.settings));
  const stop = stopSignal(log);
  try {
    await serve({ config, log, plugins, stop });
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    log.error({ err: error }, 'the workers ended');
    return 1;
  }
}

interface ServeOptions {
  readonly config: WorkersConfig;
  readonly log: Logger;
  readonly plugins: readonly WorkerPlugin[];
  readonly stop: AbortSignal;
}

async function serve({ config, log, plugins, stop }: ServeOptions): Promise<void> {
  const { settings } = config;
  await using database = await opened(config, `gleaner-workers-${config.pools.length === 1 ? config.pools[0] : 'many'}`);
  await using crawlDatabase = await opened(config, 'gleaner-crawls');
  await waitForSchema(database, { timeoutMs: BOOT_TIMEOUT_MS, signal: stop });
  const connection = await connect({ address: config.temporalAddress, timeoutMs: BOOT_TIMEOUT_MS, signal: stop });
  try {
    const metrics = createWorkerMetrics(Runtime.instance().metricMeter);
    const { pools, browserEnvironment } = config;
    await using composition = await compose({ settings, pools, database, crawlDatabase, metrics, browserEnvironment });
    const workers = await createWorkers({
      connection,
      namespace: settings.TEMPORAL_NAMESPACE,
      pools: config.pools,
      settings,
      activities: composition.activities,
      log,
      metrics,
      plugins,
    });
    const runs = Promise.all(workers.map((worker) => worker.run()));
    if (stop.aborted) shutDown(workers);
    else stop.addEventListener('abort', () => shutDown(workers), { once: true });
    log.info({ pools: config.pools }, 'serving');
    process.send?.({ type: 'ready' });
    await runs.catch((error: unknown) => {
      shutDown(workers);
      throw error;
    });
  } finally {
    await connection.close();
  }
}

function metricsAddress({ GLEANER_METRICS_HOST: host, GLEANER_METRICS_PORT: port }: WorkersConfig['settings']): string | undefined {
  return port === 0 ? undefined : `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function opened({ databaseUrl: url }: WorkersConfig, applicationName: string) {
  const database = await openDatabase({ url, applicationName });
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}

/** A second shutdown() throws, and so does one before run(). */
function shutDown(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

function stopSignal(log: Logger): AbortSignal {
  const controller = new AbortController();
  const stop = (reason: string) => {
    if (controller.signal.aborted) return;
    log.info({ reason }, 'draining');
    controller.abort();
    setTimeout(() => {
      log.warn('what was still running was cut; Temporal gives it to another worker');
      process.exit(0);
    }, STOP_DEADLINE_MS).unref();
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  if (process.send) process.once('disconnect', () => stop('the supervisor is gone'));
  return controller.signal;
}
