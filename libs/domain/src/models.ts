import type { WantedField } from './fields/wanted-fields.js';

/** What stages ask of language models, and what a model may cost. Prompts and keys never pass through a workflow: see `ModelCall.key`. */

export const MODEL_ROLES = ['extract', 'learn', 'answer', 'embed'] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];
/** The roles that read and write text; each has a chain of models. `embed` has one: vectors of two models do not compare. */
export type TextRole = Exclude<ModelRole, 'embed'>;

export interface ModelMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ModelCall {
  readonly role: TextRole;
  /** Instructions only, never text of a page: that goes into a delimited message. */
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly maxOutputTokens: number;
  /** Whose budget pays; null: the budgets of day and provider only. */
  readonly jobId: string | null;
  /**
   * Names what is asked for, the same at every attempt of an activity: what was answered under it is answered again without a
   * call, and what was charged under it is not charged twice. For example job id, step and a hash of what is asked; rendered prompts
   * have random boundaries and are no key.
   */
  readonly key: string;
}

export interface StructuredCall extends ModelCall {
  /** Letters, digits, `_` and `-`; at most 64. */
  readonly name: string;
  /** JSON Schema (draft 2020-12) of an object. Objects that say nothing about further keys refuse them. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface ModelUsage {
  readonly inputTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  /** The provider said nothing, so the tokens were counted from the text. */
  readonly estimated: boolean;
}

/** Why a model was passed over; `answered` and `replayed` (kept from an earlier attempt, no call was made) end a chain. */
export type ModelOutcome =
  | 'answered'
  | 'replayed'
  | 'not-configured'
  | 'too-long'
  | 'misconfigured'
  /** The request itself is refused, which ends the chain. */
  | 'rejected'
  | 'rate-limited'
  | 'budget'
  | 'breaker-open'
  | 'unavailable'
  | 'timeout'
  | 'unreachable'
  | 'broken-answer'
  | 'invalid-answer';

export interface ModelAttempt {
  readonly provider: string;
  readonly model: string;
  readonly outcome: ModelOutcome;
  /** A call left for the provider; of `replayed`, at an earlier attempt. False where it was passed over before. */
  readonly called: boolean;
  readonly durationMs: number;
  /** Of an answer that was kept from an earlier attempt: what it had taken. Absent where it is new. */
  readonly kept?: Pick<ModelReceipt, 'usage' | 'costUsd'>;
}

/** Who answered and what it cost, all turns and all models of the chain included. */
export interface ModelReceipt {
  readonly provider: string;
  readonly model: string;
  readonly usage: ModelUsage;
  readonly costUsd: number;
  /** False: the price of a model is not known, and it counts as 0 in `costUsd`. */
  readonly priced: boolean;
  readonly attempts: readonly ModelAttempt[];
}

export interface ModelAnswer extends ModelReceipt {
  readonly text: string;
  /** `length`: cut at `maxOutputTokens`. `refused`: the model or its filter declined, which is an answer and no outage. */
  readonly finish: 'stop' | 'length' | 'refused';
}

export type StructuredAnswer<T> = ModelReceipt & ({ readonly kind: 'value'; readonly value: T } | { readonly kind: 'refused' });

export type ModelChunk = { readonly type: 'text'; readonly text: string } | { readonly type: 'end'; readonly answer: ModelAnswer };

/**
 * Models in their order. All methods throw Fault MODEL_FAILED (no model answered, may pass), MODEL_REJECTED (the request or every
 * key is refused), MODEL_BUDGET_REACHED, and the signal's reason when it is aborted. No fault says anything of prompt or key.
 */
export interface LanguageModel {
  text(call: ModelCall, signal: AbortSignal): Promise<ModelAnswer>;
  /** A value that fits the schema; one repair turn. Throws MODEL_ANSWER_INVALID too. The schema describes `T`: nothing else checks it. */
  structured<T>(call: StructuredCall, signal: AbortSignal): Promise<StructuredAnswer<T>>;
  /** Texts, then one `end`. Another model takes over before the first text only; later failures throw MODEL_FAILED. */
  stream(call: ModelCall, signal: AbortSignal): AsyncIterable<ModelChunk>;
}

export interface FieldsQuestion {
  readonly jobId: string;
  /** See `ModelCall.key`. */
  readonly key: string;
  readonly fields: readonly WantedField[];
  /** Of a stranger: it reaches the model as delimited data only. */
  readonly pageText: string;
}

/** Reads fields off a page; absent where no model is set for the role `extract`. Faults as of `LanguageModel`. */
export interface FieldReader {
  /** By path, unchecked: what a model says has to be judged against page and schema. Empty when it declined. */
  read(question: FieldsQuestion, signal: AbortSignal): Promise<ModelReceipt & { readonly answers: Readonly<Record<string, unknown>> }>;
}

export interface SelectorsQuestion {
  readonly jobId: string;
  readonly key: string;
  /** `content`, `exclude`, `title` … */
  readonly parts: readonly string[];
  /** Skeleton of a page of the template, of a stranger. */
  readonly skeleton: string;
  /** What the best rules so far do not get right, of a stranger too; empty in the first round. */
  readonly misses: string;
}

/** Proposes selectors for a template; absent where no model is set for the role `learn`. Faults as of `LanguageModel`. */
export interface SelectorProposer {
  /** `{field, selector, attribute?}` each, unchecked: learning judges them. Empty when it declined. */
  propose(question: SelectorsQuestion, signal: AbortSignal): Promise<ModelReceipt & { readonly proposals: readonly unknown[] }>;
}

/** Calls that left for a provider, at this attempt or an earlier one. */
export function callsOf({ attempts }: Pick<ModelReceipt, 'attempts'>): number {
  return attempts.filter(({ called }) => called).length;
}

/** Integers; money in millionths of a US dollar, so that sums are exact. */
export interface ModelAmounts {
  readonly calls: number;
  readonly tokens: number;
  readonly microUsd: number;
}

export interface BudgetScope {
  readonly kind: 'job' | 'day' | 'provider';
  /** `job:ID`, `day:2026-01-31`, `provider:NAME:2026-01-31`. */
  readonly key: string;
  /** 0: no limit. */
  readonly limits: ModelAmounts;
}

export interface BudgetRequest {
  readonly key: string;
  /** `provider:model`; a call that moves on to the next one is a charge of its own. */
  readonly candidate: string;
  readonly scopes: readonly BudgetScope[];
  readonly amounts: ModelAmounts;
  /** A holder that has not settled by then is taken for dead, and its amounts are free again. */
  readonly holdMs: number;
}

export type BudgetGrant =
  | { readonly kind: 'granted' }
  /** What was settled under the same key, whoever answered it. */
  | { readonly kind: 'kept'; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly scope: BudgetScope['kind']; readonly unit: keyof ModelAmounts; readonly limit: number };

/** Reserve, call, settle: over all processes no scope ever holds more than its limits. */
export interface ModelBudget {
  /** All scopes or none. The same key and candidate again holds what it held: it is charged the difference only. */
  reserve(request: BudgetRequest): Promise<BudgetGrant>;
  /**
   * Replaces what was reserved by what was used; safe to repeat. An answer that is given is kept for two days, if its JSON has at
   * most 256,000 characters.
   */
  settle(request: BudgetRequest, used: ModelAmounts, answer?: unknown): Promise<void>;
  /** Frees what dead holders had, forgets old answers and sums, some rows at a time. Returns how many went. */
  sweep(): Promise<number>;
}
