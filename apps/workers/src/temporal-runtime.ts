import { setTimeout as delay } from 'node:timers/promises';
import { Fault, isErrorCode } from '@gleaner/domain';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { Logger } from '@gleaner/telemetry';
import { HISTOGRAM_BUCKETS } from './worker-metrics.js';
import { type LogLevel, type LogMetadata, type Logger as TemporalLogger, NativeConnection, Runtime } from '@temporalio/worker';

/** Once per process and before any worker: our signals, our log lines, and metrics at `HOST:PORT` where that is given. */
export function installRuntime(log: Logger, metricsAddress: string | undefined): void {
  const metrics = metricsAddress !== undefined && {
    prometheus: {
      bindAddress: metricsAddress,
      countersTotalSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: HISTOGRAM_BUCKETS,
    },
  };
  const install = (withMetrics: typeof metrics): void =>
    void Runtime.install({
      shutdownSignals: [],
      logger: temporalLogger(log),
      telemetryOptions: {
        logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
        ...(withMetrics && { metrics: withMetrics }),
      },
    });
  try {
    install(metrics);
  } catch (error) {
    if (metrics === false) throw error;
    log.warn({ err: error, address: metricsAddress }, 'the address for metrics cannot be had: set GLEANER_METRICS_PORT to a free port');
    install(false);
  }
}

/** A page that is gone or refused ends its activity and its workflow with a code: the course of things, not a fault of ours. */
function isPageOutcome({ error }: LogMetadata = {}): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && isErrorCode(failure.type) && failure.type !== 'INTERNAL';
}

const OUR_NAMES: Readonly<Record<string, string>> = { error: 'err', workflowRunId: 'runId', taskQueue: 'stage', activityType: 'activity' };

/** The names of our own lines; pino writes an error out only as `err`. */
function named(metadata: LogMetadata = {}): LogMetadata {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [OUR_NAMES[name] ?? name, value]));
}

/** The activity's own line has said it, with the cause that the failure leaves out. */
function isSaid(message: string, { error }: LogMetadata = {}): boolean {
  return message === 'Activity failed' && error instanceof ApplicationFailure && error.type === 'INTERNAL';
}

/** "No workflows registered" is how every activity-only worker starts here: it is the plan, not a warning. */
const EXPECTED = /No workflows registered/;

function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, metadata?: LogMetadata) => {
    if (EXPECTED.test(message) || isSaid(message, metadata)) return;
    log[isPageOutcome(metadata) ? 'info' : level](named(metadata), message);
  };
  const levels = {
    TRACE: write('debug'),
    DEBUG: write('debug'),
    INFO: write('debug'),
    WARN: write('warn'),
    ERROR: write('error'),
  } as const;
  return {
    log: (level: LogLevel, message: string, metadata?: LogMetadata) => levels[level](message, metadata),
    trace: levels.TRACE,
    debug: levels.DEBUG,
    info: levels.INFO,
    warn: levels.WARN,
    error: levels.ERROR,
  };
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Connects, waiting for a server that is still starting; Fault TEMPORAL_UNAVAILABLE after `timeoutMs`. */
export async function connect(options: {
  readonly address: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<NativeConnection> {
  const deadline = performance.now() + options.timeoutMs;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await NativeConnection.connect({ address: options.address });
    } catch (cause) {
      if (performance.now() > deadline)
        throw new Fault('TEMPORAL_UNAVAILABLE', { detail: `No Temporal server answers at ${options.address}.`, cause });
      await delay(waitMs, undefined, { signal: options.signal });
    }
  }
}
