import { ERRORS, type ErrorCode } from './errors.js';

/**
 * How often a fault is tried again before the page counts as failed. `patient` faults say nothing about the page (a busy
 * host, a database that restarts): they are retried until the schedule-to-close timeout of the activity. Counted faults
 * are about the page or its site: a few attempts tell, and a person who waits should hear of it.
 */
const ATTEMPTS: Partial<Record<ErrorCode, number>> = {
  HTTP_SERVER_ERROR: 4,
  RATE_LIMITED_BY_SITE: 6,
  FETCH_TIMEOUT: 2,
  DNS_FAILED: 3,
  CONNECT_FAILED: 3,
  BROWSER_FAILED: 3,
  MODEL_FAILED: 5,
  INTERNAL: 5,
};

/** True when the fault is about the page or unexpected: an attempt that ends with it counts. */
export function isCounted(code: ErrorCode): boolean {
  return ATTEMPTS[code] !== undefined;
}

/** True when attempt number `attempt` (1 = the first), of those that count, was the last one for this fault. */
export function isLastAttempt(code: ErrorCode, attempt: number): boolean {
  if (!ERRORS[code].retryable) return true;
  const most = ATTEMPTS[code];
  return most !== undefined && attempt >= most;
}
