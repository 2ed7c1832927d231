import type {
  GateReason,
  GateRefusal,
  HostGate,
  HostPermits,
  HostReport,
  HostState,
  PermitWish,
  ReservedTurns,
  TurnWish,
} from '@gleaner/domain';
import type { Database } from './database.js';
import { ENTER, IS_UNWELL, LEAVE, LOOK, NEW_HOST, PROBE, REPORT, RESERVE } from './host-gate-statements.js';
import { firstRow, type Parameter, rows } from './statement.js';
import { withManager } from './transaction.js';

/** No host waits longer between two turns, whatever is asked for. */
const MAX_INTERVAL_MS = 7 * 24 * 3_600_000;
/** No answer pauses a host for longer, whatever its Retry-After says. */
const MAX_PAUSE_MS = 600_000;
const MAX_TTL_MS = 3_600_000;
const MAX_COUNT = 1_000;
const MIN_WAIT_MS = 1;
/** When somebody will leave is not known: the time to the next try. */
const BUSY_WAIT_MS = 1_000;
/** Tries for a turn that looks due, before the caller is told to try again itself. */
const MAX_ATTEMPTS = 3;
/** A probe that never reports: the next one goes out after this time. */
const PROBE_TTL_MS = 60_000;
/** The holder that a probe without permits is kept under. */
const NOBODY = '';

interface Waits {
  readonly pausedMs: number | null;
  readonly openMs: number | null;
}

interface Reservation {
  readonly granted: number;
  readonly firstInMs: number;
  readonly intervalMs: number;
}

/** The budget of a host by the clock of the database, so that all processes agree on what is due. */
export function createHostGate(database: Database): HostGate {
  /** The first of a host makes its row. */
  async function change<Row>(sql: string, parameters: readonly [host: string, ...Parameter[]]): Promise<Row> {
    return withManager(database, async (manager) => {
      const known = await firstRow<Row>(manager, sql, parameters);
      if (known !== null) return known;
      await rows(manager, NEW_HOST, [parameters[0]]);
      const made = await firstRow<Row>(manager, sql, parameters);
      if (made === null) throw new Error('a host that was just stored is gone');
      return made;
    });
  }

  async function reserve(host: string, wish: TurnWish): Promise<ReservedTurns> {
    const [turns, intervalMs, withinMs] = [count(wish.turns, 1), bounded(wish.intervalMs), bounded(wish.withinMs)];
    return withManager(database, async (manager) => {
      for (let attempt = 1; ; attempt++) {
        const reserved = await firstRow<Reservation>(manager, RESERVE, [host, turns, intervalMs, withinMs]);
        if (reserved !== null) return reservedTurns(reserved);
        const state = await firstRow<Waits & { turnMs: number }>(manager, LOOK, [host]);
        if (state === null) {
          await rows(manager, NEW_HOST, [host]);
          continue;
        }
        if (state.openMs !== null && state.openMs <= 0) {
          const probe = [host, wish.holder, intervalMs, wish.holder !== NOBODY, PROBE_TTL_MS] as const;
          const probing = await firstRow<Reservation>(manager, PROBE, probe);
          return probing?.granted === 1 ? reservedTurns(probing) : { turns: 0, ...refusal(state, state.turnMs) };
        }
        const refused = refusal(state, Math.max(MIN_WAIT_MS, state.turnMs));
        // Made or freed by another between the two statements: due after all.
        const isDue = refused.reason === 'busy' && state.turnMs <= withinMs;
        if (!isDue || attempt === MAX_ATTEMPTS) return { turns: 0, ...refused };
      }
    });
  }

  return {
    async take(host, intervalMs) {
      const reserved = await reserve(host, { holder: NOBODY, turns: 1, intervalMs, withinMs: 0 });
      return reserved.reason === null ? { granted: true } : { granted: false, waitMs: reserved.waitMs };
    },

    async enter(host, wish): Promise<HostPermits> {
      const answer = await change<Waits & { granted: number | null; isProbe: boolean }>(ENTER, [host, ...wished(wish)]);
      if (answer.granted === null) return { granted: 0, ...refusal(answer, 0) };
      return { granted: answer.granted, isProbe: answer.isProbe, reason: null };
    },

    leave: (host, holder) =>
      withManager(database, async (manager) => {
        await rows(manager, LEAVE, [host, holder]);
      }),

    reserve,

    async report(host, report) {
      const { ok, throttled, failed, retryAfterMs } = bounds(report);
      if (ok + throttled + failed === 0) return WELL;
      // Most hosts are well and stay so: nothing is written for that.
      const isAnswer = throttled + failed === 0;
      if (isAnswer && (await withManager(database, (manager) => firstRow(manager, IS_UNWELL, [host]))) === null) return WELL;
      return stateOf(await change<Waits & { opened: boolean }>(REPORT, [host, ok, throttled, failed, retryAfterMs]));
    },
  };
}

function wished({ holder, wanted, limit, kinLimit, ttlMs }: PermitWish): readonly Parameter[] {
  const most = kinLimit === undefined ? null : count(kinLimit, 1);
  return [holder, count(wanted, 1), count(limit, 1), Math.min(MAX_TTL_MS, bounded(ttlMs)), most];
}

const WELL: HostState = { waitMs: 0, reason: null, opened: false };

function stateOf(answer: Waits & { readonly opened: boolean }): HostState {
  const { waitMs, reason } = refusal(answer, 0);
  return reason === 'busy' ? { ...WELL, opened: answer.opened } : { waitMs, reason, opened: answer.opened };
}

function reservedTurns({ granted, firstInMs, intervalMs }: Reservation): ReservedTurns {
  return { turns: granted, firstInMs: Math.max(0, Math.ceil(firstInMs)), intervalMs, reason: null };
}

/** Why and for how long: the longer one of pause and open breaker, else the wait for a turn, else for somebody to leave. */
function refusal({ pausedMs, openMs }: Waits, turnMs: number): GateRefusal {
  const [paused, open] = [pausedMs ?? 0, openMs ?? 0];
  const waitMs = Math.max(paused, open, turnMs);
  const reason: GateReason = open > 0 && open >= paused ? 'open' : paused > 0 ? 'paused' : 'busy';
  return { waitMs: waitMs > 0 ? Math.max(MIN_WAIT_MS, Math.ceil(waitMs)) : BUSY_WAIT_MS, reason };
}

function bounds(report: HostReport): Omit<HostReport, 'retryAfterMs'> & { readonly retryAfterMs: number | null } {
  const retryAfterMs = report.retryAfterMs === undefined ? null : Math.min(MAX_PAUSE_MS, bounded(report.retryAfterMs));
  return { ok: count(report.ok, 0), throttled: count(report.throttled, 0), failed: count(report.failed, 0), retryAfterMs };
}

function bounded(milliseconds: number): number {
  return Number.isFinite(milliseconds) ? Math.min(MAX_INTERVAL_MS, Math.max(0, milliseconds)) : MAX_INTERVAL_MS;
}

function count(number: number, least: number): number {
  return Number.isNaN(number) ? least : Math.max(least, Math.min(MAX_COUNT, Math.floor(number)));
}
