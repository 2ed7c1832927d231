import { setTimeout as sleep } from 'node:timers/promises';
import type { JobReader } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { JOB_READER, LOG } from '../platform/platform.module.js';
import { Subscription } from './subscription.js';

/** Quick while something happens, so that who waits for a job hears of its end at once; slow when all is quiet. */
const BUSY_POLL_MS = 40;
const QUIET_POLL_MS = 200;
const BUSY_FOR_MS = 3_000;
const FAULT_PAUSE_MS = 1_000;
const EVENTS_A_POLL = 1_000;

/** The one poller of this process: one query for all open streams and waits, and none while nobody listens. */
@Injectable()
export class EventFeed implements BeforeApplicationShutdown {
  private readonly subscriptions = new Set<Subscription>();
  private readonly closing = new AbortController();
  private polling: Promise<void> | undefined;
  private busyUntil = 0;

  constructor(
    @Inject(JOB_READER) private readonly jobs: Pick<JobReader, 'eventsOfMany'>,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Aborted when the process stops: streams and waits end then. */
  get stopped(): AbortSignal {
    return this.closing.signal;
  }

  /** Events of the job after `afterSeq`, in order. Close it when done. */
  subscribe(jobId: string, afterSeq: number): Subscription {
    const subscription = new Subscription(jobId, afterSeq, (closed) => this.subscriptions.delete(closed));
    if (this.closing.signal.aborted) subscription.close();
    else this.subscriptions.add(subscription);
    this.busyUntil = Date.now() + BUSY_FOR_MS;
    this.polling ??= this.poll().finally(() => (this.polling = undefined));
    return subscription;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    for (const subscription of this.subscriptions) subscription.close();
    await this.polling;
  }

  private async poll(): Promise<void> {
    while (this.subscriptions.size > 0) {
      const pauseMs = await this.readOnce();
      // The sleep ends early when the process stops; all subscriptions are closed then.
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }

  /** Reads and hands out what is new; returns how long to pause. */
  private async readOnce(): Promise<number> {
    try {
      const events = await this.jobs.eventsOfMany(this.cursors(), EVENTS_A_POLL);
      const byJob = Map.groupBy(this.subscriptions, ({ jobId }) => jobId);
      for (const event of events) for (const subscription of byJob.get(event.job) ?? []) subscription.offer(event);
      if (events.length > 0) this.busyUntil = Date.now() + BUSY_FOR_MS;
      if (events.length === EVENTS_A_POLL) return 0;
      return Date.now() < this.busyUntil ? BUSY_POLL_MS : QUIET_POLL_MS;
    } catch (error) {
      this.log.warn({ err: error }, 'events cannot be read; trying again');
      return FAULT_PAUSE_MS;
    }
  }

  /** Per job the least event that some reader still lacks. */
  private cursors(): ReadonlyMap<string, number> {
    const cursors = new Map<string, number>();
    for (const { jobId, lastSeq } of this.subscriptions) cursors.set(jobId, Math.min(lastSeq, cursors.get(jobId) ?? lastSeq));
    return cursors;
  }
}
