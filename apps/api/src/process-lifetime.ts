import { Fault } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import type { RunningApi } from './boot.js';

/** EX_CONFIG of sysexits.h: starting again without a change cannot help. */
const EXIT_CONFIGURATION = 78;
const EXIT_FAILURE = 1;
const STOP_DEADLINE_MS = 8_000;
const ADDRESS_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken; stop what uses it, or choose another with GLEANER_PORT or --port (0 picks a free one)',
  EADDRNOTAVAIL: 'is not an address of this machine; set GLEANER_HOST',
  EACCES: 'may not be used by this user; choose a port above 1023',
};

/** Says every problem in a line of its own and ends the process. */
export function refuseStart(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(EXIT_CONFIGURATION);
}

/** Ends the process for an error of the start: one line for what people can mend, exit 78 where only a change helps. */
export function failStart(error: unknown): never {
  const { code, address, port } = (error ?? {}) as { code?: string; address?: string; port?: number };
  const problem = code === undefined ? undefined : ADDRESS_PROBLEMS[code];
  if (problem !== undefined) return refuseStart([`${address ?? ''}:${port ?? ''} ${problem}`]);
  process.stderr.write(
    `The API could not start: ${error instanceof Fault ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error)}\n`,
  );
  return process.exit(error instanceof Fault && error.code === 'INVALID_INPUT' ? EXIT_CONFIGURATION : EXIT_FAILURE);
}

/** Tells a parent process that the API answers, and stops when it is told to, or when the parent is gone. */
export function serveUntilStopped(api: RunningApi, log: Logger): void {
  let stopping = false;
  const stop = (reason: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    const deadline = setTimeout(() => {
      log.error('not stopped in time: ending');
      process.exit(EXIT_FAILURE);
    }, STOP_DEADLINE_MS);
    deadline.unref();
    api.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the stop failed');
        process.exit(EXIT_FAILURE);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  if (process.send) {
    process.on('disconnect', () => stop('the parent is gone'));
    process.send({ type: 'ready', url: api.url });
  }
}
