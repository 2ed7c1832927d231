import { type JobEvent, type JobReader, Fault, isFinal, isFinalEvent } from '@gleaner/domain';
import { Inject, Injectable } from '@nestjs/common';
import { JOB_READER } from '../platform/platform.module.js';
import { EventFeed } from './event-feed.service.js';

const BACKLOG_BATCH = 500;

export interface EventsRequest {
  readonly ownerId: string;
  readonly jobId: string;
  readonly afterSeq: number;
  /** Ends the reading: the client is gone, or its time is over. */
  readonly signal: AbortSignal;
}

/** A reader that takes too little: it is cut, and can resume where it was. */
class ReaderTooSlow extends Error {
  override readonly name = 'ReaderTooSlow';
}

/** The events of one job, from anywhere to the final one. */
@Injectable()
export class JobEvents {
  constructor(
    @Inject(JOB_READER) private readonly jobs: JobReader,
    private readonly feed: EventFeed,
  ) {}

  /**
   * What is stored first, at the reader's pace, then what comes. Ends after the final event, when the signal aborts or the
   * process stops; throws ReaderTooSlow when too many new events wait for the reader.
   */
  async *read({ ownerId, jobId, afterSeq, signal }: EventsRequest): AsyncGenerator<JobEvent> {
    let seq = afterSeq;
    for (;;) {
      // Read before the events: a job that was final then has all of them in the log.
      const job = await this.jobs.get(ownerId, jobId);
      if (job === null) throw new Fault('NOT_FOUND', { detail: `There is no job ${jobId}.` });
      const batch = await this.jobs.events(jobId, seq, BACKLOG_BATCH);
      for (const event of batch) {
        yield event;
        seq = event.seq;
        if (isFinalEvent(event.type) || signal.aborted) return;
      }
      if (batch.length === BACKLOG_BATCH) continue;
      if (isFinal(job.state)) return;
      break;
    }
    yield* this.follow(jobId, seq, signal);
  }

  private async *follow(jobId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const subscription = this.feed.subscribe(jobId, afterSeq);
    const close = () => subscription.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (signal.aborted) return;
      for (;;) {
        const next = await subscription.next();
        if (next.kind === 'overflowed') throw new ReaderTooSlow('Too many events wait for the reader.');
        if (next.kind === 'closed') return;
        yield next.event;
        if (isFinalEvent(next.event.type)) return;
      }
    } finally {
      signal.removeEventListener('abort', close);
      subscription.close();
    }
  }

  /** Resolves when the job has its final event, the time is over, the client is gone or the process stops. */
  async untilFinal(ownerId: string, jobId: string, timeoutMs: number, gone: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(timeoutMs)]);
    for await (const event of this.read({ ownerId, jobId, afterSeq: 0, signal })) if (isFinalEvent(event.type)) return;
  }
}
