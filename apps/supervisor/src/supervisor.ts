import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoSite, startDemoSite } from '@gleaner/demo-site';
import { ensureAdminKey } from './admin-key.js';
import { announce, withoutPassword } from './announcement.js';
import { type Places, marksOfChild, missingPrograms, planChildren } from './children.js';
import type { Configuration } from './config.js';
import { prepareDataFolder } from './data-folder.js';
import { demonstrate } from './demonstration.js';
import { Family } from './family.js';
import { crawlNamedSites } from './crawls.js';
import { extractNamedPages } from './jobs.js';
import { endOrphans } from './orphans.js';
import { TEMPORAL_UI_OFFSET, choosePort } from './ports.js';
import { answers, accepts, waitFor } from './readiness.js';
import { Refusal } from './refusal.js';
import { type ReadyFile, RunFolder } from './run-folder.js';
import { openSocketFolder, socketDatabaseUrl } from './socket-folder.js';
import type { StopSignals } from './stop-signals.js';
import { lockDataFolder } from './supervisor-lock.js';
import type { Terminal } from './terminal.js';

/** The first start on a slow machine takes half a minute; after this something hangs. */
const START_TIMEOUT_MS = 180_000;
const ALL_POOLS = 8;

export interface Supervision {
  readonly configuration: Configuration;
  readonly terminal: Terminal;
  readonly stop: StopSignals;
  readonly startedAt: Date;
}

/** Runs the whole system until it is told to stop, or with `--once` until the jobs are done. Returns the exit code; throws a Refusal. */
export async function supervise(supervision: Supervision): Promise<number> {
  const { dataFolder } = supervision.configuration;
  await prepareDataFolder(dataFolder);
  const lock = lockDataFolder(dataFolder);
  const run = new RunFolder(join(dataFolder, 'run'));
  try {
    run.removeReady();
    const ended = await endOrphans(run, (name) => marksOfChild(name, dataFolder));
    if (ended.length > 0) supervision.terminal.say(`taking over: ended ${ended.join(', ')} of a start that was killed`);
    return await withSite(supervision, run);
  } finally {
    run.removeReady();
    lock.release();
  }
}

/** The demonstration keeps its address from start to start, so that what was learned of it is of use. */
async function startStableSite(dataFolder: string): Promise<DemoSite> {
  const memory = join(dataFolder, 'demo-port');
  const port = existsSync(memory) ? Number(readFileSync(memory, 'utf8')) : 0;
  const site = await startDemoSite({ port: Number.isInteger(port) ? port : 0 }).catch(() => startDemoSite());
  writeFileSync(memory, new URL(site.url).port);
  return site;
}

async function withSite(supervision: Supervision, run: RunFolder): Promise<number> {
  const site = supervision.configuration.demonstration ? await startStableSite(supervision.configuration.dataFolder) : undefined;
  const sockets = openSocketFolder(run.path);
  try {
    return await withFamily(supervision, { run, site, socketFolder: sockets.path });
  } finally {
    sockets.remove();
    await site?.stop();
  }
}

/** A path that was given is checked before anything starts; a bare name is the PATH's affair. */
function checkTemporalCli({ temporalAddress, temporalCli }: Configuration): void {
  if (temporalAddress !== undefined || temporalCli === undefined || !temporalCli.includes('/')) return;
  try {
    accessSync(temporalCli, constants.X_OK);
  } catch {
    throw new Refusal(`the Temporal CLI ${temporalCli} cannot be run: set TEMPORAL_CLI to one that can, or unset it and use npm start`);
  }
}

interface Ground {
  readonly run: RunFolder;
  readonly site: DemoSite | undefined;
  readonly socketFolder: string;
}

async function withFamily(supervision: Supervision, ground: Ground): Promise<number> {
  const { configuration, terminal, stop } = supervision;
  const key = ensureAdminKey(configuration.dataFolder, configuration.secrets.adminKey);
  const places = await findPlaces(configuration, ground, key.key);
  const plans = planChildren(configuration, places);
  const missing = missingPrograms(plans);
  if (missing.length > 0) throw new Refusal(`${missing.join(', ')} is not built: run npm run build`);
  checkTemporalCli(configuration);
  let refresh = (): void => undefined;
  const family = new Family(plans, {
    run: ground.run,
    logFolder: join(configuration.dataFolder, 'logs'),
    warn: (line) => terminal.say(`[${new Date().toISOString().slice(11, 19)}] ${line}`),
    onChange: () => refresh(),
  });
  stop.onForce(() => {
    family.kill();
    process.exit(130);
  });
  try {
    await bringUp(family, configuration, places, AbortSignal.any([stop.signal, family.failed, AbortSignal.timeout(START_TIMEOUT_MS)]));
    refresh = () => ground.run.writeReady(readyFile(supervision, places, family));
    refresh();
    // One run of jobs goes into logs more often than not: the key stays in its file.
    const newKey = key.isNew && !configuration.once ? key.key : undefined;
    const seconds = (Date.now() - supervision.startedAt.getTime()) / 1_000;
    for (const line of announce({
      ready: readyFile(supervision, places, family),
      dataFolder: configuration.dataFolder,
      keyPath: key.path,
      newKey,
      seconds,
    }))
      terminal.say(line);
    return await serve(supervision, ground, places, AbortSignal.any([stop.signal, family.failed]));
  } catch (error) {
    return endOf(error, supervision, family);
  } finally {
    refresh = () => undefined;
    ground.run.removeReady();
    terminal.say('stopping …');
    await family.stop();
  }
}

