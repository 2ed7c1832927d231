import {
  type Fault,
  type ModelAttempt,
  ModelFault,
  type ModelOutcome,
  type ModelReceipt,
  type ModelUsage,
  afterTries,
  isModelFault,
} from '@gleaner/domain';
import type { Candidate } from './candidate.js';
import type { Answered } from './turn.js';
import type { Pass } from './verdict.js';

/** The way of one question through its chain: who was asked, why they did not answer, what it cost. */
export interface Trail {
  /** `called`: a call left for the provider before. */
  passed(candidate: Candidate, pass: Pass, at: { readonly startedAt: number; readonly called: boolean }): void;
  /** `isKept`: an earlier attempt had been answered so. */
  answered(answer: Answered, outcome: ModelOutcome, startedAt: number, isKept?: boolean): void;
  receipt(): Omit<ModelReceipt, 'provider' | 'model'>;
  /** What nobody answered is thrown as. */
  exhausted(role: string): Fault;
  /** A fault of models that came from elsewhere, with what was spent before it; anything else as it is. */
  spentBefore(error: unknown): unknown;
}

const MAX_RETRY_AFTER_MS = 600_000;
const MICRO = 1_000_000;

export function createTrail(now: () => number): Trail {
  const attempts: ModelAttempt[] = [];
  const passes: Pass[] = [];
  let usage: ModelUsage = { inputTokens: 0, outputTokens: 0, estimated: false };
  let microUsd = 0;
  let priced = true;
  const add = (attempt: Omit<ModelAttempt, 'durationMs'>, startedAt: number): void =>
    void attempts.push({ ...attempt, durationMs: Math.max(0, now() - startedAt) });
  const receipt = (): Omit<ModelReceipt, 'provider' | 'model'> => ({
    usage,
    costUsd: microUsd / MICRO,
    priced,
    attempts: [...attempts],
  });
  return {
    receipt,
    passed({ planned: { provider, model } }, pass, { startedAt, called }) {
      passes.push(pass);
      add({ provider, model, outcome: pass.outcome, called }, startedAt);
    },
    answered(answer, outcome, startedAt, isKept = outcome === 'replayed') {
      const kept = { usage: answer.usage, costUsd: (answer.microUsd ?? 0) / MICRO };
      add({ provider: answer.provider, model: answer.model, outcome, called: true, ...(isKept ? { kept } : {}) }, startedAt);
      if (outcome === 'invalid-answer') passes.push({ outcome, mayPass: false });
      usage = {
        inputTokens: usage.inputTokens + answer.usage.inputTokens,
        outputTokens: usage.outputTokens + answer.usage.outputTokens,
        estimated: usage.estimated || answer.usage.estimated,
      };
      microUsd += answer.microUsd ?? 0;
      priced &&= answer.microUsd !== null;
    },
    spentBefore(error) {
      if (!isModelFault(error) || error instanceof ModelFault) return error;
      return afterTries(error, [receipt()]);
    },
    exhausted(role) {
      const story = attempts.map(({ provider, model, outcome }) => `${provider}:${model} ${outcome}`).join(', ');
      const detail = attempts.length === 0 ? `No model is set for ${role}.` : `No model answered for ${role}: ${story}.`;
      const waits = passes.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
      if (passes.some(({ mayPass }) => mayPass))
        return new ModelFault(
          'MODEL_FAILED',
          { detail, ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(MAX_RETRY_AFTER_MS, ...waits) }) },
          receipt(),
        );
      const isInvalid = passes.some(({ outcome }) => outcome === 'invalid-answer');
      return new ModelFault(isInvalid ? 'MODEL_ANSWER_INVALID' : 'MODEL_REJECTED', { detail }, receipt());
    },
  };
}
