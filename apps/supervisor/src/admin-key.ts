import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, reasonOf } from './refusal.js';

export interface AdminKey {
  readonly key: string;
  readonly path: string;
  /** Made by this start: it is shown once. */
  readonly isNew: boolean;
}

/** The first admin key, in `DIR/admin.key` (0600). One that the operator set wins, and is written there for the command line client. */
export function ensureAdminKey(folder: string, given: string | undefined): AdminKey {
  const path = join(folder, 'admin.key');
  const kept = readKey(path);
  const key = given ?? kept ?? `glk_${randomBytes(32).toString('base64url')}`;
  if (key !== kept) {
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${key}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  }
  chmodSync(path, 0o600);
  return { key, path, isNew: given === undefined && kept === undefined };
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return undefined;
    throw new Refusal(`${path} cannot be read (${reasonOf(error)}): make it readable or remove it, then a new key is made`);
  }
}
