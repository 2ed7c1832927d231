import { Fault, ID_PREFIX, type LimitOverrides, type OwnerUsage, type UsageReader } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { encodeTime } from 'ulid';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { type Parameter, rows } from './statement.js';
import { withManager } from './transaction.js';
import { USER_ID } from './user-register.js';

const DAY_MS = 86_400_000;

export function createUsageReader(database: Database): UsageReader {
  return {
    list: (page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const condition = page.cursor === undefined ? '$1::text is null' : 'owner.id < $1';
        const before = page.cursor === undefined ? null : decodeCursor(page.cursor, USER_ID);
        const found = await usage(manager, condition, [before, limit + 1]);
        return pageOf(found, limit, { item: ownerUsage, id: (row) => row.ownerId });
      }),

    get: (ownerId) =>
      withManager(database, async (manager) => {
        const found = (await usage(manager, 'owner.id = $1', [ownerId, 1]))[0];
        if (found === undefined) throw new Fault('NOT_FOUND', { detail: `There is no user ${ownerId}.` });
        return ownerUsage(found);
      }),
  };
}

interface UsageRow {
  readonly ownerId: string;
  readonly name: string;
  readonly limits: LimitOverrides;
  /** Counts can be large: PostgreSQL gives them as text. */
  readonly total: string;
  readonly today: number;
  readonly running: number;
  readonly pages: string;
  readonly calls: number;
  readonly callsAvoided: number;
  readonly tokens: number;
  readonly costUsd: number;
}

/** The jobs of today are found by their ids, which begin with the time: the index of an owner's jobs serves the sums. */
function usage(manager: EntityManager, condition: string, parameters: readonly Parameter[]): Promise<UsageRow[]> {
  const now = Date.now();
  const firstOfToday = `${ID_PREFIX.job}${encodeTime(now - (now % DAY_MS), 10)}${'0'.repeat(16)}`;
  return rows<UsageRow>(
    manager,
    `
    select owner.id as "ownerId", owner.name,
      jsonb_build_object('requestsPerMinute', requests_per_minute, 'runningJobs', running_jobs, 'pagesPerDay', pages_per_day) as limits,
      coalesce(used.jobs_total, 0) as total, coalesce(used.jobs_today, 0) as today, coalesce(used.pages_today, 0) as pages,
      (select count(*)::integer from jobs where owner_id = owner.id and state in ('queued', 'running', 'paused')) as running,
      models.*
    from users as owner
    left join (
      select owner_id, jobs_total, case when is_today then jobs_today else 0 end as jobs_today,
        case when is_today then pages_today else 0 end as pages_today
      from (select *, day >= (clock_timestamp() at time zone 'utc')::date as is_today from owner_usage) as counted
    ) as used on used.owner_id = owner.id
    cross join lateral (
      select coalesce(sum((usage->>'modelCalls')::double precision), 0) as calls,
        coalesce(sum((usage->>'modelCallsAvoided')::double precision), 0) as "callsAvoided",
        coalesce(sum((usage->>'tokens')::double precision), 0) as tokens,
        coalesce(sum((usage->>'costUsd')::double precision), 0) as "costUsd"
      from jobs where owner_id = owner.id and id >= $3
    ) as models
    where ${condition} order by owner.id desc limit $2`,
    [...parameters, firstOfToday],
  );
}

function ownerUsage(row: UsageRow): OwnerUsage {
  const { ownerId, name, limits, total, today, running, pages, calls, callsAvoided, tokens, costUsd } = row;
  return {
    ownerId,
    name,
    limits,
    jobs: { total: Number(total), today, running },
    pagesToday: Number(pages),
    modelsToday: { calls, callsAvoided, tokens, costUsd },
  };
}
