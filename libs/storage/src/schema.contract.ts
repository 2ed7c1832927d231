import { beforeAll, describe, expect, it } from 'vitest';
import { type Database } from './database.js';
import { checkDatabase } from './database-health.js';
import type { StorageServer } from './samples.contract.js';
import { migrate, waitForSchema } from './schema.js';

const COLUMNS = `
  select table_name || '.' || column_name as name, is_nullable = 'YES' as nullable,
    case data_type when 'ARRAY' then case udt_name when '_int4' then 'integer array' else 'text array' end when 'USER-DEFINED' then udt_name when 'timestamp with time zone' then 'timestamptz' else data_type end as type
  from information_schema.columns where table_schema = 'public' and table_name <> 'schema_migrations'`;

export function schemaContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open(1);
  });

  describe('schema', () => {
    it('is the one that the entities describe', async () => {
      const found: { name: string; nullable: boolean; type: string }[] = await database.dataSource.query(COLUMNS);
      const described = database.dataSource.entityMetadatas.flatMap((entity) =>
        entity.columns.map((column) => ({
          name: `${entity.tableName}.${column.databaseName}`,
          nullable: column.isNullable,
          type: `${String(column.type)}${column.isArray ? ' array' : ''}`,
        })),
      );
      expect(described.toSorted(byName)).toEqual(found.toSorted(byName));
    });

    it('is current, and migrating again changes nothing', async () => {
      await waitForSchema(database, { timeoutMs: 1_000 });
      expect(await migrate(database)).toEqual([]);
      await checkDatabase(database, 5_000);
    });

    it('stops waiting at the signal', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(waitForSchema(database, { timeoutMs: 1_000, signal })).rejects.toThrow('enough');
    });

    it('says that the database is unavailable when it does not answer in time', async () => {
      const busy = database.dataSource.query('select pg_sleep(0.3)');
      await expect(checkDatabase(database, 50)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      await busy;
      await checkDatabase(database, 5_000);
    });
  });
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
