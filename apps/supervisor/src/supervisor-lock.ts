import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal, reasonOf } from './refusal.js';

export interface SupervisorLock {
  release(): void;
}

/**
 * One supervisor per data folder. SQLite's file lock is used because the kernel frees it when its holder dies, however it
 * dies. The owner's pid lies beside it for the message to the second one. Throws a Refusal.
 */
export function lockDataFolder(folder: string): SupervisorLock {
  const ownerPath = join(folder, 'supervisor.owner');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, 'supervisor.lock'));
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (!/locked|busy/i.test(String(error)))
      throw new Refusal(`the data folder ${folder} cannot be locked (${reasonOf(error)}): choose another one with --data DIR`);
    throw new Refusal(
      `process ${readOwner(ownerPath)} already runs Gleaner on ${folder}: stop it first, or choose another folder with --data DIR`,
    );
  }
  writeFileSync(ownerPath, String(process.pid), { mode: 0o600 });
  const held = database;
  return {
    release: () => {
      rmSync(ownerPath, { force: true });
      held.close();
    },
  };
}

function readOwner(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
