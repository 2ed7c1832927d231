import { crawlSettings } from './crawl/crawl.js';
import { Fault } from './fault.js';
import type { JobInput, JobKind } from './job.js';

/** What one owner may use. 0 means: no limit. */
export interface OwnerLimits {
  /** Requests in any 60 seconds, by each key of the owner. */
  readonly requestsPerMinute: number;
  /** Jobs of the owner that are not final. */
  readonly runningJobs: number;
  /** Pages that the owner's jobs of one day (UTC) ask for. */
  readonly pagesPerDay: number;
}

export type LimitName = keyof OwnerLimits;

export const LIMIT_NAMES = ['requestsPerMinute', 'runningJobs', 'pagesPerDay'] as const satisfies readonly LimitName[];

/** What an admin set for one owner; null: the default of the settings. */
export type LimitOverrides = { readonly [K in LimitName]: number | null };

export const NO_LIMITS: OwnerLimits = { requestsPerMinute: 0, runningJobs: 0, pagesPerDay: 0 };
export const NO_OVERRIDES: LimitOverrides = { requestsPerMinute: null, runningJobs: null, pagesPerDay: null };

/** The limits that hold for an owner: what was set, else the defaults. */
export function limitsInForce(overrides: LimitOverrides, defaults: OwnerLimits): OwnerLimits {
  return {
    requestsPerMinute: overrides.requestsPerMinute ?? defaults.requestsPerMinute,
    runningJobs: overrides.runningJobs ?? defaults.runningJobs,
    pagesPerDay: overrides.pagesPerDay ?? defaults.pagesPerDay,
  };
}

const DAY_MS = 86_400_000;
/** When a running job ends is not known: a caller asks again soon. */
const RUNNING_JOBS_RETRY_MS = 5_000;

export function tooManyRequests(value: number, retryAfterMs: number): Fault {
  const detail = `The limit requestsPerMinute is ${value} for each key, and it is used up.`;
  return new Fault('RATE_LIMITED', { detail, retryAfterMs, limit: { name: 'requestsPerMinute', value } });
}

export function tooManyRunningJobs(value: number): Fault {
  const detail = `The limit runningJobs is ${value}, and as many jobs are not final.`;
  return new Fault('TOO_MANY_RUNNING_JOBS', { detail, retryAfterMs: RUNNING_JOBS_RETRY_MS, limit: { name: 'runningJobs', value } });
}

/** `now` in milliseconds since the epoch: pages are counted anew at midnight UTC. */
export function dailyPageLimit(value: number, now: number): Fault {
  const detail = `The limit pagesPerDay is ${value}, and the pages of today (UTC) are used up.`;
  return new Fault('DAILY_PAGE_LIMIT', { detail, retryAfterMs: DAY_MS - (now % DAY_MS), limit: { name: 'pagesPerDay', value } });
}

/** Pages that a job is admitted with. A kind that asks for more says here how many its request allows at most. */
export function pagesOfJob(kind: JobKind, input: JobInput): number {
  return kind === 'crawl' ? crawlSettings(input).limit : 1;
}
