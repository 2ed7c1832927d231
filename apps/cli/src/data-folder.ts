import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `run/ready.json` of a data folder: written by `npm start` when everything answers. */
export interface ReadyFile {
  readonly url: string;
  readonly temporal?: string;
  readonly temporalUi?: string;
  readonly database?: string;
  readonly pids: Readonly<Record<string, number>>;
  readonly startedAt?: string;
}

/** null when nothing has been started on this folder, or it was stopped cleanly. */
export async function readReadyFile(folder: string): Promise<ReadyFile | null> {
  const text = await readOptional(join(folder, 'run', 'ready.json'));
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<ReadyFile> | null;
    return typeof value?.url === 'string' ? { ...value, url: value.url, pids: value.pids ?? {} } : null;
  } catch {
    // Half a file is no announcement: the system is not ready.
    return null;
  }
}

export async function readAdminKey(folder: string): Promise<string | null> {
  return (await readOptional(join(folder, 'admin.key')))?.trim() || null;
}

/** Pid of the supervisor that holds the folder, or held it until it was killed; null when none does. */
export async function readOwner(folder: string): Promise<number | null> {
  const pid = Number((await readOptional(join(folder, 'supervisor.owner'))) ?? 0);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
}

async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
    throw error;
  }
}
