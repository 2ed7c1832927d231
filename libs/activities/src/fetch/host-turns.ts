import { Fault, type HostGate } from '@gleaner/domain';
import { type EgressPolicy, targetOf } from '@gleaner/egress';
import { pause } from './deadline.js';
import { type StatusFacts, pauseOf } from './status.js';

/** Longer waits leave the slot to another page: the fault says when to come back. */
const MAX_WAIT_MS = 2_000;

export interface HostTurnsDeps {
  readonly gate: HostGate;
  readonly policy: EgressPolicy;
  /** Least time between two requests to one public host. */
  readonly hostIntervalMs: number;
}

/** The turns of one page on its way through redirects. */
export interface PageTurns {
  /**
   * Takes the host's next turn. For the first request to a host it waits up to 2 s and throws Fault HOST_BUSY with
   * `retryAfterMs` when the turn is further away. A later request of the same page to that host waits as long at most and then
   * goes on: the retry would begin at the first request again and meet the same wait for ever.
   */
  take(url: URL, crawlDelayMs: number, signal: AbortSignal): Promise<void>;
}

/** Politeness towards one host at a time, over all jobs and processes. */
export interface HostTurns {
  ofPage(): PageTurns;
  /** Holds the host back when the answer asks for it (429, 503 with Retry-After). */
  heed(facts: StatusFacts): Promise<void>;
}

export function createHostTurns(deps: HostTurnsDeps): HostTurns {
  /** Waits for a turn; returns how long is left to wait when it is too far away, 0 when it was taken. */
  async function wait(url: URL, crawlDelayMs: number, signal: AbortSignal): Promise<number> {
    const intervalMs = Math.max(crawlDelayMs, deps.policy.isListed(targetOf(url)) ? 0 : deps.hostIntervalMs);
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
    ofPage() {
      const visited = new Set<string>();
      return {
        async take(url, crawlDelayMs, signal) {
          const waitMs = await wait(url, crawlDelayMs, signal);
          if (waitMs > 0 && !visited.has(url.host))
            throw new Fault('HOST_BUSY', { detail: `${url.host} has no free turn`, retryAfterMs: waitMs });
          if (waitMs > 0) await pause(MAX_WAIT_MS, signal);
          visited.add(url.host);
        },
      };
    },
    async heed(facts) {
      const pauseMs = pauseOf(facts);
      if (pauseMs !== null && pauseMs > 0) await deps.gate.pause(facts.url.host, pauseMs);
    },
  };
}
