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

/** Politeness towards one host at a time, over all jobs and processes. */
export interface HostTurns {
  /** Waits up to 2 s for the host's next turn, and throws Fault HOST_BUSY with `retryAfterMs` when it is further away. */
  take(url: URL, crawlDelayMs: number, signal: AbortSignal): Promise<void>;
  /** Holds the host back when the answer asks for it (429, 503 with Retry-After). */
  heed(facts: StatusFacts): Promise<void>;
}

export function createHostTurns(deps: HostTurnsDeps): HostTurns {
  return {
    async take(url, crawlDelayMs, signal) {
      const intervalMs = Math.max(crawlDelayMs, deps.policy.isListed(targetOf(url)) ? 0 : deps.hostIntervalMs);
      let leftMs = MAX_WAIT_MS;
      for (;;) {
        signal.throwIfAborted();
        const turn = await deps.gate.take(url.host, intervalMs);
        if (turn.granted) return;
        if (turn.waitMs > leftMs) throw new Fault('HOST_BUSY', { detail: `${url.host} has no free turn`, retryAfterMs: turn.waitMs });
        const waitMs = Math.max(turn.waitMs, 1);
        await pause(waitMs, signal);
        leftMs -= waitMs;
      }
    },
    async heed(facts) {
      const pauseMs = pauseOf(facts);
      if (pauseMs !== null && pauseMs > 0) await deps.gate.pause(facts.url.host, pauseMs);
    },
  };
}
