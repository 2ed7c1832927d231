import type { GateTurn, HostGate } from '@gleaner/domain';
import type { Database } from './database.js';
import { firstRow, rows } from './statement.js';
import { withManager } from './transaction.js';

/** No host is shut for longer by one answer, whatever its Retry-After says. */
const MAX_INTERVAL_MS = 7 * 24 * 3_600_000;
const MIN_WAIT_MS = 1;

/** Turns by the clock of the database, so that all processes agree on what is due. */
export function createHostGate(database: Database): HostGate {
  return {
    take: (host, intervalMs) =>
      withManager(database, async (manager): Promise<GateTurn> => {
        // The row lock of the upsert lets one taker in; the others see its new time and are told to wait.
        const turn = await firstRow<{ granted: boolean; waitMs: number }>(
          manager,
          `
        with taken as (
          insert into host_gates as gate (host, next_turn_at)
          values ($1, clock_timestamp() + $2 * interval '1 millisecond')
          on conflict (host) do update set next_turn_at = clock_timestamp() + $2 * interval '1 millisecond'
            where gate.next_turn_at <= clock_timestamp()
          returning host
        )
        select true as granted, 0::double precision as "waitMs" from taken
        union all
        select false, (extract(epoch from next_turn_at - clock_timestamp()) * 1000)::double precision
        from host_gates where host = $1 and not exists (select from taken)`,
          [host, bounded(intervalMs)],
        );
        if (turn?.granted === true) return { granted: true };
        // Taken by another at this very moment: its new time is not visible to this statement yet.
        const waitMs = turn === null || turn.waitMs <= 0 ? bounded(intervalMs) : turn.waitMs;
        return { granted: false, waitMs: Math.max(MIN_WAIT_MS, Math.ceil(waitMs)) };
      }),

    pause: (host, forMs) =>
      withManager(database, async (manager) => {
        await rows(
          manager,
          `
        insert into host_gates as gate (host, next_turn_at) values ($1, clock_timestamp() + $2 * interval '1 millisecond')
        on conflict (host) do update set next_turn_at = greatest(gate.next_turn_at, excluded.next_turn_at)`,
          [host, bounded(forMs)],
        );
      }),
  };
}

function bounded(milliseconds: number): number {
  return Number.isFinite(milliseconds) ? Math.min(MAX_INTERVAL_MS, Math.max(0, milliseconds)) : MAX_INTERVAL_MS;
}
