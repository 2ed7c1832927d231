import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '@gleaner/domain';
import { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { Database } from './database.js';
import { translateDatabaseError } from './database-errors.js';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/all.js';

/** Any number: one lock for all replicas that migrate this database. "GLNR" in ASCII. */
const MIGRATION_LOCK = 0x474c_4e52;
const LOCK_TIMEOUT_MS = 120_000;
const LOCK_PAUSE_MS = 100;
const SCHEMA_PAUSE_MS = 200;

/**
 * Brings the schema up to date, each migration in a transaction of its own, and returns the names applied. Replicas that
 * start together wait for each other. (PGlite grants the lock to everyone; there the supervisor is the one that migrates.)
 */
export async function migrate(database: Database): Promise<readonly string[]> {
  const client = new Client(clientOptions(database.dataSource.options));
  try {
    await client.connect();
    await lock(client);
    const applied = await database.dataSource.runMigrations({ transaction: 'each' });
    return applied.map((migration) => migration.name);
  } catch (error) {
    throw translateDatabaseError(error);
  } finally {
    // Ending the session frees the lock; on PGlite, where all share one session, it must be given back by name.
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}

/** Waits until all migrations are applied by someone. Throws Fault STORAGE_UNAVAILABLE after `timeoutMs`; stops at `signal`. */
export async function waitForSchema(
  database: Database,
  wait: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + wait.timeoutMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    if (await isCurrent(database)) return;
    if (Date.now() + SCHEMA_PAUSE_MS > deadline) {
      throw new Fault('STORAGE_UNAVAILABLE', { detail: `The database schema was not brought up to date within ${wait.timeoutMs} ms.` });
    }
    await delay(SCHEMA_PAUSE_MS, undefined, wait.signal === undefined ? {} : { signal: wait.signal });
  }
}

async function isCurrent(database: Database): Promise<boolean> {
  try {
    const found: { name: string }[] = await database.dataSource.query(`select name from ${MIGRATIONS_TABLE}`);
    const applied = new Set(found.map(({ name }) => name));
    return MIGRATIONS.every((migration) => applied.has(migration.name));
  } catch {
    return false; // the table or the server is not there yet: the deadline decides
  }
}

async function lock(client: Client): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [MIGRATION_LOCK]);
    if (rows[0]?.locked === true) return;
    if (Date.now() > deadline)
      throw new Fault('STORAGE_UNAVAILABLE', { detail: 'Another process has been migrating the database for two minutes.' });
    await delay(LOCK_PAUSE_MS);
  }
}

function clientOptions(options: DataSourceOptions) {
  if (options.type !== 'postgres') throw new Fault('INTERNAL', { detail: `Cannot migrate a ${options.type} database.` });
  const { host, port, username: user, password, database, ssl } = options;
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl: typeof ssl === 'object' ? { rejectUnauthorized: ssl.rejectUnauthorized ?? true } : (ssl ?? false),
    application_name: 'gleaner-migrate',
    connectionTimeoutMillis: 10_000,
  };
}
