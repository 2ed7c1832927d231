import { setTimeout as delay } from 'node:timers/promises';
import { Fault, isErrorCode } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { type LogLevel, type LogMetadata, type Logger as TemporalLogger, NativeConnection, Runtime } from '@temporalio/worker';

/** Once per process and before any worker: our signals, our log lines. */
export function installRuntime(log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: temporalLogger(log),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
}

/** A page that is gone or refused ends its activity and its workflow with a code: the course of things, not a fault of ours. */
function isPageOutcome({ error }: LogMetadata = {}): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && isErrorCode(failure.type) && failure.type !== 'INTERNAL';
}

/** pino writes an error out only under the name `err`. */
function named(metadata: LogMetadata = {}): LogMetadata {
  const { error, ...rest } = metadata;
  return error === undefined ? rest : { ...rest, err: error };
}

/** "No workflows registered" is how every activity-only worker starts here: it is the plan, not a warning. */
const EXPECTED = /No workflows registered/;

function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, metadata?: LogMetadata) => {
    if (!EXPECTED.test(message)) log[isPageOutcome(metadata) ? 'info' : level](named(metadata), message);
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
