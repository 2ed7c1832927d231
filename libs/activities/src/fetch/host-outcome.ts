import { Fault, type HostReport } from '@gleaner/domain';
import { PageRefusal } from './refusal.js';
import { type StatusFacts, retryAfterOf } from './status.js';

/** What one request tells of its host. */
export type HostOutcome = { readonly kind: 'ok' | 'failed' } | { readonly kind: 'throttled'; readonly retryAfterMs: number | null };

export const ANSWERED: HostOutcome = { kind: 'ok' };

const FAILURES: ReadonlySet<string> = new Set(['CONNECT_FAILED', 'FETCH_TIMEOUT', 'DNS_FAILED']);

/**
 * 429 throttles, and 503 where it says when to come back; other 5xx are failures; everything else is an answer. A 503 that says nothing is as
 * often one broken page as a host that is too busy: taken for a throttle, a twentieth of broken pages would bring a crawl to a stand.
 */
export function outcomeOfStatus(facts: StatusFacts): HostOutcome {
  const retryAfterMs = retryAfterOf(facts);
  if (facts.status === 429 || retryAfterMs !== null) return { kind: 'throttled', retryAfterMs };
  return facts.status >= 500 ? { kind: 'failed' } : ANSWERED;
}

/** An exchange that failed; null when the error tells nothing of the host, for example that it may not be reached. */
export function outcomeOfError(error: unknown): HostOutcome | null {
  if (error instanceof PageRefusal) return ANSWERED;
  return error instanceof Fault && FAILURES.has(error.code) ? { kind: 'failed' } : null;
}

export function reportOf(outcome: HostOutcome): HostReport {
  if (outcome.kind !== 'throttled') return { ok: 0, throttled: 0, failed: 0, [outcome.kind]: 1 };
  const report = { ok: 0, throttled: 1, failed: 0 };
  return outcome.retryAfterMs === null ? report : { ...report, retryAfterMs: outcome.retryAfterMs };
}
