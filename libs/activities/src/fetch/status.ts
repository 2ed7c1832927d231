import { Fault } from '@gleaner/domain';
import { PageRefusal } from './refusal.js';

const MAX_PAUSE_MS = 600_000;
/** A 429 that does not say how long. */
const DEFAULT_PAUSE_MS = 5_000;

/** Retry-After as seconds or HTTP date (RFC 9110 §10.2.3) in milliseconds, at most ten minutes; null when absent or unreadable. */
function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), MAX_PAUSE_MS);
}

export interface StatusFacts {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly url: URL;
  readonly now: number;
}

/** How long a 429 or 503 asks the whole host to pause, in milliseconds; null when the answer does not say. */
export function retryAfterOf(facts: StatusFacts): number | null {
  return facts.status === 429 || facts.status === 503 ? retryAfterMs(facts.retryAfter, facts.now) : null;
}

/**
 * Returns when the answer carries a page. Throws a PageRefusal for what a retry cannot change (404, 410, other 4xx,
 * 204) and a retryable Fault for 429 and 5xx.
 */
export function checkStatus(facts: StatusFacts): void {
  const { status, url } = facts;
  if (status === 204 || status === 205) throw new PageRefusal('EMPTY_CONTENT', `${url.host} answered ${status}: no content`, status);
  if (status >= 200 && status < 300) return;
  if (status === 404 || status === 410) throw new PageRefusal('HTTP_404', `${url.host} answered ${status}`, status);
  const pauseMs = retryAfterOf(facts) ?? (status === 429 ? DEFAULT_PAUSE_MS : null);
  if (status === 429)
    throw new Fault('RATE_LIMITED_BY_SITE', { detail: `${url.host} answered 429`, ...(pauseMs === null ? {} : { retryAfterMs: pauseMs }) });
  if (status >= 500)
    throw new Fault('HTTP_SERVER_ERROR', {
      detail: `${url.host} answered ${status}`,
      ...(pauseMs === null ? {} : { retryAfterMs: pauseMs }),
    });
  throw new PageRefusal('HTTP_CLIENT_ERROR', `${url.host} answered ${status}`, status);
}
