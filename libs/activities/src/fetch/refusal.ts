import { type ErrorCode, Fault, type FetchOutcome, type PageReason } from '@gleaner/domain';

/** A refused page, before the time it took is known. */
export type Refused = Omit<Extract<FetchOutcome, { kind: 'refused' }>, 'durationMs'>;

/** Codes that say something about the page: they leave as outcomes. The others leave as Faults. */
const REASONS: Partial<Record<ErrorCode, PageReason>> = {
  BLOCKED_ADDRESS: 'blocked_address',
  BLOCKED_PORT: 'blocked_address',
  BLOCKED_SCHEME: 'blocked_address',
  ROBOTS_DISALLOWED: 'robots',
  REDIRECT_LIMIT: 'redirect_limit',
  REDIRECT_INVALID: 'redirect_invalid',
  TOO_LARGE: 'too_large',
  UNSUPPORTED_CONTENT_TYPE: 'content_type',
  UNSUPPORTED_ENCODING: 'encoding',
  HTTP_404: 'http_404',
  HTTP_CLIENT_ERROR: 'http_error',
  TLS_FAILED: 'tls',
  EMPTY_CONTENT: 'empty',
  BROWSER_UNAVAILABLE: 'browser_unavailable',
};

/** Stops the work on a page from anywhere inside it; never leaves a stage. */
export class PageRefusal extends Error {
  override readonly name = 'PageRefusal';
  readonly refused: Refused;

  constructor(code: ErrorCode, detail: string, status?: number) {
    super(detail);
    this.refused = { kind: 'refused', reason: REASONS[code] ?? 'http_error', code, detail, ...(status === undefined ? {} : { status }) };
  }
}

/** The refusal that an error means, or null when it is a fault that a later try may not meet. */
export function refusalOf(error: unknown): Refused | null {
  if (error instanceof PageRefusal) return error.refused;
  if (error instanceof Fault && REASONS[error.code] !== undefined) return new PageRefusal(error.code, error.message).refused;
  return null;
}
