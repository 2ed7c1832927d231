import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import * as fc from 'fast-check';
import { Client, type ClientConfig, type QueryConfig, type QueryResult } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createBackend, type Backend } from './backend.js';
import { Gate, socketPathIn } from './gate.js';
import { DEFAULT_LIMITS, type GateLimits } from './limits.js';
import { MessageType, queryMessage, startupMessage, syncMessage } from './protocol.js';
import { Turns } from './turns.js';
import { Upkeep } from './upkeep.js';

type Log = (fields: object, text: string) => void;

const MEGABYTE = 1024 * 1024;
const STARTUP = startupMessage({ user: 'postgres', database: 'postgres' });
const logger = { info: vi.fn<Log>(), warn: vi.fn<Log>(), error: vi.fn<Log>() };

let backend: Backend;
let folder: string;
let turns: Turns;
let gate: Gate;
const broken = vi.fn<(error: unknown) => void>();
const open: { end(): unknown }[] = [];

beforeAll(async () => {
  const database = await PGlite.create();
  backend = await createBackend(database, (error) => {
    broken(error);
    throw error;
  });
});

afterAll(() => backend.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gleaner-gate-'));
  broken.mockClear();
});

afterEach(async () => {
  for (const opened of open.splice(0)) await Promise.resolve(opened.end()).catch(() => undefined);
  await gate.stop();
  rmSync(folder, { recursive: true, force: true });
  if (broken.mock.calls.length > 0 || (await backend.execute('select 1')) !== 'I') throw new Error('the test left a broken session behind');
});

async function serve(limits: Partial<GateLimits> = {}): Promise<void> {
  turns = new Turns();
  gate = new Gate({
    backend,
    turns,
    limits: { ...DEFAULT_LIMITS, stopMs: 300, ...limits },
    logger,
    beforeTurn: () => Promise.resolve(),
    onBroken: broken,
  });
  await gate.listen(socketPathIn(folder), folder);
}

async function client(options: ClientConfig = {}): Promise<Client & { lost: Promise<{ code?: string }> }> {
  const made = new Client({ host: folder, port: 5432, user: 'postgres', database: 'postgres', ...options });
  const lost = new Promise<{ code?: string }>((resolve) => {
    made.on('error', (error) => resolve(error as { code?: string }));
  });
  await made.connect();
  open.push(made);
  return Object.assign(made, { lost });
}

/** A client without manners: it sends what it likes and reads when it likes. */
async function rawSocket(bytes?: Buffer): Promise<Socket> {
  const socket = connect(socketPathIn(folder));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  open.push({ end: () => socket.destroy() });
  if (bytes !== undefined) socket.write(bytes);
  return socket;
}

function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1'))));
}

async function answersTo(other: Client): Promise<number> {
  return (await other.query('select 6 * 7 as answer')).rows[0].answer;
}

const frame = (type: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

describe('the protocol', () => {
  it('serves simple, extended and prepared statements, errors in the middle, and a cursor', async () => {
    await serve();
    const one = await client();
    expect((await one.query('select 1 as a; select 2 as b')) as unknown as QueryResult[]).toHaveLength(2);
    expect((await one.query('select $1::text || $2 as word', ['a', 'b'])).rows).toEqual([{ word: 'ab' }]);
    for (const id of [1, 2])
      expect((await one.query({ name: 'twice', text: 'select $1::int * 2 as n', values: [id] })).rows).toEqual([{ n: id * 2 }]);
    await expect(one.query('select nothing from nowhere where $1', [true])).rejects.toMatchObject({ code: '42P01' });
    await expect(one.query('select 1 / $1::int', [0])).rejects.toMatchObject({ code: '22012' });
    await one.query('begin');
    await one.query('declare numbers cursor for select generate_series(1, 10) as n');
    expect((await one.query('fetch 3 from numbers')).rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await one.query('commit');
    expect(await answersTo(one)).toBe(42);
    await one.query('deallocate all');
  });

  it('refuses COPY FROM STDIN as an ordinary error, simple and extended', async () => {
    await serve();
    const one = await client();
    await one.query('create temp table intake (line text)');
    await expect(one.query('copy intake from stdin')).rejects.toThrow('COPY FROM STDIN is not available');
    await expect(one.query({ text: 'copy intake from stdin', values: [], queryMode: 'extended' } as QueryConfig)).rejects.toThrow(
      'COPY FROM STDIN is not available',
    );
    expect(await answersTo(one)).toBe(42);
    await one.query('drop table intake');
  });

  it('answers N to TLS and GSS requests and closes a cancel request', async () => {
    await serve();
    for (const code of [80_877_103, 80_877_104]) {
      const request = Buffer.alloc(8);
      request.writeUInt32BE(8, 0);
      request.writeUInt32BE(code, 4);
      const socket = await rawSocket(request);
      expect(await new Promise((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())))).toBe('N');
      socket.write(STARTUP);
      expect(await new Promise((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.subarray(-6).toString())))).toBe(
        'Z\0\0\0\x05I',
      );
      socket.end();
    }
    const cancel = Buffer.alloc(16);
    cancel.writeUInt32BE(16, 0);
    cancel.writeUInt32BE(80_877_102, 4);
    expect(await readAll(await rawSocket(cancel))).toBe('');
    await expect(client({ ssl: true })).rejects.toThrow('does not support SSL');
  });

  it('knows one role and one database, and protocol 3', async () => {
    await serve();
    await expect(client({ user: 'nobody' })).rejects.toMatchObject({ code: '28000' });
    await expect(client({ database: 'elsewhere' })).rejects.toMatchObject({ code: '3D000' });
    const old = Buffer.from(STARTUP);
    old.writeUInt32BE(131_072, 4);
    expect(await readAll(await rawSocket(old))).toContain('C0A000');
  });

  it('keeps the folder and the socket to their owner and replaces a leftover socket file', async () => {
    writeFileSync(socketPathIn(folder), 'left over');
    await serve();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(socketPathIn(folder)).mode & 0o777).toBe(0o600);
    expect(await answersTo(await client())).toBe(42);
    expect(() => socketPathIn(`/tmp/${'long/'.repeat(25)}`)).toThrow('choose a shorter --socket-dir');
  });
});

