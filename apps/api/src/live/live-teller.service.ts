import type { JobReader } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { ApiConfig } from '../config.js';
import { JobEvents } from '../events/job-events.service.js';
import { API_CONFIG, JOB_READER, LOG } from '../platform/platform.module.js';
import { JobSnapshots } from './job-snapshots.js';
import { CLOSE, tellLive } from './live-socket.js';

export interface LiveRequest {
  readonly ownerId: string;
  readonly jobId: string;
  /** Sequence number of the event to go on after. */
  readonly after: number;
}

/** Serves sockets that were let in. */
@Injectable()
export class LiveTeller {
  private readonly snapshots: JobSnapshots;

  constructor(
    private readonly events: JobEvents,
    @Inject(JOB_READER) jobs: JobReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.snapshots = new JobSnapshots(jobs, config.temporal, config.timings.liveSnapshotMs / 2);
  }

  /** Tells all there is to tell, then closes; never rejects. `closing` aborts when the process stops. */
  async serve(client: WebSocket, { ownerId, jobId, after }: LiveRequest, closing: AbortSignal): Promise<void> {
    const gone = new AbortController();
    client.on('error', () => client.terminate()).on('close', () => gone.abort());
    client.on('message', () => client.close(CLOSE.notForUs, 'this socket only tells'));
    const { liveSnapshotMs: snapshotMs, heartbeatMs, drainTimeoutMs } = this.config.timings;
    try {
      const events = this.events.read({ ownerId, jobId, afterSeq: after, signal: gone.signal });
      const snapshot = () => this.snapshots.of(ownerId, jobId);
      const lastSnapshot = () => this.snapshots.read(ownerId, jobId);
      await tellLive(client, { events, snapshot, lastSnapshot }, { snapshotMs, heartbeatMs, drainTimeoutMs });
      client.close(closing.aborted ? CLOSE.goingAway : CLOSE.done);
    } catch (error) {
      if (!gone.signal.aborted) this.log.warn({ err: error, jobId }, 'a live socket was cut');
      client.terminate();
    }
  }
}
