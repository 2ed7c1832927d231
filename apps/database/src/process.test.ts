import { execFileSync, fork, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { build, DatabaseProcess } from '../test/database-process.js';

const MEGABYTE = 1024 * 1024;
const script = (name: string): string => fileURLToPath(new URL(`../test/${name}`, import.meta.url));

let workshop: string;
let template: string;
const running: DatabaseProcess[] = [];
const mounts: string[] = [];
const copies: string[] = [];

beforeAll(async () => {
  build();
  workshop = mkdtempSync(join(tmpdir(), 'gdb-'));
  template = join(workshop, 'template');
  const first = DatabaseProcess.start(template);
  await first.ready;
  const { code } = await first.kill('SIGTERM');
  if (code !== 0) throw new Error(`The first database ended with ${code}: ${first.stderr}`);
}, 60_000);

afterEach(async () => {
  await Promise.all(running.splice(0).map((database) => database.kill()));
  for (const mount of mounts.splice(0)) spawnSync('umount', ['-l', mount]);
});

afterEach(() => {
  for (const folder of copies.splice(0)) rmSync(folder, { recursive: true, force: true });
});

afterAll(() => rmSync(workshop, { recursive: true, force: true }));

/** A data folder with an empty cluster: copied, because making one takes seconds. */
function dataFolder(): string {
  const folder = mkdtempSync(join(workshop, 'd-'));
  cpSync(template, folder, { recursive: true });
  copies.push(folder);
  return folder;
}

function launch(folder: string, socketFolder?: string, nodeFlags?: string[]): DatabaseProcess {
  const database = DatabaseProcess.start(folder, socketFolder, nodeFlags);
  running.push(database);
  return database;
}

async function started(folder = dataFolder(), nodeFlags?: string[]): Promise<DatabaseProcess> {
  const database = launch(folder, undefined, nodeFlags);
  await database.ready;
  return database;
}

describe('clients', () => {
  it('answers every client with its own rows while all send large parameters at once', async () => {
    const database = await started();
    await database.query('create table body (id int primary key, text text)');
    const work = async (client: number): Promise<void> => {
      const connection = await database.client();
      for (let round = 0; round < 8; round += 1) {
        const id = client * 100 + round;
        const text = `${id}:`.padEnd(300_000 + ((id * 37) % 8) * 100_000, String(id));
        const stored = await connection.query('insert into body values ($1, $2) returning id, length(text) as size', [id, text]);
        expect(stored.rows).toEqual([{ id, size: text.length }]);
        const small = await connection.query('select $1::int as small', [id]);
        expect(small.rows).toEqual([{ small: id }]);
        const read = await connection.query('select text from body where id = $1', [id]);
        expect(read.rows[0].text === text).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, client) => work(client)));
    expect(await database.query('select count(*)::int as bodies from body')).toEqual([{ bodies: 64 }]);
  });

  it('keeps sums exact and never gets stuck when client processes are killed at random', async () => {
    const database = await started();
    const accounts = 20;
    await database.query('create table account (id int primary key, balance int not null)');
    await database.query('create table moved (source int, target int)');
    await database.query(`insert into account select n, 1000 from generate_series(0, ${accounts - 1}) n`);
    const spawnClient = () =>
      fork(script('transfer-client.mjs'), [database.socketFolder, String(accounts)], { execArgv: [], stdio: 'ignore' });
    const clients = Array.from({ length: 4 }, spawnClient);
    const counted = async (): Promise<number> =>
      (await database.query<{ moves: number }>('select count(*)::int as moves from moved'))[0]?.moves ?? 0;
    for (let kill = 0; kill < 12; kill += 1) {
      const before = await counted();
      await vi.waitFor(async () => expect(await counted()).toBeGreaterThan(before), {
        timeout: 10_000,
        interval: 20 + Math.random() * 100,
      });
      const index = kill % clients.length;
      clients[index]?.kill('SIGKILL');
      clients[index] = spawnClient();
    }
    for (const client of clients) client.kill('SIGKILL');
    const [totals] = await database.query<{ total: number; moves: number }>(
      'select sum(balance)::int as total, (select count(*)::int from moved) as moves from account',
    );
    expect(totals?.total).toBe(accounts * 1000);
    expect(totals?.moves).toBeGreaterThanOrEqual(12);
    const wrong = await database.query(`
      select id from account where balance <> 1000 - (select count(*) from moved where source = id) + (select count(*) from moved where target = id)`);
    expect(wrong).toEqual([]);
  }, 60_000);
});