describe('turns', () => {
  it('never mixes the statements of two clients, even when one stalls between Parse and Sync', async () => {
    await serve();
    const stalled = await rawSocket(STARTUP);
    const parse = frame(MessageType.parse, Buffer.from('\0select 1111\0\0\0'));
    const bind = frame(MessageType.bind, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0]));
    const execute = frame(MessageType.execute, Buffer.from([0, 0, 0, 0, 0]));
    stalled.write(Buffer.concat([parse, bind]));
    const other = await client();
    expect((await other.query('select $1::text as own', ['mine'])).rows).toEqual([{ own: 'mine' }]);
    const text = readAll(stalled);
    stalled.write(Buffer.concat([execute, syncMessage(), frame(MessageType.terminate, Buffer.alloc(0))]));
    expect(await text).toContain('1111');
  });

  it('ends a client that idles in a transaction with 25P03, rolls it back and goes on with the others', async () => {
    await serve({ idleInTransactionMs: 200 });
    const [idle, other] = [await client(), await client()];
    await idle.query('create table ledger (n int)');
    await idle.query('begin');
    await idle.query('insert into ledger values (1)');
    expect((await other.query('select count(*)::int as rows from ledger')).rows).toEqual([{ rows: 0 }]);
    expect(await idle.lost).toMatchObject({ code: '25P03' });
    await other.query('drop table ledger');
  });

  it.each([
    [
      'before Sync',
      [
        frame(MessageType.parse, Buffer.from('\0insert into ledger values (2)\0\0\0')),
        frame(MessageType.bind, Buffer.from([0, 0, 0, 0, 0, 0, 0, 0])),
        frame(MessageType.execute, Buffer.from([0, 0, 0, 0, 0])),
        frame(MessageType.flush, Buffer.alloc(0)),
      ],
    ],
    [
      'after an error before Sync',
      [
        queryMessage('begin; insert into ledger values (3)'),
        frame(MessageType.parse, Buffer.from('\0select nonsense\0\0\0')),
        frame(MessageType.flush, Buffer.alloc(0)),
      ],
    ],
    ['in a failed transaction', [queryMessage('begin; insert into ledger values (4)'), queryMessage('nonsense')]],
  ])('rolls back for a client that vanishes %s', async (_, messages) => {
    await serve();
    const other = await client();
    await other.query('create table ledger (n int)');
    const vanishing = await rawSocket(Buffer.concat([STARTUP, ...messages]));
    await new Promise((resolve) => vanishing.once('data', resolve));
    await vi.waitFor(() => expect(vanishing.bytesRead).toBeGreaterThan(backend.greeting.length));
    vanishing.destroy();
    expect((await other.query('select count(*)::int as rows from ledger')).rows).toEqual([{ rows: 0 }]);
    await other.query('drop table ledger');
  });

  it('refuses one client too many with 53300 and takes the next when one has left', async () => {
    await serve({ maxClients: 3 });
    const clients = [await client(), await client(), await client()];
    await expect(client()).rejects.toMatchObject({ code: '53300' });
    await clients[0]?.end();
    await vi.waitFor(async () => expect(await answersTo(await client())).toBe(42));
  });
});

