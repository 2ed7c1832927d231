import { join } from 'node:path';

/** Registered at every start; the same names and types as in the contract of the workflows. */
export const SEARCH_ATTRIBUTE_NAMES = ['GleanerJobKind', 'GleanerSite', 'GleanerOwner', 'GleanerStage'] as const;

/**
 * Command line of the embedded server. The development server answers slowly by default because of rate limits, not of
 * work: each history queue polls 20 times a second and timers are due in steps of a second. With these values a
 * one-activity workflow takes 26 ms instead of 150, a timer 0.1 s instead of 1. WAL with `synchronous=normal` survives
 * a killed process.
 */
export function temporalParameters(options: {
  readonly dataFolder: string;
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
}): string[] {
  const dynamic = [
    'history.transferProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxPollRPS=2000',
    'history.visibilityProcessorMaxPollRPS=200',
    'history.timerProcessorMaxTimeShift="50ms"',
  ];
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.port),
    '--ui-port',
    String(options.uiPort),
    '--log-level',
    'error',
    '--db-filename',
    join(options.dataFolder, 'temporal.db'),
    '--sqlite-pragma',
    'journal_mode=wal',
    '--sqlite-pragma',
    'synchronous=normal',
    ...(options.namespace === 'default' ? [] : ['--namespace', options.namespace]),
    ...dynamic.flatMap((value) => ['--dynamic-config-value', value]),
    ...SEARCH_ATTRIBUTE_NAMES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}
