import {
  dailyPageLimit,
  type JobDraft,
  type LimitOverrides,
  limitsInForce,
  NO_OVERRIDES,
  type OwnerLimits,
  pagesOfJob,
  tooManyRunningJobs,
} from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { firstRow } from './statement.js';

/**
 * Counts a new job for its owner and throws Fault TOO_MANY_RUNNING_JOBS or DAILY_PAGE_LIMIT where a limit is passed: the
 * transaction then takes everything back. The row of the owner is locked from here to the commit, so that the counts are exact
 * over all processes. It must be the last lock of the transaction: nothing that others wait for may be taken after it.
 */
export async function admitJob(
  manager: EntityManager,
  { ownerId, kind, input }: Pick<JobDraft, 'ownerId' | 'kind' | 'input'>,
  defaults: OwnerLimits,
): Promise<void> {
  const used = await firstRow<{ pages: string; overrides: LimitOverrides | null }>(
    manager,
    `
    insert into owner_usage as known (owner_id, day, jobs_total, jobs_today, pages_today)
    values ($1, (clock_timestamp() at time zone 'utc')::date, 1, 1, $2)
    on conflict (owner_id) do update set day = greatest(known.day, excluded.day), jobs_total = known.jobs_total + 1,
      jobs_today = case when known.day >= excluded.day then known.jobs_today else 0 end + 1,
      pages_today = case when known.day >= excluded.day then known.pages_today else 0 end + excluded.pages_today
    returning pages_today as pages, (
      select jsonb_build_object('requestsPerMinute', requests_per_minute, 'runningJobs', running_jobs, 'pagesPerDay', pages_per_day)
      from users where id = $1
    ) as overrides`,
    [ownerId, pagesOfJob(kind, input)],
  );
  const limits = limitsInForce(used?.overrides ?? NO_OVERRIDES, defaults);
  if (limits.pagesPerDay > 0 && Number(used?.pages ?? 0) > limits.pagesPerDay) throw dailyPageLimit(limits.pagesPerDay, Date.now());
  if (limits.runningJobs > 0 && (await runningJobs(manager, ownerId)) > limits.runningJobs) throw tooManyRunningJobs(limits.runningJobs);
}

/** A statement of its own: it sees what was committed while this one waited for the lock, and the job itself. */
async function runningJobs(manager: EntityManager, ownerId: string): Promise<number> {
  const sql = `select count(*)::integer as count from jobs where owner_id = $1 and state in ('queued', 'running', 'paused')`;
  return (await firstRow<{ count: number }>(manager, sql, [ownerId]))?.count ?? 0;
}
