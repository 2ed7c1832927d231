import type { Logger } from '@gleaner/telemetry';
import type { LoggerService } from '@nestjs/common';

/** What Nest has to say, in our log: its start-up chatter only at debug. */
export function frameworkLogger(log: Logger): LoggerService {
  const write =
    (level: 'debug' | 'warn' | 'error') =>
    (message: unknown, ...details: unknown[]) => {
      const context = details.findLast((detail) => typeof detail === 'string');
      log[level](
        { context, ...(message instanceof Error ? { err: message } : {}) },
        message instanceof Error ? message.message : String(message),
      );
    };
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('error'),
  };
}
