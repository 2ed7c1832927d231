/**
 * `misconfigured`: the key or the name of the model is refused (401, 403, 404). `rejected`: what was sent is refused (400, 413,
 * 422). The others pass: the next model is asked.
 */
export type FailureKind = 'unavailable' | 'timeout' | 'unreachable' | 'rate-limited' | 'broken-answer' | 'misconfigured' | 'rejected';

export interface FailureDetails {
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** How long the provider asks to be left alone. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A call that gave no answer. The message says nothing of prompt, key or address; causes may, and are never shown. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly kind: FailureKind,
    { status, retryAfterMs, cause }: FailureDetails = {},
  ) {
    super(status === undefined ? kind : `${kind} (${status})`, cause === undefined ? undefined : { cause });
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing but money helps: asked again in ten minutes. */
const NO_CREDIT_PAUSE_MS = 600_000;

/**
 * What an HTTP status of a provider means. `code` is the machine-readable code or reason of its error body: OpenAI and those like it
 * say `insufficient_quota` with 429, Gemini says `API_KEY_INVALID` with 400.
 */
export function failureOf(status: number, code: string | undefined, retryAfterMs?: number): ProviderFailure {
  const details = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (code === 'API_KEY_INVALID') return new ProviderFailure('misconfigured', details);
  if (status === 402 || code === 'insufficient_quota')
    return new ProviderFailure('rate-limited', { status, retryAfterMs: NO_CREDIT_PAUSE_MS });
  if (status === 429) return new ProviderFailure('rate-limited', details);
  if (status === 408 || status === 409 || status >= 500) return new ProviderFailure('unavailable', details);
  if (status === 401 || status === 403 || status === 404) return new ProviderFailure('misconfigured', details);
  return new ProviderFailure('rejected', details);
}
