import type { ErrorCode } from './errors.js';
import { Fault, type FaultOptions } from './fault.js';
import type { JobUsage } from './job.js';
import { type ModelReceipt, callsOf } from './models.js';

/** What a chain spent before it ended without an answer. */
export type ModelSpending = Pick<ModelReceipt, 'usage' | 'costUsd' | 'attempts'>;

/** A fault of models that knows what was spent before it: calls that fail are calls. */
export class ModelFault extends Fault {
  constructor(
    code: ErrorCode,
    options: FaultOptions,
    readonly spent: ModelSpending,
  ) {
    super(code, options);
  }
}

const MODEL_FAULTS: ReadonlySet<string> = new Set(['MODEL_FAILED', 'MODEL_REJECTED', 'MODEL_ANSWER_INVALID', 'MODEL_BUDGET_REACHED']);

/** A fault of models: whatever asked them goes on without. */
export function isModelFault(error: unknown): error is Fault {
  return error instanceof Fault && MODEL_FAULTS.has(error.code);
}

/** What a model took, in the words of a job's usage: of an answer, or of a chain that ended without one. */
export function spendingOf(end: ModelSpending | Fault): Pick<JobUsage, 'modelCalls' | 'tokens' | 'costUsd'> {
  const spent = end instanceof Fault ? (end instanceof ModelFault ? end.spent : null) : end;
  if (spent === null) return { modelCalls: 0, tokens: 0, costUsd: 0 };
  const { usage, costUsd, attempts } = spent;
  return { modelCalls: callsOf({ attempts }), tokens: usage.inputTokens + usage.outputTokens, costUsd };
}
