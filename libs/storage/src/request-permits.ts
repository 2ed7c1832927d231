import type { PermitGrant, PermitRequest, RequestPermits } from '@gleaner/domain';
import type { Database } from './database.js';
import { firstRow } from './statement.js';
import { withManager } from './transaction.js';

/** A second more than a minute: the oldest one is counted to its end, so that no 60 seconds see more than the limit. */
const SLOTS = 61;

/**
 * A sliding window of seconds in one row a key. The clock is read once, before the row is locked; who waited for the lock has an
 * older time than the row, and time does not go back.
 */
const LEASE = `
  insert into request_windows as known (key_id, slot, counts, granted)
  values ($1, floor(extract(epoch from clock_timestamp()))::bigint, array[least($2::integer, $3::integer)], least($2::integer, $3::integer))
  on conflict (key_id) do update set (slot, counts, granted) = (
    select grown.slot, array[grown.counts[1] + grown.granted] || grown.counts[2:${SLOTS}], grown.granted
    from (
      select moved.slot, moved.counts,
        greatest(0, least($3::integer, $2::integer - (select sum(count) from unnest(moved.counts) as count)::integer)) as granted
      from (
        select greatest(known.slot, excluded.slot) as slot,
          (array_fill(0, array[least(${SLOTS}, greatest(0, excluded.slot - known.slot))::integer]) || known.counts)[1:${SLOTS}] as counts
      ) as moved
    ) as grown
  )
  returning granted, counts`;

export function createRequestPermits(database: Database): RequestPermits {
  return {
    lease: (request) =>
      withManager(database, async (manager) => {
        const { keyId, limit, wanted } = request;
        const window = await firstRow<Window>(manager, LEASE, [keyId, limit, wanted]);
        return grantOf(request, window ?? { granted: 0, counts: [] });
      }),
  };
}

interface Window {
  readonly granted: number;
  readonly counts: readonly number[];
}

function grantOf({ limit }: PermitRequest, { granted, counts }: Window): PermitGrant {
  if (granted > 0) return { granted, retryAfterMs: 0 };
  let used = counts.reduce((sum, count) => sum + count, 0);
  // The oldest seconds leave the window first; when enough of them have, there is room for one.
  for (let age = counts.length - 1; age >= 0; age--) {
    used -= counts[age] ?? 0;
    if (used < limit) return { granted: 0, retryAfterMs: (SLOTS - age) * 1_000 };
  }
  return { granted: 0, retryAfterMs: SLOTS * 1_000 };
}
