import type { JobCreation, JobEvent, JobReader, JobWriter } from '@gleaner/domain';
import { untraced } from '@gleaner/telemetry';
import { requestIsAbout } from '../platform/request-scope.js';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type StreamKind = 'sse' | 'websocket';

export interface RequestEnd {
  readonly method: string;
  /** The route's pattern, never the path: the number of series is that of the routes. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Upper bounds in seconds: from an answer out of memory to the longest `Prefer: wait`. */
const SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What the API measures of itself, as Prometheus reads it; process memory and event loop delay included. */
export class ApiMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'gleaner_http_request_duration_seconds',
    help: 'Time of a request until its answer was sent or broke off',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly streams = new Gauge({
    name: 'gleaner_open_streams',
    help: 'Event streams and live connections that are open',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  private readonly jobs = new Counter({
    name: 'gleaner_jobs_requested_total',
    help: 'Jobs that were asked for: created, attached to a running one, or replayed by Idempotency-Key',
    labelNames: ['kind', 'creation'],
    registers: [this.registry],
  });
  private readonly lag = new Histogram({
    name: 'gleaner_event_feed_lag_seconds',
    help: 'Time from an event until the feed of this process had it',
    buckets: SECONDS,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const kind of ['sse', 'websocket'] satisfies StreamKind[]) this.streams.set({ kind }, 0);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  requestEnded({ method, route, status, durationMs }: RequestEnd): void {
    this.requests.observe({ method, route, status }, durationMs / 1_000);
  }

  /** Counts a stream until the returned function is called. */
  streamOpened(kind: StreamKind): () => void {
    this.streams.inc({ kind });
    return () => this.streams.dec({ kind });
  }

  /** Counts what is created through the writer, and names it in the request's log line and span. */
  observedWriter(writer: JobWriter): JobWriter {
    const count = (creation: JobCreation): JobCreation => {
      if (creation.kind === 'mismatch') return creation;
      this.jobs.inc({ kind: creation.job.kind, creation: creation.kind });
      requestIsAbout(creation.job.id);
      return creation;
    };
    return { ...writer, create: async (draft) => count(await writer.create(draft)) };
  }

  /**
   * Measures how late the feed is. Only events that came since the feed last looked count: the first look at a job brings
   * its past. The feed's loop is of no request, and stays out of the trace of the one that started it.
   */
  observedReader(reader: JobReader): JobReader {
    let seen: ReadonlyMap<string, number> = new Map();
    const eventsOfMany: JobReader['eventsOfMany'] = async (after, limit) => {
      const events = await untraced(() => reader.eventsOfMany(after, limit));
      for (const event of events) if (event.seq > (seen.get(event.job) ?? Number.POSITIVE_INFINITY)) this.observeLag(event);
      seen = lastSeen(after, events);
      return events;
    };
    return { ...reader, eventsOfMany };
  }

  private observeLag(event: JobEvent): void {
    this.lag.observe(Math.max(0, Date.now() - Date.parse(event.at)) / 1_000);
  }
}

/** Per job that is followed, the last event that was handed out. */
function lastSeen(after: ReadonlyMap<string, number>, events: readonly JobEvent[]): ReadonlyMap<string, number> {
  const seen = new Map(after);
  for (const { job, seq } of events) seen.set(job, Math.max(seq, seen.get(job) ?? 0));
  return seen;
}
