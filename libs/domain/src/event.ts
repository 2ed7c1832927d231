import type { FailureReport } from './fault.js';
import type { JobCounts } from './job.js';

export const STAGES = ['fetch', 'browser', 'learn', 'extract', 'embed', 'store', 'analyze'] as const;
export type Stage = (typeof STAGES)[number];

export const EVENT_TYPES = [
  'job.started',
  'job.progress',
  'page.stored',
  'page.failed',
  'page.skipped',
  'site.learned',
  'site.drifted',
  'job.paused',
  'job.resumed',
  'job.completed',
  'job.failed',
  'job.cancelled',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const FINAL_EVENT_TYPES = ['job.completed', 'job.failed', 'job.cancelled'] as const satisfies readonly EventType[];

export function isFinalEvent(type: EventType): boolean {
  return (FINAL_EVENT_TYPES as readonly EventType[]).includes(type);
}

/** What a writer says; the log adds `seq` (1, 2, 3 … without a gap, per job) and `at`. */
export interface EventDraft {
  readonly type: EventType;
  readonly stage?: Stage;
  readonly url?: string;
  readonly message?: string;
  readonly error?: FailureReport;
}

export interface JobEvent extends EventDraft {
  readonly seq: number;
  readonly at: string;
  readonly job: string;
  /** The job's counters right after this event. */
  readonly counts?: JobCounts;
}
