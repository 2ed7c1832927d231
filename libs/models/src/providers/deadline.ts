import { ProviderFailure } from './provider-failure.js';

export interface Deadline {
  /** Aborted at the end of the time, and with the signal of the caller. */
  readonly signal: AbortSignal;
}

/**
 * Runs `work` with a time limit. Ends when the time or the caller ends it, even if `work` does not look: throws ProviderFailure
 * `timeout`, or the reason of the caller's signal.
 */
export async function withDeadline<T>(signal: AbortSignal, timeoutMs: number, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let stop: (failure: unknown) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = (failure) => {
      reject(failure);
      controller.abort(failure);
    };
  });
  const cancelled = (): void => stop(signal.reason);
  const timer = setTimeout(() => stop(new ProviderFailure('timeout')), timeoutMs);
  signal.addEventListener('abort', cancelled, { once: true });
  try {
    return await Promise.race([stopped, work({ signal: controller.signal })]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancelled);
  }
}
