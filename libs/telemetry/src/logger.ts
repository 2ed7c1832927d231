import { type Logger as PinoLogger, pino } from 'pino';
import { withoutSecrets } from './redact.js';
import { traceIds } from './trace-bridge.js';

/** Structured log lines: an object of fields first, then the message. */
export type Logger = PinoLogger;

/** Field names whose values never reach a log line, at the top level or one level below. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'adminKey', 'key', 'databaseUrl'];

export interface LoggerOptions {
  readonly name: string;
  readonly level: string;
  /** Fields of the work that a line is written in (`jobId`, `workflowId`, `stage` …), asked for at each line. */
  readonly fields?: () => object | undefined;
  /** Default: standard output. */
  readonly destination?: { write(line: string): void };
}

/**
 * JSON lines on standard output, one object a line: `time` (ISO 8601), `level`, `name`, the fields, `traceId` and `spanId`
 * where there is a trace, `msg`. Written synchronously, so that the last words of a process that dies are not lost.
 */
export function createLogger({ name, level, fields, destination }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      base: { name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...fields?.(), ...traceIds() }),
      // What the line itself says counts more than what surrounds it.
      mixinMergeStrategy: (line, surroundings) => ({ ...surroundings, ...line }),
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
      hooks: { streamWrite: withoutSecrets },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}
