import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { MODEL_KEYS, type Queue, QUEUES, type SettingName, SETTINGS, type Settings, readSettings } from '@gleaner/domain';
import { Refusal, reasonOf } from './refusal.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the supervisor runs, and how. Secrets are apart, so that the rest can be shown. */
export interface Configuration {
  /** Absolute. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly temporalPort: number;
  readonly temporalNamespace: string;
  /** Of the first worker process; 0: none. */
  readonly metricsPort: number;
  readonly pools: readonly Queue[];
  /** `HOST` or `HOST:PORT`, exact. */
  readonly allow: readonly string[];
  readonly urls: readonly string[];
  /** The sites of the URLs are crawled. */
  readonly crawl: boolean;
  readonly once: boolean;
  readonly demonstration: boolean;
  readonly quiet: boolean;
  /** An outside Temporal server replaces the embedded one. */
  readonly temporalAddress: string | undefined;
  readonly temporalUiUrl: string | undefined;
  readonly temporalCli: string | undefined;
  readonly secrets: { readonly databaseUrl: string | undefined; readonly adminKey: string | undefined };
  /** What children inherit. */
  readonly environment: Environment;
}

const FLAGS = {
  data: { type: 'string' },
  port: { type: 'string' },
  'temporal-port': { type: 'string' },
  allow: { type: 'string', multiple: true },
  pools: { type: 'string' },
  crawl: { type: 'boolean' },
  once: { type: 'boolean' },
  'no-demo': { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const DEFAULT_TEMPORAL_PORT = 7233;
/** The Web UI is a thousand above. */
const MAX_TEMPORAL_PORT = 64_535;

type Flags = ReturnType<typeof readFlags>;

/** `help` when the help was asked for; throws a Refusal that lists every problem. */
export function readConfiguration(
  parameters: readonly string[],
  environment: Environment = process.env,
  workingFolder: string = process.cwd(),
): Configuration | 'help' {
  const flags = readFlags(parameters);
  if (flags.values.help === true) return 'help';
  const merged = { ...readEnvironmentFile(workingFolder), ...definedOf(environment) };
  const read = readSettings(merged);
  const problems = [...flags.problems, ...(read.ok ? [] : read.problems.map(({ name, problem }) => `${name} ${problem}`))];
  const settings = read.ok ? read.settings : undefined;
  const fromFlags = readFlagValues(flags, problems);
  if (settings === undefined || problems.length > 0) throw new Refusal(...problems);
  return assemble(flags, fromFlags, settings, { merged, workingFolder });
}

function readFlags(parameters: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...parameters],
    options: FLAGS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(FLAGS, token.name) ? FLAGS[token.name as keyof typeof FLAGS] : undefined;
    if (flag === undefined) problems.push(`${token.rawName} is not a flag: see npm start -- --help`);
    else if (flag.type === 'string' && (token.value === undefined || token.value === ''))
      problems.push(`${token.rawName} needs a value: see npm start -- --help`);
    else if (flag.type === 'boolean' && token.value !== undefined)
      problems.push(`${token.rawName} takes no value: see npm start -- --help`);
  }
  return { values, positionals, problems };
}

interface FlagValues {
  readonly data: string | undefined;
  readonly port: number | undefined;
  readonly temporalPort: number;
  readonly allow: readonly string[];
  readonly pools: readonly Queue[];
}

function readFlagValues({ values, positionals }: Flags, problems: string[]): FlagValues {
  const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const allow = SETTINGS.GLEANER_ALLOW_PRIVATE.parse((values.allow ?? []).filter((item) => typeof item === 'string').join(','));
  if (!allow.ok) problems.push(`--allow ${allow.problem}; for example --allow 127.0.0.1:8080`);
  if (values.crawl === true && positionals.length === 0) problems.push('--crawl needs a URL, for example --crawl https://example.com/');
  for (const url of positionals) {
    if (!isWebAddress(url)) problems.push(`${JSON.stringify(url)} is not a URL: give it with its scheme, for example https://example.com/`);
  }
  return {
    data: textOf(values.data),
    port: readPort('--port', textOf(values.port), 65_535, problems),
    temporalPort: readPort('--temporal-port', textOf(values['temporal-port']), MAX_TEMPORAL_PORT, problems) ?? DEFAULT_TEMPORAL_PORT,
    allow: allow.ok ? allow.value : [],
    pools: readPools(textOf(values.pools), problems),
  };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function readPort(flag: string, text: string | undefined, max: number, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= max) return port;
  problems.push(`${flag} ${JSON.stringify(text)} must be a whole number from 0 to ${max}; for example ${flag} 0`);
  return undefined;
}

function readPools(text: string | undefined, problems: string[]): readonly Queue[] {
  if (text === undefined || text === 'all') return QUEUES;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(QUEUES as readonly string[]).includes(name));
  if (unknown !== undefined) problems.push(`--pools ${JSON.stringify(unknown)} is not a pool: use all, or some of ${QUEUES.join(',')}`);
  return QUEUES.filter((queue) => names.includes(queue));
}

interface Surroundings {
  readonly merged: Environment;
  readonly workingFolder: string;
}

function assemble(
  { values, positionals }: Flags,
  flags: FlagValues,
  settings: Settings,
  { merged, workingFolder }: Surroundings,
): Configuration {
  const data = flags.data ?? settings.GLEANER_DATA;
  return {
    dataFolder: isAbsolute(data) ? data : resolve(workingFolder, data),
    host: settings.GLEANER_HOST,
    port: flags.port ?? settings.GLEANER_PORT,
    temporalPort: flags.temporalPort,
    temporalNamespace: settings.TEMPORAL_NAMESPACE,
    metricsPort: settings.GLEANER_METRICS_PORT,
    pools: flags.pools,
    allow: [...new Set([...settings.GLEANER_ALLOW_PRIVATE, ...flags.allow])],
    urls: positionals,
    crawl: values.crawl === true,
    once: values.once === true,
    demonstration: positionals.length === 0 && values['no-demo'] !== true,
    quiet: values.quiet === true,
    temporalAddress: settings.TEMPORAL_ADDRESS,
    temporalUiUrl: settings.GLEANER_TEMPORAL_UI_URL,
    temporalCli: settings.TEMPORAL_CLI,
    secrets: { databaseUrl: settings.DATABASE_URL, adminKey: settings.GLEANER_ADMIN_KEY },
    environment: merged,
  };
}

function definedOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function readEnvironmentFile(folder: string): Record<string, string> {
  const path = join(folder, '.env');
  try {
    return definedOf(parseEnv(readFileSync(path, 'utf8')));
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return {};
    throw new Refusal(`${path} cannot be read (${reasonOf(error)}): make it readable or remove it`);
  }
}

/** Settings that only one child may see; nobody else's environment has them. */
export const GUARDED_SETTINGS = [
  'GLEANER_ADMIN_KEY',
  'GLEANER_API_KEY',
  'DATABASE_URL',
  ...MODEL_KEYS,
] as const satisfies readonly SettingName[];
