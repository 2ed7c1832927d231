import { type Queue, QUEUES, type Settings, readSettings } from '@gleaner/domain';
import { type TracingSettings, readTracing } from '@gleaner/telemetry';
import { parseArgs } from 'node:util';

export interface WorkersConfig {
  readonly settings: Settings;
  readonly pools: readonly Queue[];
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Null: no traces. */
  readonly tracing: TracingSettings | null;
  /** What a browser may inherit: no key, no password. */
  readonly browserEnvironment: Readonly<Record<string, string>>;
}

const BROWSER_INHERITS = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LD_LIBRARY_PATH',
  'FONTCONFIG_PATH',
  'FONTCONFIG_FILE',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
];

export type ConfigResult =
  | { readonly ok: true; readonly config: WorkersConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

export const USAGE = `Usage: node apps/workers/dist/main.js [--pools all|${QUEUES.join(',')}]

Serves the named task queues in one process. Needs DATABASE_URL and TEMPORAL_ADDRESS; see docs/configuration.md.`;

/** The only place of the workers that reads the environment and the command line. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  args: readonly string[] = process.argv.slice(2),
): ConfigResult {
  const read = readSettings(environment);
  const problems = read.ok ? [] : read.problems.map(({ name, problem }) => `${name}: ${problem}`);
  const pools = readPools(args, problems);
  if (!read.ok) return { ok: false, problems };
  const { DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress } = read.settings;
  if (databaseUrl === undefined) problems.push('DATABASE_URL: is needed by the workers; `npm start` sets it');
  if (temporalAddress === undefined) problems.push('TEMPORAL_ADDRESS: is needed by the workers; `npm start` sets it');
  if (problems.length > 0 || databaseUrl === undefined || temporalAddress === undefined) return { ok: false, problems };
  return {
    ok: true,
    config: {
      settings: read.settings,
      pools,
      databaseUrl,
      temporalAddress,
      tracing: readTracing(environment),
      browserEnvironment: pick(environment, BROWSER_INHERITS),
    },
  };
}

function pick(environment: Readonly<Record<string, string | undefined>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

function readPools(args: readonly string[], problems: string[]): readonly Queue[] {
  let text: string | undefined;
  try {
    text = parseArgs({ args: [...args], options: { pools: { type: 'string' } } }).values.pools;
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (text === undefined || text === 'all') return QUEUES;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(QUEUES as readonly string[]).includes(name));
  if (unknown.length > 0) problems.push(`--pools: ${unknown.join(', ')} is not one of all, ${QUEUES.join(', ')}`);
  return QUEUES.filter((queue) => names.includes(queue));
}
