import {
  type ErrorCode,
  Fault,
  type FetchOutcome,
  type JudgedPage,
  type LeasedPage,
  type LedgerReason,
  type PageFetched,
  type PageReason,
  isLastAttempt,
} from '@gleaner/domain';

/** Refusals that say the page is not for us, or not what we collect; the others are failures of the page. */
const SKIPPED: ReadonlySet<PageReason> = new Set(['robots', 'content_type', 'too_large', 'blocked_address', 'empty']);

/** Faults about one page or its site: the page waits for another try. Every other fault concerns the whole batch. */
const REASON_OF: Partial<Record<ErrorCode, LedgerReason>> = {
  HTTP_SERVER_ERROR: 'http_error',
  RATE_LIMITED_BY_SITE: 'http_error',
  FETCH_TIMEOUT: 'timeout',
  DNS_FAILED: 'dns',
  CONNECT_FAILED: 'connect',
  BROWSER_FAILED: 'http_error',
};

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;

/** What a fetch gave; `target` is the page that it was redirected to, null when it is the same. */
export function fetchedPage(page: LeasedPage, outcome: FetchOutcome, target: JudgedPage | null): PageFetched {
  const { key } = page;
  if (outcome.kind === 'refused') {
    const { reason, code, detail, status, durationMs } = outcome;
    const state = SKIPPED.has(reason) ? 'skipped' : 'failed';
    const end = { key, state, reason, detail, code, ...(status === undefined ? {} : { status }) } as const;
    return { kind: 'ended', end, fetchMs: durationMs };
  }
  const { snapshot, notModified, durationMs: fetchMs } = outcome;
  if (target !== null) return { kind: 'redirected', key, to: target, snapshot, fetchMs };
  return { kind: 'fetched', key, snapshot, notModified, fetchMs };
}

/** A fault of one page: tried again later, or failed after its last attempt. Throws what is not about the page. */
export function faultedPage(page: LeasedPage, error: unknown): PageFetched {
  const reason = error instanceof Fault ? REASON_OF[error.code] : undefined;
  if (!(error instanceof Fault) || reason === undefined) throw error;
  const { key, attempts } = page;
  const { code, message: detail, retryAfterMs } = error;
  if (isLastAttempt(code, attempts)) return { kind: 'ended', end: { key, state: 'failed', reason, code, detail }, fetchMs: 0 };
  const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  return { kind: 'again', key, code, detail, afterMs: Math.max(pauseMs, retryAfterMs ?? 0) };
}
