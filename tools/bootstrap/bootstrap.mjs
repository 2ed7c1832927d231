import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBrowser } from './browser/find-browser.mjs';
import { build, isBuilt } from './build.mjs';
import { cacheFolder, ensureCacheFolder } from './cache.mjs';
import { runCommand } from './command.mjs';
import { withEnvironmentFile } from './environment-file.mjs';
import { Failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { findNode } from './node-runtime.mjs';
import { findNpm } from './npm.mjs';
import { arePackagesInstalled, environmentFor, installPackages } from './packages.mjs';
import { platformProblem } from './platform.mjs';
import { createReport } from './report.mjs';
import { endSubprocesses } from './subprocess.mjs';
import { findTemporal } from './temporal/find-temporal.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every npm script: the program behind it and what it needs to be there. */
const COMMANDS = {
  start: { script: 'apps/supervisor/dist/main.js', needs: ['build', 'temporal', 'browser'], withChannel: true },
  gleaner: { script: 'apps/cli/dist/main.js', needs: ['build'] },
  test: { script: 'tools/test.mjs', needs: ['build', 'temporal', 'browser'] },
  bench: { script: 'bench/main.mjs', needs: ['build', 'temporal', 'browser'] },
  chaos: { script: 'bench/chaos.mjs', needs: ['build', 'temporal', 'browser'] },
  check: { script: 'tools/check.mjs', needs: ['build'] },
  docs: { script: 'tools/docs.mjs', needs: ['build'] },
  fix: { script: 'tools/fix.mjs', needs: [] },
  build: { needs: ['build'] },
};

/**
 * Brings what a command needs and runs it.
 * @param {readonly string[]} given the command and its own arguments
 * @returns {Promise<number>} the exit code
 */
export async function bootstrap([name, ...parameters]) {
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  const report = createReport({ quiet: parameters.includes('--quiet') });
  const stop = (signal) => {
    endSubprocesses();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    if (command === undefined) throw new Failure(`unknown command ${name ?? ''}: use one of ${Object.keys(COMMANDS).join(', ')}`);
    const problem = platformProblem();
    if (problem !== undefined) throw new Failure(problem);
    if (name === 'start' && parameters.includes('--help')) {
      process.stdout.write(readFileSync(join(ROOT, 'apps/supervisor/help.txt'), 'utf8'));
      return 0;
    }
    const ready = await prepare(command, withEnvironmentFile(process.cwd(), process.env), report);
    process.off('SIGINT', stop).off('SIGTERM', stop);
    if (command.script === undefined) return 0;
    if (!existsSync(join(ROOT, command.script))) throw new Failure(`${command.script} is missing: the checkout is not complete`);
    return await runCommand({
      node: ready.node,
      script: command.script,
      parameters,
      root: ROOT,
      environment: ready.environment,
      withChannel: command.withChannel === true,
    });
  } catch (error) {
    // A bug is shown with its place; a Failure is for the person and says all there is.
    report.error(error instanceof Failure ? error.message : String(error?.stack ?? error));
    return 1;
  }
}

/** @returns {Promise<{ node: string, environment: NodeJS.ProcessEnv }>} what the program runs on and sees */
async function prepare(command, settings, report) {
  const cache = cacheFolder(settings);
  const npm = () => findNpm(process.env);
  const node = await findNode({ cache, report, npm, environment: process.env });
  await prepareCheckout({ isBuildNeeded: command.needs.includes('build'), node, npm, report });
  const found = {};
  if (command.needs.includes('browser')) await ensureCacheFolder(cache);
  if (command.needs.includes('temporal') && !settings.TEMPORAL_ADDRESS) {
    found.TEMPORAL_CLI = await findTemporal({ cache, root: ROOT, environment: settings, report });
  }
  if (command.needs.includes('browser')) {
    const browser = await findBrowser({ root: ROOT, cache, node, environment: settings, report });
    if (browser !== undefined) found.CHROMIUM_PATH = browser;
  }
  return { node, environment: { ...environmentFor(node, process.env), ...found } };
}

/** Packages and build, by one process of this checkout at a time. */
async function prepareCheckout({ isBuildNeeded, node, npm, report }) {
  if (arePackagesInstalled(ROOT) && (!isBuildNeeded || isBuilt(ROOT))) return;
  const onWait = (owner) => report.note(`waiting for process ${owner ?? '?'}, which prepares this checkout`);
  await withLock(
    join(ROOT, '.cache', 'bootstrap.lock'),
    async () => {
      await installPackages({ root: ROOT, node, npm, report, environment: process.env });
      if (isBuildNeeded) await build({ root: ROOT, node, report, environment: process.env });
    },
    { onWait },
  );
}
