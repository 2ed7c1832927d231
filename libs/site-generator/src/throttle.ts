import type { ThrottleOptions } from './site-options.js';

/** A token bucket of one second's worth. */
export class Throttle {
  private tokens: number;
  private filledMs: number | undefined;

  constructor(private readonly options: ThrottleOptions) {
    this.tokens = options.maxPerSecond;
  }

  /** The Retry-After field of a refusal, undefined when the request may pass. Both times in milliseconds. */
  refusal(monotonicMs: number, wallMs: number): string | undefined {
    const { maxPerSecond, retryAfterSeconds, retryAfterAs } = this.options;
    const passedMs = monotonicMs - (this.filledMs ?? monotonicMs);
    this.filledMs = monotonicMs;
    this.tokens = Math.min(maxPerSecond, this.tokens + (passedMs * maxPerSecond) / 1_000);
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return undefined;
    }
    // A date has whole seconds: rounded up, never too early.
    return retryAfterAs === 'date'
      ? new Date(Math.ceil(wallMs / 1_000) * 1_000 + retryAfterSeconds * 1_000).toUTCString()
      : String(retryAfterSeconds);
  }
}
