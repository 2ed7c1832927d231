import { type BudgetGrant, type BudgetRequest, type BudgetScope, Fault, type ModelAmounts, type ModelBudget } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { type Held, ROWS_A_SWEEP, charge, freeExpired, hold, raise, settleHeld } from './model-reservations.js';
import { firstRow, rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { inTransaction } from './transaction.js';

/** A larger answer is paid again when its activity is. */
const MAX_ANSWER_CHARS = 256_000;
/** Longer than an activity is tried (24 hours). */
const KEPT_DAYS = 2;
/** Longer than a job runs. */
const SUMS_DAYS = 40;

const UNITS = ['calls', 'tokens', 'microUsd'] as const satisfies readonly (keyof ModelAmounts)[];

/** A fault, so that the transaction takes back what other scopes had granted. */
class Refusal extends Fault {
  constructor(readonly refusal: Extract<BudgetGrant, { kind: 'refused' }>) {
    super('MODEL_BUDGET_REACHED', { detail: `The budget of ${refusal.scope} is used up.` });
  }
}

/**
 * Sums by scope, and a row for each call. The row of the call is locked first, then the sums in the order of their keys, in one
 * statement whose conditions see the newest sums: what is granted never passes a limit, over all processes.
 */
export function createModelBudget(database: Database): ModelBudget {
  const reserve = (request: BudgetRequest): Promise<BudgetGrant> =>
    inTransaction(database, (manager) => grant(manager, request)).catch((error: unknown) => {
      if (error instanceof Refusal) return error.refusal;
      throw error;
    });
  return {
    async reserve(request) {
      const first = await reserve(request);
      if (first.kind !== 'refused') return first;
      const freed = await inTransaction(database, (manager) => freeExpired(manager, scopeKeys(request)));
      return freed === 0 ? first : reserve(request);
    },
    settle: (request, used, answer) =>
      inTransaction(database, async (manager) => {
        const held = await hold(manager, request);
        await charge(manager, request.scopes, held.scopes, minus(used, held));
        const json = answer === undefined ? null : storableJson(answer);
        await settleHeld(manager, request, used, {
          answer: json !== null && json.length <= MAX_ANSWER_CHARS ? json : null,
          keptDays: KEPT_DAYS,
        });
      }),
    sweep: () =>
      inTransaction(database, async (manager) => {
        const freed = await freeExpired(manager, null);
        const gone = await rows(
          manager,
          `
          with answers as (
            delete from model_reservations where (key, candidate) in (
              select key, candidate from model_reservations where not is_open and expires_at < clock_timestamp() limit ${ROWS_A_SWEEP}
            ) and not is_open and expires_at < clock_timestamp() returning 1
          ), sums as (
            delete from model_budgets where scope in (
              select scope from model_budgets where updated_at < clock_timestamp() - $1 * interval '1 day' limit ${ROWS_A_SWEEP}
            ) and updated_at < clock_timestamp() - $1 * interval '1 day' returning 1
          )
          select 1 from answers union all select 1 from sums`,
          [SUMS_DAYS],
        );
        return freed + gone.length;
      }),
  };
}

async function grant(manager: EntityManager, request: BudgetRequest): Promise<BudgetGrant> {
  const kept = await firstRow<{ answer: unknown }>(
    manager,
    'select answer from model_reservations where key = $1 and answer is not null order by candidate limit 1',
    [request.key],
  );
  if (kept !== null) return { kind: 'kept', answer: kept.answer };
  const held = await hold(manager, request);
  // Settled by another while this one waited for its row.
  if (held.answer !== null) return { kind: 'kept', answer: held.answer };
  const granted = await charge(manager, request.scopes, held.scopes, minus(request.amounts, held), { isLimited: true });
  const missing = held.scopes.findIndex((scope) => !granted.has(scope));
  if (missing >= 0) throw new Refusal(await refusalOf(manager, request, held, missing));
  await raise(manager, request, request.amounts);
  return { kind: 'granted' };
}

async function refusalOf(
  manager: EntityManager,
  request: BudgetRequest,
  held: Held,
  index: number,
): Promise<Extract<BudgetGrant, { kind: 'refused' }>> {
  const scope = request.scopes[index] ?? { kind: 'day', limits: { calls: 0, tokens: 0, microUsd: 0 } };
  const sums = await firstRow<Record<keyof ModelAmounts, string>>(
    manager,
    `select calls, tokens, micro_usd as "microUsd" from model_budgets where scope = $1`,
    [held.scopes[index] ?? ''],
  );
  const wanted = minus(request.amounts, held);
  const unit = UNITS.find((name) => isOver(scope.limits[name], Number(sums?.[name] ?? 0) + wanted[name])) ?? 'calls';
  return { kind: 'refused', scope: scope.kind, unit, limit: scope.limits[unit] };
}

function isOver(limit: number, sum: number): boolean {
  return limit > 0 && sum > limit;
}

function scopeKeys({ scopes }: { readonly scopes: readonly BudgetScope[] }): readonly string[] {
  return scopes.map(({ key }) => key);
}

function minus(wanted: ModelAmounts, held: ModelAmounts): ModelAmounts {
  return { calls: wanted.calls - held.calls, tokens: wanted.tokens - held.tokens, microUsd: wanted.microUsd - held.microUsd };
}
