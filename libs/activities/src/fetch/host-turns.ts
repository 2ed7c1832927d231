import { Fault, type HostGate } from '@gleaner/domain';
import { type EgressPolicy, targetOf } from '@gleaner/egress';
import { pause } from './deadline.js';
import { type HostLane, openGateLane } from './host-lane.js';
import { type HostOutcome, reportOf } from './host-outcome.js';

/** Longer waits leave the slot to another page: the fault says when to come back. */
const MAX_WAIT_MS = 2_000;
/** Pages that batches fetch of one listed host at once. */
const LISTED_CONCURRENCY = 48;

export interface HostTurnsDeps {
  readonly gate: HostGate;
  readonly policy: EgressPolicy;
  /** Least time between two requests to one public host. */
  readonly hostIntervalMs: number;
  /** Most pages that batches fetch of one public host at once. */
  readonly hostConcurrency: number;
}

/** The turns of one page on its way through redirects, and what became of them. */
export interface PageTurns {
  /**
   * Takes the host's next turn. For the first request to a host it waits up to 2 s and throws Fault HOST_BUSY with
   * `retryAfterMs` when the turn is further away. A later request of the same page to that host waits as long at most and then
   * goes on: the retry would begin at the first request again and meet the same wait for ever.
   */
  take(url: URL, crawlDelayMs: number, signal: AbortSignal): Promise<void>;
  /** Tells what the request told of its host: it may be held back, or get better again. */
  report(url: URL, outcome: HostOutcome): Promise<void>;
}

export interface LaneRequest {
  /** Any page of the host; its robots.txt allowed the batch, and said the Crawl-delay. */
  readonly url: URL;
  readonly crawlDelayMs: number;
  readonly wanted: number;
  /** Most pages that the crawl fetches at once, in all of its batches. */
  readonly kinLimit: number;
  /** Unique over all processes, the same in every attempt of one batch; it begins with the name of the crawl and a blank. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** Politeness towards one host at a time, over all jobs and processes. */
export interface HostTurns {
  /** With a lane the turns of its host are the lane's. */
  ofPage(lane?: HostLane): PageTurns;
  /** The way of a batch to one host; throws Fault HOST_BUSY with `retryAfterMs` when no permit is free. */
  openLane(request: LaneRequest): Promise<HostLane>;
}

export function createHostTurns(deps: HostTurnsDeps): HostTurns {
  const isListed = (url: URL): boolean => deps.policy.isListed(targetOf(url));
  const intervalOf = (url: URL, crawlDelayMs: number): number => Math.max(crawlDelayMs, isListed(url) ? 0 : deps.hostIntervalMs);

  /** Waits for a turn; returns how long is left to wait when it is too far away, 0 when it was taken. */
  async function wait(url: URL, crawlDelayMs: number, signal: AbortSignal): Promise<number> {
    const intervalMs = intervalOf(url, crawlDelayMs);
    for (let leftMs = MAX_WAIT_MS; ;) {
      signal.throwIfAborted();
      const turn = await deps.gate.take(url.host, intervalMs);
      if (turn.granted) return 0;
      if (turn.waitMs > leftMs) return turn.waitMs;
      const waitMs = Math.max(turn.waitMs, 1);
      await pause(waitMs, signal);
      leftMs -= waitMs;
    }
  }
  return {
    ofPage(lane) {
      const visited = new Set<string>();
      return {
        async take(url, crawlDelayMs, signal) {
          const waitMs = url.host === lane?.host ? await waitInLane(lane, signal) : await wait(url, crawlDelayMs, signal);
          if (waitMs > 0 && !visited.has(url.host))
            throw new Fault('HOST_BUSY', { detail: `${url.host} has no free turn`, retryAfterMs: waitMs });
          if (waitMs > 0) await pause(MAX_WAIT_MS, signal);
          visited.add(url.host);
        },
        async report(url, outcome) {
          if (url.host === lane?.host) await lane.report(outcome);
          else await deps.gate.report(url.host, reportOf(outcome));
        },
      };
    },
    openLane({ url, crawlDelayMs, ...wish }) {
      const limit = isListed(url) ? LISTED_CONCURRENCY : deps.hostConcurrency;
      return openGateLane(deps.gate, { ...wish, host: url.host, intervalMs: intervalOf(url, crawlDelayMs), limit });
    },
  };
}

async function waitInLane(lane: HostLane, signal: AbortSignal): Promise<number> {
  try {
    await lane.turn(signal);
    return 0;
  } catch (error) {
    if (error instanceof Fault && error.code === 'HOST_BUSY' && error.retryAfterMs !== undefined) return error.retryAfterMs;
    throw error;
  }
}