/** Told to stop: 0. A child that cannot be brought up, or a start that hangs: one line, 1. */
function endOf(error: unknown, { stop, terminal, configuration }: Supervision, family: Family): number {
  if (family.failed.aborted) {
    terminal.error((family.failed.reason as Error).message);
    return 1;
  }
  if (stop.signal.aborted) return configuration.once ? 1 : 0;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    terminal.error(`not ready after ${START_TIMEOUT_MS / 1_000} s: see ${join(configuration.dataFolder, 'logs')}`);
    return 1;
  }
  throw error;
}

async function findPlaces(configuration: Configuration, { site, socketFolder }: Ground, adminKey: string): Promise<Places> {
  const apiPort = await choosePort({ host: configuration.host, port: configuration.port, flag: '--port' });
  const shared = {
    apiPort,
    adminKey,
    socketFolder,
    databaseUrl: configuration.secrets.databaseUrl ?? socketDatabaseUrl(socketFolder),
    allow: [...configuration.allow, ...(site === undefined ? [] : [site.address])],
  };
  if (configuration.temporalAddress !== undefined)
    return { ...shared, temporal: configuration.temporalAddress, temporalUi: configuration.temporalUiUrl ?? null };
  const port = await choosePort({
    host: '127.0.0.1',
    port: configuration.temporalPort,
    flag: '--temporal-port',
    offsets: [TEMPORAL_UI_OFFSET],
    reserved: [apiPort],
  });
  return { ...shared, temporal: `127.0.0.1:${port}`, temporalUi: `http://127.0.0.1:${port + TEMPORAL_UI_OFFSET}` };
}

/** Temporal and the database together, then the API and the workers together: those wait for the schema themselves. */
async function bringUp(family: Family, configuration: Configuration, places: Places, signal: AbortSignal): Promise<void> {
  family.temporal?.start();
  family.database?.start();
  await Promise.all([waitFor(accepts(places.temporal), signal), family.database && until(family.database.ready, signal)]);
  family.api.start();
  for (const worker of family.workers) worker.start();
  const url = urlOf(configuration, places);
  // Readiness asks for pollers on every queue; a part of the pools can only have the rest of it.
  const isWhole = configuration.pools.length === ALL_POOLS;
  await Promise.all([
    // Its own word first: an answer on that port could be another program's.
    until(family.api.ready, signal),
    waitFor(answers(`${url}/health/${isWhole ? 'ready' : 'live'}`), signal),
    ...(isWhole ? [] : family.workers.map((worker) => until(worker.ready, signal))),
    family.temporal !== undefined && places.temporalUi !== null && waitFor(answers(places.temporalUi), signal),
  ]);
  family.settle();
}

function until(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((settle, fail) => {
    const abort = (): void => fail(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(settle, fail).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The jobs of the command line, then the wait for the end. */
async function serve({ configuration, terminal }: Supervision, { site }: Ground, places: Places, signal: AbortSignal): Promise<number> {
  const url = urlOf(configuration, places);
  let areAllCompleted = true;
  try {
    if (site !== undefined)
      areAllCompleted = await demonstrate({ url, key: places.adminKey, site, terminal, withResult: configuration.once, signal });
    else {
      const named = { url, key: places.adminKey, pages: configuration.urls, terminal, signal };
      areAllCompleted = configuration.crawl
        ? await crawlNamedSites({ ...named, withResult: configuration.once })
        : await extractNamedPages(named);
    }
  } catch (error) {
    if (signal.aborted) throw error;
    areAllCompleted = false;
    terminal.error(error instanceof Error ? error.message : String(error));
  }
  if (configuration.once) return areAllCompleted ? 0 : 1;
  terminal.say('\nserving; Ctrl-C stops');
  await until(new Promise(() => undefined), signal);
  return 0;
}

/** Reachable from this machine, also when it listens on every address. */
function urlOf({ host }: Configuration, { apiPort }: Places): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${address}:${apiPort}`;
}

function readyFile({ configuration, startedAt }: Supervision, places: Places, family: Family): ReadyFile {
  return {
    url: urlOf(configuration, places),
    temporal: places.temporal,
    temporalUi: places.temporalUi,
    database: withoutPassword(places.databaseUrl),
    pids: family.pids(),
    startedAt: startedAt.toISOString(),
  };
}
