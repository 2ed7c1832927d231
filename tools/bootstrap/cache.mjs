import { mkdtempSync } from 'node:fs';
import { access, constants, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure, reasonOf } from './failure.mjs';

/** Where downloads are kept: outside the checkout, so that a second clone needs no network. */
export function cacheFolder(environment, platform = process.platform, home = homedir()) {
  if (environment.GLEANER_CACHE) return resolve(environment.GLEANER_CACHE.replace(/^~(?=\/|$)/, home));
  if (environment.XDG_CACHE_HOME) return join(resolve(environment.XDG_CACHE_HOME), 'gleaner');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'gleaner') : join(home, '.cache', 'gleaner');
}

/** Throws a Failure that names the folder and the way out when nothing can be written there. */
export async function ensureCacheFolder(folder) {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new Failure(`cannot write to the cache folder ${folder} (${reasonOf(error)}): set GLEANER_CACHE to a folder that can be written`);
  }
}

/** With its parents, 0700. Node's own `recursive` never ends where a folder cannot have children, as in /proc. */
async function makeFolder(path) {
  const make = () => mkdir(path, { mode: 0o700 });
  await make().catch(async (error) => {
    if (error.code === 'EEXIST') return;
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

/** @returns {Promise<boolean>} whether the file is there and may be executed */
export async function isExecutable(path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Fills a temporary folder beside `target`, then renames it: what lies in the cache is complete, or is not there. When
 * another process was faster its folder is kept.
 * @template T
 * @param {string} target
 * @param {(folder: string) => Promise<T>} fill returns undefined when it has nothing to offer
 */
export async function placeAtomically(target, fill) {
  await ensureCacheFolder(dirname(target));
  const folder = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    const result = await fill(folder);
    if (result === undefined) return undefined;
    await rename(folder, target).catch(async (error) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      await replaceFolder(folder, target);
    });
    return result;
  } catch (error) {
    if (error.code === 'ENOSPC')
      throw new Failure(`the disk with ${dirname(target)} is full: free some space, or set GLEANER_CACHE to another folder`);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What lay there was not usable, or the caller would not have filled a new one. */
async function replaceFolder(folder, target) {
  const aside = `${folder}.old`;
  await rename(target, aside);
  await rename(folder, target);
  await rm(aside, { recursive: true, force: true });
}
