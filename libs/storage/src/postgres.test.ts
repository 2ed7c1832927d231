import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { startTestPostgres } from '../../../tools/test-postgres.mjs';
import { createApiKeys } from './api-keys.js';
import { storageContract } from './contract-run.contract.js';
import { type Database, openDatabase } from './database.js';
import { createJobReader } from './job-reader.js';
import { createJobWriter } from './job-writer.js';
import { MIGRATIONS } from './migrations/all.js';
import { jobDraft, newOwner } from './samples.contract.js';
import { migrate, waitForSchema } from './schema.js';
import { rows } from './statement.js';
import { inTransaction } from './transaction.js';
import { createUsageReader } from './usage-reader.js';

const server = await startTestPostgres();

const absence = 'unavailable' in server ? `: there is none here (${server.unavailable})` : '';

describe.skipIf('unavailable' in server)(`PostgreSQL${absence}`, () => {
  const url = 'url' in server ? server.url : '';
  afterAll(() => ('stop' in server ? server.stop() : undefined));
  storageContract(() => url);
  concurrencyTests(url);
});

/** What PGlite, which runs one transaction at a time, cannot show. */
function concurrencyTests(url: string): void {
  const opened: Database[] = [];
  const open = async (poolSize: number): Promise<Database> => {
    const database = await openDatabase({ url, poolSize, applicationName: 'concurrency' });
    opened.push(database);
    return database;
  };
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
  });

  it('lets replicas that start together migrate once, while others wait for the schema', async () => {
    const main = await open(1);
    const name = `replicas_${Date.now()}`;
    await main.dataSource.query(`create database ${name}`);
    const other = new URL(url);
    other.pathname = `/${name}`;
    const replicas = await Promise.all(
      Array.from({ length: 4 }, () => openDatabase({ url: other.href, poolSize: 1, applicationName: 'replica' })),
    );
    await expect(waitForSchema(replicas[3]!, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const waited = waitForSchema(replicas[3]!, { timeoutMs: 20_000 });
    const applied = await Promise.all(replicas.slice(0, 3).map((replica) => migrate(replica)));
    await waited;
    expect(applied.flat()).toHaveLength(MIGRATIONS.length);
    await Promise.all(replicas.map((replica) => replica.close()));
    await main.dataSource.query(`drop database ${name} with (force)`);
  });

  it('brings along the keys and jobs of a database that was there before', async () => {
    const main = await open(1);
    const name = `older_${Date.now()}`;
    await main.dataSource.query(`create database ${name}`);
    const other = new URL(url);
    other.pathname = `/${name}`;
    const older = await openDatabase({ url: other.href, poolSize: 1, applicationName: 'older' });
    await migrate(older);
    for (let left = MIGRATIONS.length; left > 1; left--) await older.dataSource.undoLastMigration();
    await older.dataSource.query(
      `insert into api_keys (id, owner_id, name, key_hash, scopes) values ('key_1', 'usr_1', 'admin', sha256('old'), '{admin}')`,
    );
    await older.dataSource.query(
      `insert into jobs (id, owner_id, kind, input, options, priority, labels, counts, usage, workflow_id, dedupe_hash)
       values ('job_1', 'usr_1', 'extract', '{}', '{}', 3, '{}', '{}', '{}', 'w', 'd')`,
    );
    await migrate(older);
    expect(await createApiKeys(older).authenticate('old')).toMatchObject({ ownerId: 'usr_1', limits: { runningJobs: 0 } });
    expect(await createUsageReader(older).get('usr_1')).toMatchObject({ name: 'admin', jobs: { total: 1, today: 0, running: 1 } });
    await older.close();
    await main.dataSource.query(`drop database ${name} with (force)`);
  });

  it('runs a transaction again when it lost a deadlock', async () => {
    const database = await open(4);
    await database.dataSource.query('create table pair (id integer primary key, count integer not null)');
    await database.dataSource.query('insert into pair values (1, 0), (2, 0)');
    let entered = 0;
    const both = new EventTarget();
    const met = once(both, 'entered');
    let attempts = 0;
    const crossing = (first: number, second: number) =>
      inTransaction(database, async (manager) => {
        attempts++;
        await rows(manager, 'update pair set count = count + 1 where id = $1', [first]);
        if (++entered === 2) both.dispatchEvent(new Event('entered'));
        await met; // each holds what the other wants next
        await rows(manager, 'update pair set count = count + 1 where id = $1', [second]);
      });
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(attempts).toBe(3);
    expect(await database.dataSource.query('select count from pair')).toEqual([{ count: 2 }, { count: 2 }]);
    await database.dataSource.query('drop table pair');
  });

  it('gives up on a race that never ends, with a Fault and a clean pool', async () => {
    const database = await open(1);
    let attempts = 0;
    const work = inTransaction(database, async (manager) => {
      attempts++;
      await rows(manager, `do $$ begin raise exception 'lost' using errcode = '40001'; end $$`);
    });
    await expect(work).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true });
    expect(attempts).toBe(6);
    expect(await rows(database.dataSource.manager, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('makes one job from one pool of many connections', async () => {
    const database = await open(16);
    const draft = jobDraft(newOwner(), { idempotency: { key: 'k', bodyHash: 'b' } });
    const kinds = await Promise.all(Array.from({ length: 40 }, () => createJobWriter(database).create(draft)));
    expect(kinds.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(kinds.filter(({ kind }) => kind === 'replayed')).toHaveLength(39);
  });

  it('says unavailable for a connection that was cut, and goes on with the next', async () => {
    const [database, other] = [await open(1), await open(1)];
    const waiting = rowsOrFault(database);
    await expect
      .poll(async () => (await other.dataSource.query(`select 1 from pg_stat_activity where query like 'select pg_sleep(20)%'`)).length)
      .toBe(1);
    await other.dataSource.query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(20)%'`);
    expect(await waiting).toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true });
    expect(await createJobReader(database).get(newOwner(), 'job_x')).toBeNull();
  });
}

async function rowsOrFault(database: Database): Promise<unknown> {
  return inTransaction(database, (manager) => rows(manager, 'select pg_sleep(20)')).catch((error: unknown) => error);
}
