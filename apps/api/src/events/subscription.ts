import type { JobEvent } from '@gleaner/domain';

/** Events that may wait for one reader. */
const CAPACITY = 1_000;

export type NextEvent =
  | { readonly kind: 'event'; readonly event: JobEvent }
  | { readonly kind: 'closed' }
  | { readonly kind: 'overflowed' };

/** One reader of a job's events: a bounded queue that keeps order, and drops what it has already seen. */
export class Subscription {
  private readonly queue: JobEvent[] = [];
  private ended: 'closed' | 'overflowed' | undefined;
  private wake: (() => void) | undefined;

  constructor(
    readonly jobId: string,
    /** Last event that was queued here. */
    public lastSeq: number,
    private readonly onClose: (subscription: Subscription) => void,
  ) {}

  offer(event: JobEvent): void {
    if (this.ended !== undefined || event.seq <= this.lastSeq) return;
    if (this.queue.length >= CAPACITY) return this.end('overflowed');
    this.lastSeq = event.seq;
    this.queue.push(event);
    this.wake?.();
  }

  close(): void {
    this.end('closed');
  }

  /** The next event; at most one call at a time. */
  async next(): Promise<NextEvent> {
    for (;;) {
      const event = this.queue.shift();
      if (event) return { kind: 'event', event };
      if (this.ended) return { kind: this.ended };
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.wake = undefined;
    }
  }

  private end(reason: 'closed' | 'overflowed'): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.onClose(this);
    this.wake?.();
  }
}
