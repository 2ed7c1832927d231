import { GleanerError, GleanerUnreachable } from '@gleaner/sdk';
import { formatDuration } from './duration.js';
import { EXIT, type ExitCode, UsageError } from './exit-code.js';
import { type Terminal, plain } from './terminal.js';

/** Says what went wrong and the one thing to do about it; gives the exit code. */
export function reportFailure(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.error(error.message);
    return EXIT.usage;
  }
  if (error instanceof GleanerUnreachable) {
    terminal.error(error.message, 'Is it running? Start it with: npm start        (what is wrong with it: gleaner doctor)');
    return EXIT.unreachable;
  }
  if (error instanceof GleanerError) return reportProblem(error, terminal);
  terminal.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
}

function reportProblem(error: GleanerError, terminal: Terminal): ExitCode {
  terminal.error(`${error.detail} (${error.code})`, adviceFor(error));
  for (const { path, message } of error.errors) terminal.note(`  ${plain(path)}: ${plain(message)}`);
  if (error.status >= 502 && error.retryable) return EXIT.unreachable;
  // Nothing was typed wrong when a limit is reached.
  return error.status < 500 && error.status !== 429 ? EXIT.usage : EXIT.failed;
}

function adviceFor(error: GleanerError): string | undefined {
  if (error.status === 401) return 'Pass --key KEY or set GLEANER_API_KEY; the first key is in admin.key of the data folder (--data DIR).';
  if (error.status === 403) return 'Use a key with the scope that is named.';
  if (error.status === 404) return 'See what there is with: gleaner jobs, gleaner sites';
  if (error.status === 429 && error.retryAfterMs !== null) return `Try again in ${formatDuration(error.retryAfterMs)}.`;
  return error.retryable ? 'Trying again in a moment can help.' : undefined;
}
