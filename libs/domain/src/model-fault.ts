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

const MICRO = 1_000_000;

/** What tries of one question, under one key, took together, in their order: an answer that a later one was given again was paid once. */
export function spendingOfTries(tries: readonly ModelSpending[]): ModelSpending {
  const [first, ...later] = tries;
  const sum = { inputTokens: 0, outputTokens: 0, estimated: false, microUsd: 0 };
  const add = ({ usage, costUsd }: Pick<ModelSpending, 'usage' | 'costUsd'>, sign: 1 | -1): void => {
    sum.inputTokens += sign * usage.inputTokens;
    sum.outputTokens += sign * usage.outputTokens;
    sum.estimated ||= usage.estimated;
    sum.microUsd += sign * Math.round(costUsd * MICRO);
  };
  for (const one of tries) add(one, 1);
  for (const { kept } of later.flatMap(({ attempts }) => attempts)) if (kept !== undefined) add(kept, -1);
  const { microUsd, ...usage } = sum;
  const fresh = later.flatMap(({ attempts }) => attempts.filter(({ kept }) => kept === undefined));
  return { usage, costUsd: microUsd / MICRO, attempts: [...(first?.attempts ?? []), ...fresh] };
}

/** The fault, as the end of all of these tries. */
export function afterTries(fault: Fault, tries: readonly ModelSpending[]): ModelFault {
  const { code, message: detail, retryAfterMs, limit, cause } = fault;
  const options = { detail, cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(limit === undefined ? {} : { limit }) };
  return new ModelFault(code, options, spendingOfTries(tries));
}