describe('hostile clients', () => {
  it('survives random bytes and broken messages without harm to the others', async () => {
    await serve();
    const other = await client();
    const noise = fc.uint8Array({ maxLength: 300 });
    const knownType = fc.constantFrom(...Object.values(MessageType));
    const wellFramed = fc
      .array(fc.tuple(knownType, noise), { minLength: 1, maxLength: 6 })
      .map((parts) => Buffer.concat(parts.map(([type, body]) => frame(type, body))));
    const attack = fc.tuple(
      fc.boolean(),
      fc.oneof(
        noise.map((bytes) => Buffer.from(bytes)),
        wellFramed,
      ),
    );
    await fc.assert(
      fc.asyncProperty(attack, async ([introduced, bytes]) => {
        const socket = await rawSocket(introduced ? Buffer.concat([STARTUP, bytes]) : bytes);
        socket.resume();
        socket.end();
        expect(await answersTo(other)).toBe(42);
      }),
      { numRuns: 150 },
    );
    await vi.waitFor(async () => expect((await other.query('select 1')).rowCount).toBe(1));
  }, 60_000);

  it('cuts off who never introduces itself', async () => {
    await serve({ startupMs: 100 });
    expect(await readAll(await rawSocket())).toContain('C08P01');
  });

  it.each([
    ['one answer for each', 256 * MEGABYTE, 80 * MEGABYTE],
    ['no more than the common limit', 12 * MEGABYTE, 50 * MEGABYTE],
  ])('holds %s when clients flood and never read, and serves the others meanwhile', async (_, maxHeldBytes, mostBytes) => {
    await serve({ maxReplyBytes: 4 * MEGABYTE, maxHeldBytes, unreadReplyMs: 500 });
    logger.warn.mockClear();
    const other = await client();
    const before = process.memoryUsage().external;
    const flood = queryMessage(`select repeat('x', ${3 * MEGABYTE})`);
    const flooders = await Promise.all(
      Array.from({ length: 8 }, () => rawSocket(Buffer.concat([STARTUP, ...Array<Buffer>(2_000).fill(flood)]))),
    );
    const closed = flooders.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of flooders) socket.pause();
    let most = 0;
    for (let round = 0; round < 40; round += 1) {
      expect(await answersTo(other)).toBe(42);
      most = Math.max(most, process.memoryUsage().external - before);
    }
    expect(most).toBeLessThan(mostBytes); // 48,000 MB were asked for
    expect(logger.warn.mock.calls.length > 0).toBe(maxHeldBytes < 8 * 3 * MEGABYTE);
    await new Promise((resolve) => setTimeout(resolve, 600)); // past unreadReplyMs
    for (const socket of flooders) socket.resume();
    await Promise.all(closed);
    expect(await answersTo(other)).toBe(42);
  });

  it('refuses an answer and a request above the limits, and only to who asked', async () => {
    await serve({ maxReplyBytes: MEGABYTE, maxUnitBytes: MEGABYTE });
    const other = await client();
    const greedy = await client();
    await expect(greedy.query(`select repeat('x', ${2 * MEGABYTE})`)).rejects.toMatchObject({ code: '54000' });
    const heavy = await client();
    await expect(heavy.query('select length($1)', ['x'.repeat(2 * MEGABYTE)])).rejects.toMatchObject({
      code: expect.stringMatching(/^(54000|EPIPE|ECONNRESET)$/),
    });
    const endless = await rawSocket(STARTUP);
    const text = readAll(endless);
    for (let sent = 0; sent < 3 * MEGABYTE; sent += 60_000)
      endless.write(
        frame(MessageType.parse, Buffer.concat([Buffer.from(`\0select '`), Buffer.alloc(60_000, 'x'), Buffer.from(`'\0\0\0`)])),
      );
    expect(await text).toContain('C54000');
    expect(await answersTo(other)).toBe(42);
  });
});

describe('stopping', () => {
  it('lets the open transaction end and tells the others', async () => {
    await serve({ stopMs: 10_000 });
    const [busy, idle] = [await client(), await client()];
    await busy.query('create table kept (n int)');
    await busy.query('begin');
    await busy.query('insert into kept values (1)');
    const stopped = gate.stop();
    expect(await idle.lost).toMatchObject({ code: '57P01' });
    await busy.query('insert into kept values (2)');
    await busy.query('commit');
    await stopped;
    expect(await backend.readValue('select count(*) from kept')).toBe('2');
    await backend.execute('drop table kept');
  });

  it('ends a transaction that does not end in time', async () => {
    await serve({ stopMs: 100 });
    const idle = await client();
    await idle.query('begin; create table lost (n int)');
    await gate.stop();
    expect(await idle.lost).toMatchObject({ code: '57P01' });
    expect(await backend.readValue("select to_regclass('lost')")).toBeNull();
  });
});

it('vacuums, analyzes and checkpoints what is due', async () => {
  await serve();
  const upkeep = new Upkeep({ backend, turns, logger, onBroken: broken });
  await backend.execute('create table worn as select generate_series(1, 50000) as n');
  await backend.execute('delete from worn where n > 10');
  const ran = async (): Promise<string[]> => {
    await backend.execute('select pg_stat_force_next_flush()');
    await upkeep.runOnce();
    return logger.info.mock.calls.map(([fields]) => (fields as { command: string }).command);
  };
  await vi.waitFor(async () => expect(await ran()).toContain('vacuum (analyze) public.worn'), { timeout: 5_000 });
  expect(Number(await backend.readValue("select reltuples from pg_class where relname = 'worn'"))).toBe(10);
  for (let round = 0; round < 3; round += 1)
    await backend.execute('create table filler as select repeat(md5(n::text), 60) from generate_series(1, 15000) n; drop table filler');
  expect(await ran()).toContain('checkpoint');
  expect(
    Number(await backend.readValue('select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) from pg_control_checkpoint()')),
  ).toBeLessThan(MEGABYTE);
  await backend.execute('drop table worn');
  await upkeep.stop();
});
