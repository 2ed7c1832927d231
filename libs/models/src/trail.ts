import { Fault, type ModelAttempt, type ModelOutcome, type ModelReceipt, type ModelUsage } from '@gleaner/domain';
import type { Candidate } from './candidate.js';
import type { Answered } from './turn.js';
import type { Pass } from './verdict.js';

/** The way of one question through its chain: who was asked, why they did not answer, what it cost. */
export interface Trail {
  passed(candidate: Candidate, pass: Pass, startedAt: number): void;
  answered(answer: Answered, outcome: ModelOutcome, startedAt: number): void;
  receipt(): Omit<ModelReceipt, 'provider' | 'model'>;
  /** What nobody answered is thrown as. */
  exhausted(role: string): Fault;
}

const MAX_RETRY_AFTER_MS = 600_000;

export function createTrail(now: () => number): Trail {
  const attempts: ModelAttempt[] = [];
  const passes: Pass[] = [];
  let usage: ModelUsage = { inputTokens: 0, outputTokens: 0, estimated: false };
  let microUsd = 0;
  let priced = true;
  const add = (provider: string, model: string, outcome: ModelOutcome, startedAt: number): void =>
    void attempts.push({ provider, model, outcome, durationMs: Math.max(0, now() - startedAt) });
  return {
    passed({ planned }, pass, startedAt) {
      passes.push(pass);
      add(planned.provider, planned.model, pass.outcome, startedAt);
    },
    answered(answer, outcome, startedAt) {
      add(answer.provider, answer.model, outcome, startedAt);
      if (outcome === 'invalid-answer') passes.push({ outcome, mayPass: false });
      usage = {
        inputTokens: usage.inputTokens + answer.usage.inputTokens,
        outputTokens: usage.outputTokens + answer.usage.outputTokens,
        estimated: usage.estimated || answer.usage.estimated,
      };
      microUsd += answer.microUsd ?? 0;
      priced &&= answer.microUsd !== null;
    },
    receipt: () => ({ usage, costUsd: microUsd / 1_000_000, priced, attempts: [...attempts] }),
    exhausted(role) {
      const story = attempts.map(({ provider, model, outcome }) => `${provider}:${model} ${outcome}`).join(', ');
      const detail = attempts.length === 0 ? `No model is set for ${role}.` : `No model answered for ${role}: ${story}.`;
      const waits = passes.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
      if (passes.some(({ mayPass }) => mayPass))
        return new Fault('MODEL_FAILED', {
          detail,
          ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(MAX_RETRY_AFTER_MS, ...waits) }),
        });
      const isInvalid = passes.some(({ outcome }) => outcome === 'invalid-answer');
      return new Fault(isInvalid ? 'MODEL_ANSWER_INVALID' : 'MODEL_REJECTED', { detail });
    },
  };
}
