import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { CliConfig } from '../config.js';
import { launchBrowser } from './browser-launch.js';
import { type Finding, bad, good } from './finding.js';

const run = promisify(execFile);
const BROWSER_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
/** Looked for, never loaded: this program works without it. */
const PACKAGED_BROWSER = '@sparticuz/chromium';
/** The one the bootstrap takes, too. */
const LEAST_TEMPORAL = '1.5.1';
const MAC_BROWSERS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

export async function checkTemporal(config: CliConfig): Promise<Finding> {
  const name = 'Temporal CLI';
  if (config.settings.TEMPORAL_ADDRESS !== undefined)
    return good(name, `not needed: TEMPORAL_ADDRESS is ${config.settings.TEMPORAL_ADDRESS}`);
  const wanted = config.settings.TEMPORAL_CLI;
  if (wanted !== undefined && !(await isProgram(wanted)))
    return bad(name, `TEMPORAL_CLI is ${wanted}, which cannot be run`, 'Correct or unset TEMPORAL_CLI.');
  const path = wanted ?? (await onPath(config, ['temporal'])) ?? (await inFolder(cacheFolder(config), ['temporal'], 3));
  if (path === null) return bad(name, 'not found', 'npm start gets it; or install it and set TEMPORAL_CLI.');
  const version = await temporalVersion(path);
  if (version === null) return bad(name, `${path} does not answer as the Temporal CLI does`, 'Correct or unset TEMPORAL_CLI.');
  if (!isAtLeast(version, LEAST_TEMPORAL))
    return bad(name, `${path} (${version}) is too old`, `Install ${LEAST_TEMPORAL} or newer, or unset TEMPORAL_CLI: npm start gets one.`);
  return good(name, `${path} (${version})`);
}

export async function checkBrowser(config: CliConfig): Promise<Finding> {
  const name = 'Chromium';
  const wanted = config.settings.CHROMIUM_PATH;
  if (wanted !== undefined) {
    if (!(await isProgram(wanted))) return bad(name, `CHROMIUM_PATH is ${wanted}, which cannot be run`, 'Correct or unset CHROMIUM_PATH.');
    return checkDraws(name, wanted);
  }
  const path =
    (await onPath(config, BROWSER_NAMES)) ??
    (await firstProgram(MAC_BROWSERS)) ??
    (await inFolder(join(config.userCache, 'ms-playwright'), ['chrome', 'Chromium'], 4)) ??
    (await inFolder(cacheFolder(config), ['start-chromium'], 2));
  if (path !== null) return checkDraws(name, path);
  const packaged = packagedBrowser();
  if (packaged !== null) return good(name, `${packaged}, unpacked when it is needed`);
  return bad(name, 'not found: pages built by JavaScript will fail', 'Install Chromium or set CHROMIUM_PATH.');
}

async function checkDraws(name: string, path: string): Promise<Finding> {
  const problem = await launchBrowser(path);
  if (problem === null) return good(name, `${path}, draws a page`);
  return bad(name, `${path}: ${problem}`, 'Install the libraries that it misses, or set CHROMIUM_PATH to another Chromium.');
}

function packagedBrowser(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  try {
    import.meta.resolve(PACKAGED_BROWSER);
    return `npm package ${PACKAGED_BROWSER}`;
  } catch {
    // Not installed: an optional part.
    return null;
  }
}

/** The same rule as the bootstrap's: GLEANER_CACHE, else `gleaner` in the person's cache folder. */
export function cacheFolder({ settings, home, userCache }: CliConfig): string {
  return settings.GLEANER_CACHE?.replace(/^~(?=\/|$)/, home) ?? join(userCache, 'gleaner');
}

function onPath(config: CliConfig, names: readonly string[]): Promise<string | null> {
  const folders = config.searchPath.split(delimiter).filter((folder) => folder !== '');
  return firstProgram(names.flatMap((name) => folders.map((folder) => join(folder, name))));
}

async function firstProgram(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await isProgram(path)) return path;
  return null;
}

async function inFolder(folder: string, names: readonly string[], depth: number): Promise<string | null> {
  // A folder that is not there, or may not be read, holds no program.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await firstProgram(
    entries.filter((entry) => !entry.isDirectory() && names.includes(entry.name)).map((entry) => join(folder, entry.name)),
  );
  if (found !== null || depth === 0) return found;
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) {
    const deeper = await inFolder(join(folder, entry.name), names, depth - 1);
    if (deeper !== null) return deeper;
  }
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** null when it is no Temporal CLI. */
async function temporalVersion(path: string): Promise<string | null> {
  const output = await run(path, ['--version'], { timeout: 20_000, maxBuffer: 10_000 }).catch(() => null);
  return /temporal version v?(\d+\.\d+\.\d+)/.exec(output?.stdout ?? '')?.[1] ?? null;
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}
