import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { connectionOptions } from './connection-url.js';
import { isTransient, translateDatabaseError } from './database-errors.js';
import { ENTITIES } from './entities/all.js';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/all.js';

/** An open pool of connections; every port of this package is made from one. */
export interface Database {
  readonly dataSource: DataSource;
  /** Ends the pool; statements that run are awaited. Safe to call twice. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /**
   * `postgresql://user:password@host:port/database`, or a Unix socket as `postgresql://user@localhost/database?host=/folder`.
   * `sslmode` is read as libpq reads it: `require` encrypts, `verify-full` also checks the certificate.
   */
  readonly url: string;
  /** Most connections at a time. One is enough for correctness: nothing here needs two at once. */
  readonly poolSize?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** How long the first connection is tried while the server is still starting. */
  readonly connectTimeoutMs?: number;
}

const ACQUIRE_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Enforced by PostgreSQL only; PGlite runs a statement to its end, so statements are bounded by LIMIT and batch size too. */
const QUERY_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;
const RETRY_PAUSE_MS = 150;

/**
 * Opens a pool. While the server is starting the first connection is tried again for `connectTimeoutMs`.
 * Throws Fault INVALID_INPUT for a URL that cannot be read and STORAGE_UNAVAILABLE when nothing answers in time.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const deadline = Date.now() + (options.connectTimeoutMs ?? 20_000);
  for (;;) {
    const dataSource = createDataSource(options);
    try {
      await dataSource.initialize();
      return { dataSource, close: () => close(dataSource) };
    } catch (error) {
      if (!isTransient(error) || Date.now() + RETRY_PAUSE_MS > deadline) throw translateDatabaseError(error);
      await delay(RETRY_PAUSE_MS);
    }
  }
}

function createDataSource({ url, poolSize = 4, applicationName }: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    ...connectionOptions(url),
    applicationName,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolSize,
    extra: {
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      // Above the server's own limit: it ends what hangs with the connection, and PGlite, which has none.
      query_timeout: QUERY_TIMEOUT_MS,
    },
  });
}

async function close(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy();
}
