import { Fault, type HostGate, type HostReport, type HostState } from '@gleaner/domain';
import { pause } from './deadline.js';
import { type HostOutcome, reportOf } from './host-outcome.js';

/** Longer waits leave the slot to others: the fault says when to come back. */
const MAX_WAIT_MS = 2_000;
/** Turns of one statement, and answers that may be told late: more where no pause is wanted between two turns. */
const GROUP = 10;
const UNPACED_GROUP = 40;
/** Permits of a lane whose process died are free again after this time. */
const TTL_MS = 60_000;
const RENEW_AFTER_MS = TTL_MS / 3;

export interface LaneWish {
  readonly host: string;
  /** Least time between two turns: the host's own, or the longer Crawl-delay. */
  readonly intervalMs: number;
  /** Permits that are wanted, and the most that the host may give to all. */
  readonly wanted: number;
  readonly limit: number;
  /** The most that the crawl may have of them in all of its batches. */
  readonly kinLimit: number;
  /** Unique over all processes, the same in every attempt of one batch. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** The way of one batch to one host: its share of the concurrency, and its turns in groups. */
export interface HostLane extends AsyncDisposable {
  readonly host: string;
  /** Least time between two turns. */
  readonly intervalMs: number;
  /** How many requests may be under way at once; renewing changes it, and 0 is none until the next turn. */
  readonly permits: number;
  /**
   * Waits for the lane's next turn, in the order of the calls. Throws Fault HOST_BUSY with `retryAfterMs` when it is more than
   * 2 s away or the permits are lost, and the signal's reason.
   */
  turn(signal: AbortSignal): Promise<void>;
  /** Answers are told in groups, everything else at once. */
  report(outcome: HostOutcome): Promise<void>;
  /** Keeps the permits for another minute. Turns do so by themselves: only who waits long for answers calls it. */
  renew(): Promise<void>;
  /** Tells what is left to tell and gives the permits back; safe twice. */
  close(): Promise<void>;
}

class GateLane implements HostLane {
  readonly host: string;
  readonly intervalMs: number;
  permits = 0;
  private renewedAtMs = 0;
  private isProbe = false;
  private untold = 0;
  /** Times of reserved turns by `performance.now()`, the next one first. */
  private reserved: number[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;
  private entering: Promise<number> = Promise.resolve(0);

  constructor(
    private readonly gate: HostGate,
    private readonly wish: LaneWish,
  ) {
    this.host = wish.host;
    this.intervalMs = wish.intervalMs;
  }

  async turn(signal: AbortSignal): Promise<void> {
    const mine = this.queue.then(() => this.nextTurn(signal));
    this.queue = mine.catch(() => undefined); // the one who asked hears it
    const atMs = await mine;
    await pause(atMs - performance.now(), signal);
  }

  async report(outcome: HostOutcome): Promise<void> {
    if (outcome.kind !== 'ok') return await this.tell(reportOf(outcome));
    this.untold++;
    if (this.isProbe || this.untold >= this.group) await this.tell();
  }

  async renew(): Promise<void> {
    await this.enter();
  }

  async close(): Promise<void> {
    await (this.closing ??= this.end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private get group(): number {
    return this.intervalMs > 0 ? GROUP : UNPACED_GROUP;
  }

  /** Returns 0, or how long to wait where nothing was granted. */
  async enter(): Promise<number> {
    if (this.closing !== null) return MAX_WAIT_MS + 1;
    this.entering = this.askForPermits();
    return await this.entering;
  }

  private async askForPermits(): Promise<number> {
    const { host, holder, wanted, limit, kinLimit } = this.wish;
    const permits = await this.gate.enter(host, { holder, wanted, limit, kinLimit, ttlMs: TTL_MS });
    this.permits = permits.granted;
    this.isProbe = permits.reason === null && permits.isProbe;
    this.renewedAtMs = performance.now();
    return permits.reason === null ? 0 : permits.waitMs;
  }

  /** When the next turn is. */
  private async nextTurn(signal: AbortSignal): Promise<number> {
    for (let leftMs = MAX_WAIT_MS; ;) {
      signal.throwIfAborted();
      const waitMs = await this.refill();
      const atMs = waitMs > 0 ? undefined : this.reserved.shift();
      if (atMs !== undefined) return atMs;
      if (waitMs > leftMs) throw busy(this.host, waitMs);
      await pause(waitMs, signal);
      leftMs -= waitMs;
    }
  }

  /** Makes sure of permits and of a reserved turn. Returns 0, or how long to wait for either. */
  private async refill(): Promise<number> {
    if (this.permits === 0 || performance.now() - this.renewedAtMs > RENEW_AFTER_MS) {
      const waitMs = await this.enter();
      if (waitMs > 0) return waitMs;
    }
    if (this.reserved.length > 0) return 0;
    const { host, holder, intervalMs } = this.wish;
    const wish = { holder, intervalMs, turns: this.group, withinMs: MAX_WAIT_MS };
    const turns = await this.gate.reserve(host, wish);
    if (turns.reason !== null) return turns.waitMs;
    if (this.permits === 0) return await this.refill(); // the host was paused meanwhile
    const firstMs = performance.now() + turns.firstInMs;
    this.reserved = Array.from({ length: turns.turns }, (_, index) => firstMs + index * turns.intervalMs);
    return 0;
  }

  /** Answers that are still untold come before what is told now. */
  private async tell(report: HostReport = { ok: 0, throttled: 0, failed: 0 }): Promise<void> {
    const ok = this.untold;
    this.untold = 0;
    if (ok + report.throttled + report.failed === 0) return;
    const state = await this.gate.report(this.host, { ...report, ok });
    await this.heed(state);
  }

  private async heed({ reason }: HostState): Promise<void> {
    if (reason !== null) {
      // Turns from before the pause would fall into it, and the host gives fewer permits after it.
      this.reserved = [];
      this.permits = 0;
    } else if (this.isProbe) await this.enter(); // the probe went well: the host gives more again
  }

  private async end(): Promise<void> {
    try {
      await this.tell();
    } finally {
      this.reserved = [];
      this.permits = 0;
      // What is still asking would else get permits that nobody gives back.
      await this.entering.catch(() => undefined);
      await this.gate.leave(this.host, this.wish.holder);
    }
  }
}

/** Takes permits for a batch; throws Fault HOST_BUSY with `retryAfterMs` when there are none, and the signal's reason. */
export async function openGateLane(gate: HostGate, wish: LaneWish): Promise<HostLane> {
  wish.signal.throwIfAborted();
  const lane = new GateLane(gate, wish);
  const waitMs = await lane.enter();
  if (waitMs > 0) throw busy(wish.host, waitMs);
  return lane;
}

function busy(host: string, retryAfterMs: number): Fault {
  return new Fault('HOST_BUSY', { detail: `${host} has no free turn`, retryAfterMs });
}
