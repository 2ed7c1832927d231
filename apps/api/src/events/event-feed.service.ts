import type { JobEvent, JobReader } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { JOB_READER, LOG } from '../platform/platform.module.js';
import { Subscription } from './subscription.js';

/** Quick while something happens, so that who waits for a job hears of its end at once; slow when all is quiet. */
const BUSY_POLL_MS = 20;
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
  private wake: () => void = () => undefined;

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
    this.listen();
    return subscription;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    for (const subscription of this.subscriptions) subscription.close();
    this.wake();
    await this.polling;
  }

  private listen(): void {
    this.wake();
    this.polling ??= this.poll().finally(() => {
      this.polling = undefined;
      if (this.subscriptions.size > 0) this.listen(); // someone came between the last look and this line
    });
  }

  private async poll(): Promise<void> {
    while (this.subscriptions.size > 0) await this.pause(await this.readOnce());
  }

  private async pause(forMs: number): Promise<void> {
    if (forMs === 0 || this.closing.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, forMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Reads and hands out what is new; returns how long to pause. */
  private async readOnce(): Promise<number> {
    try {
      const events = await this.jobs.eventsOfMany(this.cursors(), EVENTS_A_POLL);
      this.handOut(events);
      if (events.length > 0) this.busyUntil = Date.now() + BUSY_FOR_MS;
      if (events.length === EVENTS_A_POLL) return 0;
      return Date.now() < this.busyUntil ? BUSY_POLL_MS : QUIET_POLL_MS;
    } catch (error) {
      this.log.warn({ err: error }, 'events cannot be read; trying again');
      return FAULT_PAUSE_MS;
    }
  }

  private handOut(events: readonly JobEvent[]): void {
    if (events.length === 0) return;
    const readers = new Map<string, Subscription[]>();
    for (const subscription of this.subscriptions) {
      const others = readers.get(subscription.jobId);
      if (others) others.push(subscription);
      else readers.set(subscription.jobId, [subscription]);
    }
    for (const event of events) for (const subscription of readers.get(event.job) ?? []) subscription.offer(event);
  }

  /** Per job the least event that some reader still lacks. */
  private cursors(): ReadonlyMap<string, number> {
    const cursors = new Map<string, number>();
    for (const { jobId, lastSeq } of this.subscriptions) cursors.set(jobId, Math.min(lastSeq, cursors.get(jobId) ?? lastSeq));
    return cursors;
  }
}
