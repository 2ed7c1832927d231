import { ERRORS, type ErrorCode } from './errors.js';

/** A failure as jobs, events and documents carry it: safe to show, no secrets, no internal addresses. */
export interface FailureReport {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
}

export interface FaultOptions {
  readonly detail: string;
  /** Wait at least this long before the next try (from Retry-After or a host gate). */
  readonly retryAfterMs?: number;
  /** The limit that was reached. */
  readonly limit?: ReachedLimit;
  readonly cause?: unknown;
}

export interface ReachedLimit {
  readonly name: string;
  readonly value: number;
}

/** A fault: thrown, never returned. Outcomes that say something about the page are values (see `page.ts`). */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly limit: ReachedLimit | undefined;

  constructor(code: ErrorCode, options: FaultOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.limit = options.limit;
  }

  report(): FailureReport {
    return failureReport(this.code, this.message);
  }
}

export function failureReport(code: ErrorCode, detail: string): FailureReport {
  return { code, detail, retryable: ERRORS[code].retryable };
}
