import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartRefused } from './refusal.js';

const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;

/** Keep it reachable for as long as the folder is used: a collected handle would free the lock. */
export interface FolderLock {
  release(): void;
}

/**
 * Locks a folder for this process. PGlite itself locks nothing: two processes that open the same files lose acknowledged
 * rows. The lock is SQLite's exclusive lock on a file of its own: taken from the kernel, so a kill -9 frees it at once.
 * Throws StartRefused when another process holds it or the folder is not writable.
 */
export function lockFolder(folder: string): FolderLock {
  const ownerFile = join(folder, 'owner.pid');
  const holder = openLock(folder, ownerFile);
  writeFileSync(ownerFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => holder.close() };
}

function openLock(folder: string, ownerFile: string): DatabaseSync {
  let holder: DatabaseSync | undefined;
  try {
    holder = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
    holder.exec('BEGIN EXCLUSIVE');
    return holder;
  } catch (error) {
    holder?.close();
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
    if (code === SQLITE_BUSY) throw new StartRefused(`The database in ${folder} is in use by ${ownerOf(ownerFile)}; stop it first.`);
    if (code === SQLITE_READONLY || code === SQLITE_CANTOPEN) throw new StartRefused(`The folder ${folder} is not writable.`);
    throw error;
  }
}

function ownerOf(ownerFile: string): string {
  try {
    return `process ${readFileSync(ownerFile, 'utf8').trim()}`;
  } catch {
    return 'another process'; // it holds the lock and has not written its number yet
  }
}