describe('the data folder', () => {
  it('refuses a second opener while the first lives, and lets it in right after kill -9', async () => {
    const folder = dataFolder();
    const first = await started(folder);
    await first.query('create table kept (n int)');
    const second = launch(folder, join(folder, 'other'));
    expect(await second.exit).toEqual({ code: 78, signal: null });
    expect(second.stderr).toBe(`The database in ${folder}/database is in use by process ${first.pid}; stop it first.\n`);
    expect(await first.query('select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
    await first.kill('SIGKILL');
    const third = await started(folder);
    expect(await third.query('select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  });

  it('has every acknowledged row after kill -9 in the middle of inserts', async () => {
    const folder = dataFolder();
    let next = 0;
    const acknowledged: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const database = await started(folder);
      await database.query('create table if not exists page (id int primary key, text text)');
      const insert = async (): Promise<void> => {
        const client = await database.client();
        for (;;) {
          const id = (next += 1);
          await client.query('insert into page values ($1, $2)', [id, 'text '.repeat(id % 400)]);
          acknowledged.push(id);
        }
      };
      const before = acknowledged.length;
      const writers = Promise.allSettled(Array.from({ length: 4 }, insert));
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 300), { timeout: 10_000, interval: 1 });
      await database.kill('SIGKILL');
      await writers;
    }
    const database = await started(folder);
    const stored = new Set((await database.query<{ id: number }>('select id from page')).map(({ id }) => id));
    expect(acknowledged.length).toBeGreaterThan(900);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  }, 60_000);

  it('reads on when the disk is full, loses nothing acknowledged, and writes again when there is room', async () => {
    const disk = smallDisk();
    const database = await started(disk.folder, disk.nodeFlags);
    const client = await database.client();
    await client.query('create table page (id serial primary key, text text)');
    const acknowledged: number[] = [];
    const insert = async (): Promise<void> => {
      const stored = await client.query(
        "insert into page (text) select string_agg(md5(random()::text), '') from generate_series(1, 2000) returning id",
      );
      acknowledged.push(stored.rows[0].id);
    };
    await insert();
    disk.fill();
    await expect(
      (async () => {
        for (let round = 0; round < 500; round += 1) await insert();
      })(),
    ).rejects.toMatchObject({ code: '53100' });
    expect((await client.query('select id from page order by id')).rows.map(({ id }) => id)).toEqual(acknowledged);
    // Work that needs no room in a table grows the log all the same: 300 MB must go round in the segments that there are.
    for (let megabyte = 0; megabyte < 300; megabyte += 1)
      await client.query("select pg_logical_emit_message(true, 'test', repeat('x', 1000000))");
    expect(database.child.exitCode).toBeNull();

    disk.empty();
    await database.query("insert into page (text) values ('room again')");
    const stored = (await database.query<{ id: number }>('select id from page')).map(({ id }) => id);
    expect(stored).toEqual(expect.arrayContaining(acknowledged));
    expect(stored).toHaveLength(acknowledged.length + 1);
  }, 60_000);

  it.runIf(mayMount())('does not start on a full disk and says so in one line', async () => {
    const disk = smallDisk();
    disk.fill();
    const refused = launch(disk.folder);
    expect(await refused.exit).toEqual({ code: 78, signal: null });
    expect(refused.stderr).toMatch(/^Only \d+ MB are free in .*; the database needs 200 MB to start\.\n$/);
  });

  it.each([
    ['is no database', (cluster: string) => rmSync(join(cluster, 'PG_VERSION')), 'is not a database'],
    [
      'is of another PostgreSQL',
      (cluster: string) => writeFileSync(join(cluster, 'PG_VERSION'), '15\n'),
      'is of PostgreSQL 15; this release opens PostgreSQL 18',
    ],
    ['is damaged', (cluster: string) => rmSync(join(cluster, 'global'), { recursive: true }), 'its files are damaged'],
  ])('says in one line that the cluster %s', async (_, damage, complaint) => {
    const folder = dataFolder();
    damage(join(folder, 'database/cluster'));
    const database = launch(folder);
    expect(await database.exit).toEqual({ code: 78, signal: null });
    expect(database.stderr).toContain(complaint);
    expect(database.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says in one line that it cannot make its folders and that the path is too long', async () => {
    const file = join(workshop, 'file');
    writeFileSync(file, '');
    const cases: [DatabaseProcess, string][] = [
      [launch(file, join(workshop, 's1')), 'is not a folder'],
      [launch(dataFolder(), file), 'is not a folder'],
      [launch(dataFolder(), join(workshop, 'long'.repeat(30))), 'choose a shorter --socket-dir'],
    ];
    for (const [database, complaint] of cases) {
      expect({ ...(await database.exit), stderr: database.stderr }).toMatchObject({ code: 78, stderr: expect.stringContaining(complaint) });
      expect(database.stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('starts afresh after a first start that was killed', async () => {
    const folder = mkdtempSync(join(workshop, 'd-'));
    const first = launch(folder);
    await vi.waitFor(() => expect(existsSync(join(folder, 'database/owner.pid'))).toBe(true), { interval: 5, timeout: 10_000 });
    mkdirSync(join(folder, 'database/cluster.new-1/base'), { recursive: true });
    await first.kill('SIGKILL');
    const second = await started(folder);
    expect(await second.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(folder, 'database/cluster.new-1'))).toBe(false);
  });
});

describe('the process', () => {
  it('tells its supervisor the socket, logs JSON lines, and ends with it', async () => {
    const database = await started();
    expect(await database.ready).toBe(join(database.socketFolder, '.s.PGSQL.5432'));
    for (const line of database.stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ name: 'database' });
    database.child.disconnect();
    expect(await database.exit).toEqual({ code: 0, signal: null });
    expect(database.stderr).toBe('');
  });

  it('ends with 0 when told to stop during the first start, and leaves no child behind', async () => {
    const folder = mkdtempSync(join(workshop, 'd-'));
    const database = launch(folder);
    await vi.waitFor(() => expect(existsSync(join(folder, 'database/owner.pid'))).toBe(true), { interval: 5, timeout: 10_000 });
    expect(await database.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(join(folder, 'database/cluster.new'));
  });

  it('exits with 1 when the session inside is lost', async () => {
    const database = await started();
    const client = await database.client();
    await expect(client.query("copy (select 1) to program 'true'")).rejects.toThrow('Connection terminated');
    expect((await database.exit).code).toBe(1);
    expect(database.stdout).toContain('the database session is lost');
    expect(database.stdout.length).toBeLessThan(MEGABYTE);
  });
});

interface SmallDisk {
  readonly folder: string;
  readonly nodeFlags: string[];
  fill(): void;
  empty(): void;
}

function mayMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'gdb-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe]).status === 0;
  if (mounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
}

/** A filesystem of its own where this user may mount one; else real files behind a write that fails on demand. */
function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(workshop, 'm-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', folder]).status === 0) {
    mounts.push(folder);
    cpSync(template, folder, { recursive: true });
    const ballast = join(folder, 'ballast');
    const fill = (): void => {
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M', 'count=310'], { stdio: 'ignore' });
    };
    return { folder, nodeFlags: [], fill, empty: () => rmSync(ballast) };
  }
  cpSync(template, folder, { recursive: true });
  chmodSync(folder, 0o700);
  const flag = join(workshop, 'disk-is-full');
  const preload = `--import=${pathToFileURL(script('full-disk.mjs')).href}?flag=${encodeURIComponent(flag)}`;
  return { folder, nodeFlags: [preload], fill: () => writeFileSync(flag, ''), empty: () => rmSync(flag) };
}
