const MAX_REQUESTS = 1_000_000;
const MAX_PATHS = 200_000;

/** What one host was asked, in the order of arrival. Milliseconds of `performance.now()`. */
export interface HostRequests {
  readonly startedMs: readonly number[];
  /** Smallest time between the arrival of two requests; null for fewer than two. */
  readonly smallestGapMs: number | null;
  readonly peakConcurrency: number;
}

export interface ServedCounts {
  readonly requests: number;
  /** Of bodies, without header fields. */
  readonly bytes: number;
  readonly notModified: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Requests by path and query. */
  readonly byPath: Readonly<Record<string, number>>;
  /** By the Host field. */
  readonly byHost: Readonly<Record<string, HostRequests>>;
}

interface HostLog {
  startedMs: number[];
  smallestGapMs: number | null;
  latestMs: number;
  open: number;
  peakConcurrency: number;
}

/**
 * Counts what was served. Totals are exact; times are kept of the first million requests and counts of the first 200,000
 * paths, for a trap has no last one.
 */
export class ServedLog {
  private requests = 0;
  private bytes = 0;
  private readonly statuses = new Map<number, number>();
  private paths = new Map<string, number>();
  private hosts = new Map<string, HostLog>();

  /** A request came; call what it returns once when its answer is out or its connection gone. */
  begin(path: string, host: string, nowMs: number): () => void {
    this.requests += 1;
    const count = this.paths.get(path);
    if (count !== undefined || this.paths.size < MAX_PATHS) this.paths.set(path, (count ?? 0) + 1);
    const log = this.hostLog(host);
    if (log.latestMs > 0) {
      const gapMs = nowMs - log.latestMs;
      log.smallestGapMs = log.smallestGapMs === null ? gapMs : Math.min(log.smallestGapMs, gapMs);
    }
    log.latestMs = nowMs;
    if (this.requests <= MAX_REQUESTS) log.startedMs.push(nowMs);
    log.open += 1;
    log.peakConcurrency = Math.max(log.peakConcurrency, log.open);
    return () => {
      log.open -= 1;
    };
  }

  answered(status: number, bytes: number): void {
    this.bytes += bytes;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  /** How often a path was asked for, query included. */
  countOf(path: string): number {
    return this.paths.get(path) ?? 0;
  }

  counts(): ServedCounts {
    const hosts = [...this.hosts].map(([host, { startedMs, smallestGapMs, peakConcurrency }]) => {
      return [host, { startedMs: [...startedMs], smallestGapMs, peakConcurrency }] as const;
    });
    return {
      requests: this.requests,
      bytes: this.bytes,
      notModified: this.statuses.get(304) ?? 0,
      byStatus: Object.fromEntries(this.statuses),
      byPath: Object.fromEntries(this.paths),
      byHost: Object.fromEntries(hosts),
    };
  }

  /** Forgets everything; requests under way are not counted any more. */
  reset(): void {
    this.requests = 0;
    this.bytes = 0;
    this.statuses.clear();
    this.paths = new Map();
    this.hosts = new Map();
  }

  private hostLog(host: string): HostLog {
    let log = this.hosts.get(host);
    if (log === undefined) {
      log = { startedMs: [], smallestGapMs: null, latestMs: 0, open: 0, peakConcurrency: 0 };
      if (this.hosts.size < MAX_PATHS) this.hosts.set(host, log);
    }
    return log;
  }
}
