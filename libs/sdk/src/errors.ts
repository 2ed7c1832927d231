export interface FieldError {
  /** Where in the request: `input.url`. */
  readonly path: string;
  readonly message: string;
}

/** The limit that a 429 speaks of. */
export interface ReachedLimit {
  readonly name: string;
  readonly value: number;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors: readonly FieldError[];
  readonly limit: ReachedLimit | null;
  readonly retryAfterMs: number | null;
}

/** The API answered with a problem (RFC 9457). */
export class GleanerError extends Error {
  override readonly name = 'GleanerError';
  /** HTTP status. */
  readonly status: number;
  /** A code of the error table, `INVALID_INPUT`; `HTTP_<status>` when something between answered instead of the API. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The same request can succeed later. */
  readonly retryable: boolean;
  /** What is wrong with which field of the request. */
  readonly errors: readonly FieldError[];
  /** With 429: which limit was reached. */
  readonly limit: ReachedLimit | null;
  /** How long the API asks to be left alone (`Retry-After`), as it does when a limit is reached; null when it says nothing. */
  readonly retryAfterMs: number | null;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.retryable = problem.retryable;
    this.errors = problem.errors;
    this.limit = problem.limit;
    this.retryAfterMs = problem.retryAfterMs;
  }
}

/** No answer, or half of one: refused, reset, timed out. `url` is the base URL of the client. */
export class GleanerUnreachable extends Error {
  override readonly name = 'GleanerUnreachable';
  readonly url: string;
  /** Nothing was refused: the same request can succeed later. */
  readonly retryable = true;

  constructor(url: string, reason: string, cause?: unknown) {
    super(`cannot reach ${url}: ${reason}`, cause === undefined ? undefined : { cause });
    this.url = url;
  }
}

const RETRYABLE_STATUSES = new Set([429, 502, 503, 504]);

/** Reads a problem document; whatever else is there (a proxy's page) becomes a problem with what is known. */
export function parseProblem(status: number, body: string, retryAfterMs: number | null = null): Problem {
  const fields = parseObject(body);
  const title = textOf(fields['title']) ?? `HTTP ${status}`;
  return {
    status,
    title,
    code: textOf(fields['code']) ?? `HTTP_${status}`,
    detail: textOf(fields['detail']) ?? title,
    retryable: typeof fields['retryable'] === 'boolean' ? fields['retryable'] : RETRYABLE_STATUSES.has(status),
    retryAfterMs,
    limit: limitOf(fields['limit']),
    errors: Array.isArray(fields['errors']) ? fields['errors'].flatMap(fieldError) : [],
  };
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not JSON: a proxy's error page says nothing that a program could use.
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fieldError(value: unknown): FieldError[] {
  if (typeof value !== 'object' || value === null) return [];
  const { path, message } = value as Record<string, unknown>;
  return typeof message === 'string' ? [{ path: typeof path === 'string' ? path : '', message }] : [];
}

function limitOf(value: unknown): ReachedLimit | null {
  const { name, value: most } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof most === 'number' ? { name, value: most } : null;
}
