import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log lines: an object of fields first, then the message. */
export type Logger = PinoLogger;

/** Field names whose values never reach a log line, at the top level or one level below. */
const SECRET_FIELDS = ['authorization', 'cookie', 'password', 'secret', 'token', 'apiKey', 'adminKey', 'key', 'databaseUrl'];

/**
 * JSON lines on standard output, one object a line: `time` (ISO 8601), `level`, `name`, the fields, `msg`. Written
 * synchronously, so that the last words of a process that dies are not lost.
 */
export function createLogger(options: { readonly name: string; readonly level: string }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
    },
    pino.destination({ dest: 1, sync: true }),
  );
}
