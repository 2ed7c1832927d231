import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { placeAtomically } from '../cache.mjs';
import { temporalFolder } from './from-cache.mjs';
import { TEMPORAL_VERSION, temporalVersionOf } from './version.mjs';

/**
 * Lets a route put `temporal` into a temporary folder, and keeps it when it runs and is the version that was asked for.
 * @param {object} options @param {(folder: string) => Promise<boolean>} obtain false when the route gave nothing
 * @returns {Promise<string | undefined>} the path in the cache
 */
export async function placeTemporal(options, obtain) {
  const folder = temporalFolder(options);
  return placeAtomically(folder, async (temporary) => {
    const workshop = join(temporary, 'workshop');
    await mkdir(workshop);
    if (!(await obtain(workshop))) return undefined;
    const path = join(temporary, 'temporal');
    await rename(join(workshop, 'temporal'), path);
    await rm(workshop, { recursive: true });
    await chmod(path, 0o755);
    return (await temporalVersionOf(path)) === TEMPORAL_VERSION ? join(folder, 'temporal') : undefined;
  });
}
