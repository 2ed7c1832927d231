import { type BudgetRequest, Fault, type ModelAmounts, type ModelBudget, type ModelOutcome, estimateTokens } from '@gleaner/domain';
import { z } from 'zod';
import type { ScopesOf } from './budget-scopes.js';
import type { Candidate } from './candidate.js';
import type { Pauses } from './pauses.js';
import type { ChatAnswer } from './providers/provider.js';
import { ProviderFailure } from './providers/provider-failure.js';
import { type Pass, passOver, rejection, verdict } from './verdict.js';

/** What all turns of a process share. */
export interface Desk {
  /** Null: nothing is counted. */
  readonly budget: ModelBudget | null;
  readonly scopesOf: ScopesOf;
  readonly pauses: Pauses;
  readonly now: () => number;
  readonly timeoutMs: number;
}

export interface TurnRequest {
  readonly candidate: Candidate;
  readonly key: string;
  readonly jobId: string | null;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
}

/** What is kept under the key of a turn. A change of its form needs another `KEPT_FORM`. */
const Answered = z.object({
  provider: z.string(),
  model: z.string(),
  text: z.string(),
  finish: z.enum(['stop', 'length', 'refused']),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number(), estimated: z.boolean() }),
  /** null: the price is not known. */
  microUsd: z.number().nullable(),
});
export type Answered = z.infer<typeof Answered>;

const KEPT_FORM = 'v1';

/** An admitted call; its caller ends it in exactly one way. */
export interface Turn {
  /** `isKept`: the same key is answered with it from now on. */
  answered(answer: ChatAnswer, isKept: boolean): Promise<Answered>;
  /** Throws what no other model would mend: Fault MODEL_REJECTED, the reason of the signal, a defect. */
  failed(error: unknown): Promise<Pass>;
  /** Its reader went away after this text. */
  abandoned(text: string): Promise<void>;
}

export type Opened =
  | { readonly kind: 'open'; readonly turn: Turn }
  | { readonly kind: 'kept'; readonly answer: Answered }
  | { readonly kind: 'passed'; readonly pass: Pass };

const NOTHING: ModelAmounts = { calls: 0, tokens: 0, microUsd: 0 };
/** Beyond the call itself: reading and writing rows around it. */
const HOLD_MARGIN_MS = 60_000;

/**
 * Asks whether a call may leave: configured, short enough, not paused, breaker closed, budgets, rate. Throws Fault
 * MODEL_BUDGET_REACHED where the budget of job or day refuses; the budget of a provider passes it over.
 */
export async function openTurn(desk: Desk, request: TurnRequest): Promise<Opened> {
  const { candidate, inputTokens, maxOutputTokens, signal } = request;
  signal.throwIfAborted();
  const early = passOver(desk.pauses, request);
  if (early !== null) return { kind: 'passed', pass: early };
  const reservation: BudgetRequest = {
    key: `${KEPT_FORM}/${request.key}`,
    candidate: candidate.id,
    scopes: desk.scopesOf(request.jobId, candidate.planned.provider, desk.now()),
    amounts: amountsOf(candidate, { inputTokens, outputTokens: maxOutputTokens }, desk.now()),
    holdMs: desk.timeoutMs + HOLD_MARGIN_MS,
  };
  const grant = (await desk.budget?.reserve(reservation)) ?? { kind: 'granted' };
  if (grant.kind === 'kept') {
    const kept = Answered.safeParse(grant.answer);
    return kept.success ? { kind: 'kept', answer: kept.data } : passed('broken-answer', false);
  }
  if (grant.kind === 'refused') {
    if (grant.scope === 'provider') return passed('budget', false);
    throw budgetReached(grant.scope, grant.unit, grant.limit);
  }
  const settle = async (used: ModelAmounts, answer?: Answered): Promise<void> => desk.budget?.settle(reservation, used, answer);
  if (signal.aborted) {
    await settle(NOTHING);
    throw signal.reason;
  }
  const waitMs = candidate.window.take();
  if (waitMs > 0 || !candidate.breaker.enter()) {
    await settle(NOTHING);
    return waitMs > 0 ? passed('rate-limited', true, waitMs) : passed('breaker-open', true);
  }
  return { kind: 'open', turn: turnOf(desk, request, settle) };
}

function passed(outcome: ModelOutcome, mayPass: boolean, retryAfterMs?: number): Opened {
  return { kind: 'passed', pass: { outcome, mayPass, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}

function turnOf(desk: Desk, request: TurnRequest, settle: (used: ModelAmounts, answer?: Answered) => Promise<void>): Turn {
  const { candidate, inputTokens, signal } = request;
  const { breaker, planned, id } = candidate;
  const used = (outputTokens: number): ModelAmounts => amountsOf(candidate, { inputTokens, outputTokens }, desk.now());
  return {
    async answered(answer, isKept) {
      breaker.succeeded();
      if (answer.pauseMs !== undefined) desk.pauses.pause(id, answer.pauseMs);
      const usage =
        answer.usage === null
          ? { inputTokens, outputTokens: estimateTokens(answer.text), estimated: true }
          : { ...answer.usage, estimated: false };
      const microUsd = candidate.priceOf(usage, desk.now());
      const { text, finish } = answer;
      const answered: Answered = { provider: planned.provider, model: planned.model, text, finish, usage, microUsd };
      await settle(amountsOf(candidate, usage, desk.now()), isKept ? answered : undefined);
      return answered;
    },
    async failed(error) {
      if (signal.aborted) {
        breaker.released();
        await settle(used(0));
        throw signal.reason;
      }
      const pass = verdict(desk.pauses, candidate, error);
      // What was sent to a provider that never said whether it read it may be on its bill.
      await settle(pass?.outcome === 'timeout' || pass?.outcome === 'broken-answer' ? used(0) : { ...NOTHING, calls: 1 });
      if (pass !== null) return pass;
      throw error instanceof ProviderFailure ? rejection(id, error) : error;
    },
    async abandoned(text) {
      breaker.released();
      await settle(used(estimateTokens(text)));
    },
  };
}

function budgetReached(scope: string, unit: keyof ModelAmounts, limit: number): Fault {
  const value = unit === 'microUsd' ? `${limit / 1_000_000} US dollars` : `${limit} ${unit}`;
  return new Fault('MODEL_BUDGET_REACHED', { detail: `The budget for models of this ${scope} is ${value}, and it is used up.` });
}

function amountsOf(
  candidate: Candidate,
  usage: { readonly inputTokens: number; readonly outputTokens: number },
  now: number,
): ModelAmounts {
  return { calls: 1, tokens: usage.inputTokens + usage.outputTokens, microUsd: candidate.priceOf(usage, now) ?? 0 };
}
