export interface BreakerOptions {
  readonly now: () => number;
  /** Failures in a row that open it. */
  readonly failures?: number;
  /** How long it stays open before one call may try. */
  readonly openMs?: number;
}

const FAILURES = 5;
const OPEN_MS = 30_000;

/** Circuit breaker of one model: closed → open → half-open (one call at a time) → closed or open. State of this process alone. */
export interface Breaker {
  /** True: the caller may call, and tells the end by exactly one of the three below. */
  enter(): boolean;
  /** What `enter` would say, without entering. */
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
  /** The call ended without a verdict on the provider: its caller went away. */
  released(): void;
}

export function createBreaker({ now, failures = FAILURES, openMs = OPEN_MS }: BreakerOptions): Breaker {
  let inRow = 0;
  let openUntil = 0;
  let isTrying = false;
  const isTripped = (): boolean => inRow >= failures;
  const isOpen = (): boolean => isTripped() && (isTrying || now() < openUntil);
  return {
    isOpen,
    enter() {
      if (isOpen()) return false;
      if (isTripped()) isTrying = true;
      return true;
    },
    succeeded() {
      inRow = 0;
      isTrying = false;
    },
    failed() {
      inRow++;
      isTrying = false;
      if (isTripped()) openUntil = now() + openMs;
    },
    released() {
      isTrying = false;
    },
  };
}
