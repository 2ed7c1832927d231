import { Fault, type ModelOutcome } from '@gleaner/domain';
import type { Candidate } from './candidate.js';
import type { Pauses } from './pauses.js';
import { ProviderFailure } from './providers/provider-failure.js';

/** Why a model did not answer. `mayPass`: asking again later can help. */
export interface Pass {
  readonly outcome: ModelOutcome;
  readonly mayPass: boolean;
  readonly retryAfterMs?: number;
}

/** A key is looked at again after this long: its owner may have mended it at the provider. */
const MISCONFIGURED_PAUSE_MS = 600_000;
/** For a 429 that says nothing. */
const LIMITED_PAUSE_MS = 15_000;

/** Why a call need not be tried, as far as this process knows; null: it may be. */
export function passOver(
  pauses: Pauses,
  {
    candidate,
    inputTokens,
    maxOutputTokens,
  }: { readonly candidate: Candidate; readonly inputTokens: number; readonly maxOutputTokens: number },
): Pass | null {
  const { planned, id } = candidate;
  if (candidate.provider === null) return { outcome: 'not-configured', mayPass: false };
  if (inputTokens + maxOutputTokens > candidate.capability.contextTokens) return { outcome: 'too-long', mayPass: false };
  if (pauses.remainingMs(refusedName(planned.provider)) + pauses.remainingMs(refusedName(id)) > 0)
    return { outcome: 'misconfigured', mayPass: false };
  const limitedMs = pauses.remainingMs(id);
  if (limitedMs > 0) return { outcome: 'rate-limited', mayPass: true, retryAfterMs: limitedMs };
  return candidate.breaker.isOpen() ? { outcome: 'breaker-open', mayPass: true } : null;
}

/** What a failure means: told to breaker and pauses. Null: no other model would mend it. */
export function verdict(pauses: Pauses, { breaker, planned, id }: Candidate, error: unknown): Pass | null {
  if (!(error instanceof ProviderFailure)) {
    breaker.failed();
    return null;
  }
  if (error.kind === 'rejected') {
    breaker.succeeded();
    return null;
  }
  if (error.kind === 'misconfigured') {
    breaker.succeeded();
    // 404: this name alone; 401 and 403: the key, for whatever it is used.
    pauses.pause(refusedName(error.status === 404 ? id : planned.provider), MISCONFIGURED_PAUSE_MS);
    return { outcome: 'misconfigured', mayPass: false };
  }
  if (error.kind === 'rate-limited') {
    breaker.succeeded();
    const retryAfterMs = error.retryAfterMs ?? LIMITED_PAUSE_MS;
    pauses.pause(id, retryAfterMs);
    return { outcome: 'rate-limited', mayPass: true, retryAfterMs };
  }
  breaker.failed();
  if (error.retryAfterMs === undefined) return { outcome: error.kind, mayPass: true };
  pauses.pause(id, error.retryAfterMs);
  return { outcome: error.kind, mayPass: true, retryAfterMs: error.retryAfterMs };
}

function refusedName(name: string): string {
  return `refused/${name}`;
}

/** The request itself is refused, whoever is asked. */
export function rejection(id: string, { status }: ProviderFailure): Fault {
  return new Fault('MODEL_REJECTED', { detail: `${id} refused the request${status === undefined ? '' : ` with ${status}`}.` });
}
