import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MODEL_KEYS, MODEL_PLAN_VARIABLE, type Queue, describeModels, readSettings } from '@gleaner/domain';
import type { ChildPlan } from './child.js';
import { type Configuration, type Environment, GUARDED_SETTINGS } from './config.js';
import { temporalParameters } from './temporal-server.js';

/** The folder `apps` of the checkout: this file is `apps/supervisor/dist/children.js`, or the source of it. */
const APPS = fileURLToPath(new URL('../../', import.meta.url));

const WORKER_STOP_MS = 25_000;
const STOP_MS = 10_000;

/** Parsing blocks an event loop, and with it the heartbeats of every worker beside it: so it has a process of its own, and the browser too. */
const WORKER_GROUPS: readonly { readonly name: string; readonly pools: readonly Queue[] }[] = [
  { name: 'worker-io', pools: ['workflows', 'fetch', 'embed', 'store'] },
  { name: 'worker-browser', pools: ['browser'] },
  { name: 'worker-cpu', pools: ['learn', 'extract', 'analyze'] },
];

/** Where everything answers. */
export interface Places {
  readonly apiPort: number;
  readonly temporal: string;
  /** Null when an outside Temporal has no known Web UI. */
  readonly temporalUi: string | null;
  readonly databaseUrl: string;
  readonly socketFolder: string;
  readonly adminKey: string;
  readonly allow: readonly string[];
}

export interface Plans {
  readonly temporal: ChildPlan | undefined;
  readonly database: ChildPlan | undefined;
  readonly api: ChildPlan;
  readonly workers: readonly ChildPlan[];
}

const entryOf = (app: string): string => join(APPS, app, 'dist', 'main.js');

/** What every child is run with. Outside parts (DATABASE_URL, TEMPORAL_ADDRESS) have no child. */
export function planChildren(configuration: Configuration, places: Places): Plans {
  const shared = sharedEnvironment(configuration, places);
  const withDatabase = { ...shared, DATABASE_URL: places.databaseUrl };
  return {
    temporal: configuration.temporalAddress === undefined ? temporalPlan(configuration, places) : undefined,
    database: configuration.secrets.databaseUrl === undefined ? databasePlan(configuration, places, shared) : undefined,
    api: node('api', 'api', [], { ...withDatabase, ...modelPlan(configuration), GLEANER_ADMIN_KEY: places.adminKey }, STOP_MS),
    workers: WORKER_GROUPS.map((group, index) => ({
      ...group,
      pools: group.pools.filter((pool) => configuration.pools.includes(pool)),
      index,
    }))
      .filter(({ pools }) => pools.length > 0)
      .map(({ name, pools, index }) => {
        const environment = { ...withDatabase, ...metricsPort(configuration, index), ...modelKeys(configuration, pools) };
        return node(name, 'workers', ['--pools', pools.join(',')], environment, WORKER_STOP_MS);
      }),
  };
}

/** One port for each worker process: the one that is set, and those after it. */
function metricsPort({ metricsPort: first }: Configuration, index: number): NodeJS.ProcessEnv {
  return first === 0 ? {} : { GLEANER_METRICS_PORT: String(first + index) };
}

/** The pools whose stages may ask a model. */
const ASKING_POOLS: ReadonlySet<Queue> = new Set(['learn', 'extract', 'embed']);

/** Keys of model providers go to the processes that call them. */
function modelKeys({ environment }: Configuration, pools: readonly Queue[]): NodeJS.ProcessEnv {
  return pools.some((pool) => ASKING_POOLS.has(pool)) ? pick(environment, MODEL_KEYS) : {};
}

/** The API shows which models are set without having their keys. */
function modelPlan({ environment }: Configuration): NodeJS.ProcessEnv {
  const read = readSettings(environment);
  return read.ok ? { [MODEL_PLAN_VARIABLE]: JSON.stringify(describeModels(read.settings)) } : {};
}

function node(name: string, app: string, parameters: readonly string[], environment: NodeJS.ProcessEnv, stopDeadlineMs: number): ChildPlan {
  return {
    name,
    command: process.execPath,
    parameters: ['--enable-source-maps', entryOf(app), ...parameters],
    // Traces tell the processes apart by it; a name that was set is kept.
    environment: { OTEL_SERVICE_NAME: `gleaner-${name}`, ...environment },
    hasChannel: true,
    stopDeadlineMs,
  };
}

/** The environment without secrets that only one child may see. */
function sharedEnvironment({ environment, dataFolder, host }: Configuration, places: Places): NodeJS.ProcessEnv {
  const guarded: readonly string[] = GUARDED_SETTINGS;
  const open = Object.fromEntries(Object.entries(environment).filter(([name]) => !guarded.includes(name)));
  return {
    ...open,
    GLEANER_DATA: dataFolder,
    GLEANER_HOST: host,
    GLEANER_PORT: String(places.apiPort),
    GLEANER_ALLOW_PRIVATE: places.allow.join(','),
    GLEANER_BLOBS: environment['GLEANER_BLOBS'] || pathToFileURL(join(dataFolder, 'blobs')).href,
    TEMPORAL_ADDRESS: places.temporal,
    ...(places.temporalUi === null ? {} : { GLEANER_TEMPORAL_UI_URL: places.temporalUi }),
  };
}

function databasePlan({ dataFolder }: Configuration, places: Places, environment: NodeJS.ProcessEnv): ChildPlan {
  return node('database', 'database', ['--data', dataFolder, '--socket-dir', places.socketFolder], environment, STOP_MS);
}

/** The CLI reads TEMPORAL_* itself: it gets the flags and nothing else. */
const TEMPORAL_INHERITS = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME'];

function temporalPlan(configuration: Configuration, places: Places): ChildPlan {
  const port = Number(places.temporal.slice(places.temporal.lastIndexOf(':') + 1));
  const uiPort = Number(new URL(places.temporalUi ?? '').port);
  return {
    name: 'temporal',
    command: configuration.temporalCli ?? 'temporal',
    parameters: temporalParameters({ dataFolder: configuration.dataFolder, port, uiPort, namespace: configuration.temporalNamespace }),
    environment: pick(configuration.environment, TEMPORAL_INHERITS),
    hasChannel: false,
    stopDeadlineMs: STOP_MS,
  };
}

function pick(environment: Environment, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.filter((name) => environment[name] !== undefined).map((name) => [name, environment[name]]));
}

/** What the command line of a child of that name holds, to know it again after its supervisor was killed. */
export function marksOfChild(name: string, dataFolder: string): readonly string[] | undefined {
  if (name === 'temporal') return ['start-dev', join(dataFolder, 'temporal.db')];
  if (name === 'database') return [entryOf('database'), dataFolder];
  if (name === 'api') return [entryOf('api')];
  return WORKER_GROUPS.some((group) => group.name === name) ? [entryOf('workers')] : undefined;
}

/** Programs that are not built: an incomplete checkout says so before anything starts. */
export function missingPrograms(plans: Plans): string[] {
  const nodes = [plans.database, plans.api, ...plans.workers].filter((plan) => plan !== undefined);
  return [...new Set(nodes.map((plan) => plan.parameters[1] ?? ''))].filter((path) => !existsSync(path));
}
