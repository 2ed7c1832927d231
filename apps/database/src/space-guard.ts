import { statfsSync } from 'node:fs';
import type { Backend } from './backend.js';

/** PGlite aborts without a word when it starts on a full disk. */
export const MIN_FREE_BYTES_AT_START = 200_000_000;
/** From here on the log must live in the segments that it has. */
const TIGHT_BYTES = 300_000_000;

const RESERVED_SEGMENTS = 5;

const CHECKPOINT_DUE = `
  select 'checkpoint' from pg_control_checkpoint()
  where pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > 16 * 1024 * 1024`;

export function freeBytesIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Call it before a unit of work starts on the idle session. PostgreSQL reports a table that cannot grow as an error (53100)
 * and goes on, but ends itself (PANIC) when its log cannot grow. On a disk that is nearly full an early checkpoint lets the log
 * go round in the segments that `reserveLog` made: what fails first is then always the table.
 */
export async function keepLogWithinReserve(backend: Backend, folder: string): Promise<void> {
  if (freeBytesIn(folder) >= TIGHT_BYTES) return;
  const command = await backend.readValue(CHECKPOINT_DUE);
  if (command !== null) await backend.execute(command);
}

/** Leaves log segments of 16 MB behind, up to `min_wal_size` (80 MB), that checkpoints hand round from then on. */
export async function reserveLog(execute: (sql: string) => Promise<unknown>): Promise<void> {
  for (let segment = 0; segment < RESERVED_SEGMENTS; segment += 1) await execute('select txid_current(); select pg_switch_wal()');
  await execute('checkpoint');
}
