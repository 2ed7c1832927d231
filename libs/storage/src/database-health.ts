import { Fault } from '@gleaner/domain';
import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';

/** A check that hangs keeps its connection; later checks join it instead of taking the rest of the pool. */
const running = new WeakMap<Database, Promise<unknown>>();

/** Resolves when the database answers a statement within `timeoutMs`; throws Fault STORAGE_UNAVAILABLE otherwise. */
export async function checkDatabase(database: Database, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault('STORAGE_UNAVAILABLE', { detail: `The database did not answer within ${timeoutMs} ms.` })),
      timeoutMs,
    );
  });
  try {
    await Promise.race([probe(database), late]);
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    clearTimeout(timer);
  }
}

function probe(database: Database): Promise<unknown> {
  const known = running.get(database);
  if (known !== undefined) return known;
  const started = database.dataSource.query('select 1').finally(() => running.delete(database));
  running.set(database, started);
  return started;
}
