import type { Database } from './database.js';
import { firstRow } from './statement.js';
import { withManager } from './transaction.js';

export interface DatabaseVersions {
  /** `16.4` */
  readonly server: string;
  /** Of pgvector. */
  readonly vector: string | null;
}

/** Says nothing of where the server is. */
export function databaseVersions(database: Database): Promise<DatabaseVersions> {
  return withManager(database, async (manager) => {
    const sql = `select split_part(current_setting('server_version'), ' ', 1) as server, (select extversion from pg_extension where extname = 'vector') as vector`;
    return (await firstRow<DatabaseVersions>(manager, sql)) ?? { server: 'unknown', vector: null };
  });
}
