import type { Failure, JobCounts } from './job.js';

export type Stage = 'fetch' | 'browser' | 'learn' | 'extract' | 'embed' | 'store' | 'analyze';

export type EventType =
  | 'job.started'
  | 'job.progress'
  | 'page.stored'
  | 'page.failed'
  | 'page.skipped'
  | 'site.learned'
  | 'site.drifted'
  | 'job.paused'
  | 'job.resumed'
  | 'job.completed'
  | 'job.failed'
  | 'job.cancelled';

export interface JobEvent {
  /** 1, 2, 3 … per job, without a gap. */
  readonly seq: number;
  readonly at: string;
  readonly type: EventType;
  readonly job: string;
  readonly stage?: Stage;
  readonly url?: string;
  /** The job's counters right after this event. */
  readonly counts?: JobCounts;
  readonly message?: string;
  readonly error?: Failure;
}

/** true for the one event that ends a job. */
export function isFinalEvent(event: JobEvent): boolean {
  return event.type === 'job.completed' || event.type === 'job.failed' || event.type === 'job.cancelled';
}
