export interface FieldError {
  /** Where in the request: `input.url`. */
  readonly path: string;
  readonly message: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors: readonly FieldError[];
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

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.retryable = problem.retryable;
    this.errors = problem.errors;
  }
}

/** No answer, or half of one: refused, reset, timed out. `url` is the base URL of the client. */
export class GleanerUnreachable extends Error {
  override readonly name = 'GleanerUnreachable';
  readonly url: string;

  constructor(url: string, reason: string, cause?: unknown) {
    super(`cannot reach ${url}: ${reason}`, cause === undefined ? undefined : { cause });
    this.url = url;
  }
}

const RETRYABLE_STATUSES = new Set([429, 502, 503, 504]);

/** Reads a problem document; whatever else is there (a proxy's page) becomes a problem with what is known. */
export function parseProblem(status: number, body: string): Problem {
  const fields = parseObject(body);
  const title = textOf(fields['title']) ?? `HTTP ${status}`;
  return {
    status,
    title,
    code: textOf(fields['code']) ?? `HTTP_${status}`,
    detail: textOf(fields['detail']) ?? title,
    retryable: typeof fields['retryable'] === 'boolean' ? fields['retryable'] : RETRYABLE_STATUSES.has(status),
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
