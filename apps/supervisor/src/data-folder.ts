import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal, reasonOf } from './refusal.js';

/** The embedded database aborts when it starts on a full disk, and its first start takes some 50 MB. */
const MIN_FREE_BYTES = 500_000_000;

/**
 * Makes the data folder (0700) and its parts, and checks that it can be written and has room. Throws a Refusal.
 * `freeBytes` can be given by a test.
 */
export async function prepareDataFolder(folder: string, freeBytes: (folder: string) => Promise<number> = freeBytesOf): Promise<void> {
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, 'probe');
    await rm(probe);
    for (const part of ['run', 'logs']) await makeFolder(join(folder, part));
  } catch (error) {
    throw new Refusal(`the data folder ${folder} cannot be written (${reasonOf(error)}): choose another one with --data DIR`);
  }
  const free = await freeBytes(folder);
  if (free < MIN_FREE_BYTES) {
    throw new Refusal(
      `the disk of ${folder} has ${Math.floor(free / 1e6)} MB free and ${MIN_FREE_BYTES / 1e6} MB are needed: free some space or choose another folder with --data DIR`,
    );
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** With its parents, 0700. Node's own `recursive` never ends where a folder cannot have children, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> => mkdir(path, { mode: 0o700 });
  await make().catch(async (error: unknown) => {
    if (reasonOf(error) === 'EEXIST') return;
    if (reasonOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}
