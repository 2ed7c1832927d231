import type { HostGate, HostReport, PermitWish } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { createHostGate } from './host-gate.js';
import { passTime, politenessLaw } from './politeness-law.contract.js';
import { newOwner, type StorageServer } from './samples.contract.js';

const OK: HostReport = { ok: 1, throttled: 0, failed: 0 };
const THROTTLED: HostReport = { ok: 0, throttled: 1, failed: 0 };
const FAILED: HostReport = { ok: 0, throttled: 0, failed: 1 };

const wish = (holder: string, change: Partial<PermitWish> = {}): PermitWish => ({
  holder,
  wanted: 8,
  limit: 8,
  ttlMs: 3_600_000,
  ...change,
});
const turns = (count: number, intervalMs = 0, withinMs = 2_000) => ({ holder: 'me', turns: count, intervalMs, withinMs });

async function open(gate: HostGate, host: string): Promise<void> {
  for (let failures = 0; failures < 8; failures++) await gate.report(host, FAILED);
}

/** One budget per host: concurrency, turns, back-off and breaker. Waits are compared with the coarse order of their size only. */
export function politenessContract(server: StorageServer): void {
  let database: Database;
  let gate: HostGate;
  let clients: HostGate[];
  beforeAll(async () => {
    database = await server.open();
    gate = createHostGate(database);
    clients = await Promise.all(Array.from({ length: 8 }, async () => createHostGate(await server.open(1))));
  });
  const atOnce = <T>(times: number, work: (gate: HostGate, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => work(clients[index % clients.length]!, index)));

  describe('permits of a host', () => {
    it('are given up to the limit over all holders, renewed, given back, and lost by the dead', async () => {
      const host = newOwner();
      expect(await gate.enter(host, wish('a', { wanted: 5 }))).toEqual({ granted: 5, isProbe: false, reason: null });
      expect(await gate.enter(host, wish('b'))).toMatchObject({ granted: 3 });
      expect(await gate.enter(host, wish('c'))).toEqual({ granted: 0, waitMs: 1_000, reason: 'busy' });
      expect(await gate.enter(host, wish('a'))).toMatchObject({ granted: 5 });
      expect(await gate.enter(host, wish('a', { wanted: 2 }))).toMatchObject({ granted: 2 });
      expect(await gate.enter(newOwner(), wish('c'))).toMatchObject({ granted: 8 });
      await gate.leave(host, 'b');
      await gate.leave(host, 'nobody');
      expect(await gate.enter(host, wish('c', { ttlMs: 60_000 }))).toMatchObject({ granted: 6 });
      await passTime(database, host, 61_000);
      expect(await gate.enter(host, wish('d'))).toMatchObject({ granted: 6 });
    });

    it('are no more for kin than they may have together, whatever the host has left', async () => {
      const host = newOwner();
      const kin = { kinLimit: 3, wanted: 2 };
      expect(await gate.enter(host, wish('crawl 1', kin))).toMatchObject({ granted: 2 });
      expect(await gate.enter(host, wish('crawl 2', kin))).toMatchObject({ granted: 1 });
      expect(await gate.enter(host, wish('crawl 3', kin))).toEqual({ granted: 0, waitMs: 1_000, reason: 'busy' });
      expect(await gate.enter(host, wish('crawl 1', kin))).toMatchObject({ granted: 2 });
      expect(await gate.enter(host, wish('other 1', { kinLimit: 4 }))).toMatchObject({ granted: 4 });
      await gate.leave(host, 'crawl 1');
      expect(await gate.enter(host, wish('crawl 3', kin))).toMatchObject({ granted: 2 });
      expect(await gate.enter(host, wish('crawl 1', { kinLimit: 1 }))).toMatchObject({ granted: 0 });
      const alone = newOwner();
      const grants = await atOnce(24, (client, index) => client.enter(alone, wish(`crawl ${index}`, { kinLimit: 1 })));
      expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(1);
    });

    it('are never more than the limit when many enter at once', async () => {
      const host = newOwner();
      const grants = await atOnce(40, (client, index) => client.enter(host, wish(`h${index}`, { wanted: 1 + (index % 3) })));
      expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBe(8);
      await atOnce(40, (client, index) => client.leave(host, `h${index}`));
      expect(await gate.enter(host, wish('last'))).toMatchObject({ granted: 8 });
    });
  });

  describe('turns of a host', () => {
    it('are reserved in a row, within reach, by the longer interval', async () => {
      const host = newOwner();
      expect(await gate.reserve(host, turns(10))).toEqual({ turns: 10, firstInMs: 0, intervalMs: 0, reason: null });
      expect(await gate.reserve(host, turns(10, 30_000))).toMatchObject({ turns: 1, firstInMs: 0, intervalMs: 30_000 });
      const refused = await gate.reserve(host, turns(10, 30_000));
      expect(refused).toMatchObject({ turns: 0, reason: 'busy', waitMs: expect.closeTo(30_000, -4) });
      await passTime(database, host, 40_000);
      expect(await gate.reserve(host, turns(10, 500))).toMatchObject({ turns: 5, firstInMs: 0, intervalMs: 500 });
      expect(await gate.take(host, 0)).toMatchObject({ granted: false });
    });

    it('are given to one each when many reserve at once', async () => {
      const host = newOwner();
      const reserved = await atOnce(24, (client) => client.reserve(host, turns(3, 100_000, 950_000)));
      expect(reserved.reduce((sum, { turns: got }) => sum + got, 0)).toBe(10);
      expect(await gate.take(host, 0)).toMatchObject({ granted: false, waitMs: expect.closeTo(1_000_000, -5.5) });
    });
  });

  describe('back-off of a host', () => {
    it('pauses as Retry-After says, never for more than ten minutes, and only ever extends', async () => {
      const host = newOwner();
      expect(await gate.report(host, { ...THROTTLED, retryAfterMs: 100_000 })).toMatchObject({ reason: 'paused', opened: false });
      await gate.report(host, { ...THROTTLED, retryAfterMs: 10 });
      const paused = { reason: 'paused', waitMs: expect.closeTo(100_000, -4.5) };
      expect(await gate.take(host, 0)).toMatchObject({ granted: false, waitMs: paused.waitMs });
      expect(await gate.enter(host, wish('a'))).toMatchObject({ granted: 0, ...paused });
      expect(await gate.reserve(host, turns(1))).toMatchObject({ turns: 0, ...paused });
      await gate.report(host, { ...THROTTLED, retryAfterMs: Number.POSITIVE_INFINITY });
      expect(await gate.take(host, 0)).toMatchObject({ granted: false, waitMs: expect.closeTo(600_000, -5) });
    });

    it('halves the concurrency and doubles the interval once a pause, down to one and up to a minute', async () => {
      const host = newOwner();
      const seen: unknown[] = [];
      for (let times = 0; times < 12; times++) {
        await gate.report(host, THROTTLED);
        const { waitMs } = await gate.report(host, THROTTLED);
        await passTime(database, host, 700_000);
        const [permits, reserved] = [await gate.enter(host, wish('a')), await gate.reserve(host, turns(1))];
        if (reserved.reason !== null) throw new Error('refused');
        seen.push([permits.granted, reserved.intervalMs, Math.round(waitMs / 5_000) * 5]);
        await passTime(database, host, 700_000);
      }
      expect(seen.slice(0, 4)).toEqual([
        [4, 250, 5],
        [2, 500, 10],
        [1, 1_000, 20],
        [1, 2_000, 40],
      ]);
      expect(seen.slice(-3)).toEqual(Array.from({ length: 3 }, () => [1, 60_000, 600]));
      await gate.report(host, { ...OK, ok: 10 });
      const better = await gate.reserve(host, turns(1));
      expect(better).toMatchObject({ turns: 1, intervalMs: expect.closeTo(1_935, 0) });
      await gate.report(host, { ...OK, ok: 100 });
      await passTime(database, host, 2_000);
      expect(await gate.reserve(host, turns(1))).toMatchObject({ intervalMs: 0 });
      expect(await gate.enter(host, wish('a'))).toMatchObject({ granted: 8 });
    });

    it('gives a host with a few failures all it had, and one that fails often ever less', async () => {
      const scaleOf = async (failures: number, answers: number) => {
        const host = newOwner();
        for (let round = 0; round < 40; round++) {
          await gate.report(host, FAILED);
          await gate.report(host, { ...OK, ok: answers });
        }
        expect(await gate.reserve(host, turns(1))).toMatchObject({ turns: 1, intervalMs: 0 });
        for (let last = 1; last < failures; last++) await gate.report(host, FAILED);
        return (await gate.enter(host, { ...wish('a'), wanted: 48, limit: 48 })).granted;
      };
      expect(await scaleOf(1, 20)).toBe(48);
      const [often, mostly] = [await scaleOf(1, 2), await scaleOf(4, 2)];
      expect(often).toBeGreaterThan(12);
      expect(often).toBeLessThan(24);
      expect(mostly).toBeLessThan(often);
    });

    it('does not move without traffic, nor for answers that were under way', async () => {
      const host = newOwner();
      await gate.report(host, { ok: 0, throttled: 0, failed: 0, retryAfterMs: 60_000 });
      await gate.report(host, OK);
      expect(await database.dataSource.query('select from host_gates where host = $1', [host])).toEqual([]);
      await gate.report(host, THROTTLED);
      const row = async () => (await database.dataSource.query('select * from host_gates where host = $1', [host])) as unknown;
      const before = await row();
      await gate.report(host, { ok: 0, throttled: 0, failed: 0 });
      await gate.report(host, { ...OK, ok: 50 });
      expect(await row()).toEqual(before);
    });
  });

  describe('the breaker of a host', () => {
    it('opens after eight failures in a row, and not before', async () => {
      const host = newOwner();
      for (const report of [{ ...FAILED, failed: 7 }, OK, { ...FAILED, failed: 7 }, THROTTLED, { ok: 3, throttled: 0, failed: 7 }])
        expect(await gate.report(host, report)).toMatchObject({ opened: false });
      expect(await gate.report(host, FAILED)).toMatchObject({ reason: 'open', opened: true, waitMs: expect.closeTo(30_000, -4) });
      expect(await gate.report(host, { ...FAILED, failed: 9 })).toMatchObject({ reason: 'open', opened: false });
      expect(await gate.enter(host, wish('a'))).toMatchObject({ granted: 0, reason: 'open' });
      expect(await gate.reserve(host, turns(1))).toMatchObject({ turns: 0, reason: 'open' });
      expect(await gate.take(host, 0)).toMatchObject({ granted: false, waitMs: expect.closeTo(30_000, -4) });
    });

    it('lets one holder probe with one permit: its failure opens again for longer, its success closes', async () => {
      const host = newOwner();
      await gate.enter(host, wish('old'));
      await open(gate, host);
      const waits: number[] = [];
      for (let openings = 0; openings < 7; openings++) {
        await passTime(database, host, 600_000);
        expect(await gate.enter(host, wish('me'))).toEqual({ granted: 1, isProbe: true, reason: null });
        expect(await gate.enter(host, wish('old'))).toMatchObject({ granted: 0, reason: 'busy' });
        expect(await gate.take(host, 0)).toMatchObject({ granted: false, waitMs: 1_000 });
        expect(await gate.reserve(host, { ...turns(5), holder: 'old' })).toMatchObject({ turns: 0 });
        expect(await gate.reserve(host, turns(5))).toMatchObject({ turns: 1 });
        const state = await gate.report(host, FAILED);
        expect(state).toMatchObject({ reason: 'open', opened: true });
        waits.push(Math.round(state.waitMs / 10_000) * 10);
      }
      expect(waits).toEqual([60, 120, 240, 480, 600, 600, 600]);
      await passTime(database, host, 600_000);
      await gate.enter(host, wish('me'));
      expect(await gate.report(host, OK)).toEqual({ waitMs: 0, reason: null, opened: false });
      // It begins with one at a time, and has all again after some answers.
      expect(await gate.enter(host, wish('old', { wanted: 7 }))).toMatchObject({ granted: 0, reason: 'busy' });
      await gate.report(host, { ...OK, ok: 50 });
      expect(await gate.enter(host, wish('old', { wanted: 7 }))).toMatchObject({ granted: 7, isProbe: false });
      await open(gate, host);
      expect(await gate.take(host, 0)).toMatchObject({ waitMs: expect.closeTo(30_000, -4) });
    });

    it('has one probe when many come at once, and another when the first is lost', async () => {
      const host = newOwner();
      await open(gate, host);
      for (let round = 0; round < 3; round++) {
        await passTime(database, host, 3_600_000);
        const granted = await atOnce(32, async (client, index) => {
          const turn = index % 2 === 0 ? await client.take(host, 0) : await client.enter(host, wish(`h${index}`));
          return Number(turn.granted);
        });
        expect(granted.reduce((sum, one) => sum + one, 0)).toBe(1);
      }
      await passTime(database, host, 3_600_000);
      await gate.take(host, 0);
      await gate.report(host, OK);
      expect(await gate.enter(host, wish('all'))).toMatchObject({ granted: 2, isProbe: false });
      await gate.report(host, { ...OK, ok: 50 });
      expect(await gate.enter(host, wish('all'))).toMatchObject({ granted: 8, isProbe: false });
    });

    it('opens once when many fail at once', async () => {
      const host = newOwner();
      const states = await atOnce(32, (client) => client.report(host, FAILED));
      expect(states.filter(({ opened }) => opened)).toHaveLength(1);
    });
  });

  politenessLaw(() => ({ database, gate }));
}
