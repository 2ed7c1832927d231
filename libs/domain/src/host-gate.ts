export type GateTurn = { readonly granted: true } | { readonly granted: false; readonly waitMs: number };

/** `busy`: others have all there is; `paused`: the host asked for it; `open`: the host failed too often in a row. */
export type GateReason = 'busy' | 'paused' | 'open';

export interface GateRefusal {
  readonly waitMs: number;
  readonly reason: GateReason;
}

export interface PermitWish {
  /** Who holds the permits, unique over all processes. Holders whose names begin with the same word are kin: the batches of one crawl. */
  readonly holder: string;
  readonly wanted: number;
  /** Most permits of the host over all holders while it is well. */
  readonly limit: number;
  /** Most permits of the holder and its kin; absent: as many as the host gives. */
  readonly kinLimit?: number;
  /** The permits expire so long after the last `enter`, in case the holder dies. */
  readonly ttlMs: number;
}

/** `isProbe`: the one permit of a half-open breaker, whose first report decides. */
export type HostPermits =
  | { readonly granted: number; readonly isProbe: boolean; readonly reason: null }
  | (GateRefusal & { readonly granted: 0 });

export interface TurnWish {
  readonly holder: string;
  readonly turns: number;
  /** Least time between two turns. */
  readonly intervalMs: number;
  /** No turn further away is given, so that turns that nobody takes cost the host little. */
  readonly withinMs: number;
}

/** `turns` turns, the first in `firstInMs` and each `intervalMs` after the one before. */
export type ReservedTurns =
  | { readonly turns: number; readonly firstInMs: number; readonly intervalMs: number; readonly reason: null }
  | (GateRefusal & { readonly turns: 0 });

export interface HostReport {
  /** Answers that are neither of the following, 404 as well. */
  readonly ok: number;
  /** 429, and 503 that says when to come back. */
  readonly throttled: number;
  /** Connections that failed, timeouts and every other 5xx, after the last answer that is counted in this report. */
  readonly failed: number;
  readonly retryAfterMs?: number;
}

/** How the host stands after a report. */
export interface HostState {
  /** 0 when it may be asked. */
  readonly waitMs: number;
  readonly reason: 'paused' | 'open' | null;
  /** This report opened the breaker. */
  readonly opened: boolean;
}

/**
 * One politeness budget per host over all jobs and processes, by one clock. Hosts are `host[:port]`. Each call is one short
 * statement; all times are whole milliseconds.
 */
export interface HostGate {
  /** Takes the next turn if it is due, atomically; else says how long to wait. `intervalMs` is the least time to the following turn. */
  take(host: string, intervalMs: number): Promise<GateTurn>;
  /**
   * Takes up to `wanted` permits of concurrency. All live holders together never have more than the limit, which back-off
   * scales down to 1 at least. Who enters again has what this call grants, instead of what it had; a refusal leaves nothing.
   */
  enter(host: string, wish: PermitWish): Promise<HostPermits>;
  /** Gives the permits back; nothing happens when there are none. */
  leave(host: string, holder: string): Promise<void>;
  /** Takes one to `turns` consecutive turns, as many as begin in time. The interval is the longer one of the wish's and of back-off's. */
  reserve(host: string, wish: TurnWish): Promise<ReservedTurns>;
  /**
   * Moves the adaptive state. A throttle pauses the host (for `retryAfterMs`, at most 10 minutes, else ever longer), halves its
   * concurrency and doubles its interval; answers take that back step by step. A failure takes an eighth of the
   * concurrency, which answers give back as well. Failures in a row open the breaker; after a
   * while one request probes the host and closes it, or opens it for longer. A report of nothing changes nothing.
   */
  report(host: string, report: HostReport): Promise<HostState>;
}
