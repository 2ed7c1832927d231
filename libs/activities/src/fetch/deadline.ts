import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@gleaner/domain';

/** One limit for everything a page takes, ended early by the stage's own signal. */
export class Deadline {
  readonly signal: AbortSignal;
  private readonly expiry: AbortSignal;

  constructor(
    private readonly stage: AbortSignal,
    private readonly timeoutMs: number,
  ) {
    this.expiry = AbortSignal.timeout(timeoutMs);
    this.signal = AbortSignal.any([stage, this.expiry]);
  }

  /** The error to throw for one that was met: the cancellation or the expiry where there was one, else the error itself. */
  explain(error: unknown, host: string): unknown {
    if (this.stage.aborted) return this.stage.reason;
    if (this.expiry.aborted)
      return new Fault('FETCH_TIMEOUT', { detail: `${host} did not deliver the page within ${this.timeoutMs / 1_000} s`, cause: error });
    return error;
  }
}

/** Waits; rejects with the signal's reason when it is aborted. */
export async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs <= 0) return;
  await sleep(waitMs, undefined, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

/** The work's result, or the signal's reason as soon as it is aborted; the work itself goes on unheard. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
