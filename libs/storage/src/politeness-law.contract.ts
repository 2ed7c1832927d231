import type { HostGate, HostReport } from '@gleaner/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holdsLater } from '../../../test/support/laws.js';
import type { Database } from './database.js';
import { newOwner } from './samples.contract.js';

/** Lets time pass for one host: everything that is set for later comes nearer. */
export async function passTime(database: Database, host: string, ms: number): Promise<void> {
  await database.dataSource.query(
    `update host_gates set next_turn_at = next_turn_at - by, paused_until = paused_until - by, open_until = open_until - by,
       holders = (select coalesce(jsonb_object_agg(key, jsonb_build_array(value -> 0, (value ->> 1)::timestamptz - by)), '{}') from jsonb_each(holders))
     from (select $2 * interval '1 millisecond' as by) as time where host = $1`,
    [host, ms],
  );
}

const LIMIT = 5;
const TTL_MS = 60_000;
const NOBODY = '';
const OK: HostReport = { ok: 1, throttled: 0, failed: 0 };
const THROTTLED: HostReport = { ok: 0, throttled: 1, failed: 0 };
const SICK: HostReport = { ok: 0, throttled: 0, failed: 8 };

const holder = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ does: fc.constant('enter' as const), holder, wanted: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('leave' as const), holder }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('take' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('report' as const), report: fc.constantFrom(OK, THROTTLED, SICK) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('pass' as const), ms: fc.constantFrom(1_300, 35_700, 700_000) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** What a strict observer knows of one host: who may have requests under way, and how the breaker stands. */
class Observer {
  private readonly out = new Map<string, { permits: number; leftMs: number }>();
  private openLeftMs: number | null = null;
  private openings = 0;

  granted(name: string, permits: number): void {
    // A turn without permits counts while it is a probe only.
    if (name === NOBODY && this.openLeftMs === null) return;
    this.out.delete(name);
    if (permits > 0) this.out.set(name, { permits, leftMs: TTL_MS });
  }

  left(name: string): void {
    this.out.delete(name);
  }

  reported({ ok, throttled }: HostReport): void {
    if (this.openLeftMs !== null && this.openLeftMs > 0) return;
    if (ok + throttled > 0) {
      this.openLeftMs = null;
      this.openings = 0;
      this.out.delete(NOBODY);
    } else {
      this.openLeftMs = Math.min(600_000, 30_000 * 2 ** this.openings++);
      this.out.clear();
    }
  }

  passed(ms: number): void {
    if (this.openLeftMs !== null) this.openLeftMs -= ms;
    for (const [name, held] of this.out) if ((held.leftMs -= ms) <= 0) this.out.delete(name);
  }

  /** Permits that are out, and how many may be. */
  sight(): { readonly out: number; readonly allowed: number } {
    const out = [...this.out.values()].reduce((sum, { permits }) => sum + permits, 0);
    if (this.openLeftMs === null) return { out, allowed: LIMIT };
    return { out, allowed: this.openLeftMs > 0 ? 0 : 1 };
  }
}

async function perform(one: Step, host: string, gate: HostGate, database: Database, observer: Observer): Promise<void> {
  if (one.does === 'enter') {
    const wish = { holder: one.holder, wanted: one.wanted, limit: LIMIT, ttlMs: TTL_MS };
    observer.granted(one.holder, (await gate.enter(host, wish)).granted);
  } else if (one.does === 'leave') {
    await gate.leave(host, one.holder);
    observer.left(one.holder);
  } else if (one.does === 'take') {
    if ((await gate.take(host, 0)).granted) observer.granted(NOBODY, 1);
  } else if (one.does === 'report') {
    await gate.report(host, one.report);
    observer.reported(one.report);
  } else {
    await passTime(database, host, one.ms);
    observer.passed(one.ms);
  }
}

/** Any order of anything: never more than the limit out, none while the breaker is open, and never two probes. */
export function politenessLaw(current: () => { readonly database: Database; readonly gate: HostGate }): void {
  it('keeps its limit and its one probe in every order of events', async () => {
    const { database, gate } = current();
    await holdsLater(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const host = newOwner();
        const observer = new Observer();
        for (const one of steps) {
          await perform(one, host, gate, database, observer);
          const { out, allowed } = observer.sight();
          expect(out).toBeLessThanOrEqual(allowed);
        }
      }),
      { runs: 25 },
    );
  });
}
