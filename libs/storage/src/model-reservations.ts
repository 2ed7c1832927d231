import type { BudgetRequest, BudgetScope, ModelAmounts } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { firstRow, rows } from './statement.js';

/** What a call has of its scopes. Keys of scopes are those of its first attempt: it may have been made on the day before. */
export interface Held extends ModelAmounts {
  readonly scopes: readonly string[];
  readonly answer: unknown;
}

/** A sweep takes so many rows of each kind; the next one takes the rest. */
export const ROWS_A_SWEEP = 1_000;

type Call = Pick<BudgetRequest, 'key' | 'candidate'>;

/** Locks the row of the call, which begins with nothing. */
export async function hold(manager: EntityManager, { key, candidate, scopes, holdMs }: BudgetRequest): Promise<Held> {
  const row = await firstRow<Record<keyof ModelAmounts, string> & { scopes: string[]; answer: unknown }>(
    manager,
    `
    insert into model_reservations as known (key, candidate, scopes, calls, tokens, micro_usd, is_open, expires_at)
    values ($1, $2, $3, 0, 0, 0, true, clock_timestamp() + $4 * interval '1 millisecond')
    on conflict (key, candidate) do update set is_open = known.answer is null,
      expires_at = case when known.answer is null then excluded.expires_at else known.expires_at end
    returning scopes, calls, tokens, micro_usd as "microUsd", answer`,
    [key, candidate, scopes.map((scope) => scope.key), holdMs],
  );
  return {
    scopes: row?.scopes ?? [],
    answer: row?.answer ?? null,
    calls: Number(row?.calls ?? 0),
    tokens: Number(row?.tokens ?? 0),
    microUsd: Number(row?.microUsd ?? 0),
  };
}

/** One statement for all scopes; returns those that took it. Unlimited: all take it. */
export async function charge(
  manager: EntityManager,
  scopes: readonly BudgetScope[],
  keys: readonly string[],
  delta: ModelAmounts,
  { isLimited }: { readonly isLimited: boolean } = { isLimited: false },
): Promise<ReadonlySet<string>> {
  const limits = (unit: keyof ModelAmounts): readonly number[] => keys.map((_, index) => scopes[index]?.limits[unit] ?? 0);
  const charged = await rows<{ scope: string }>(
    manager,
    `
    insert into model_budgets as known (scope, calls, tokens, micro_usd, limit_calls, limit_tokens, limit_micro_usd, updated_at)
    select scope, greatest(0, $5::bigint), greatest(0, $6::bigint), greatest(0, $7::bigint), max_calls, max_tokens, max_micro_usd, clock_timestamp()
    from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) as wanted (scope, max_calls, max_tokens, max_micro_usd)
    where not $8::boolean or (${fits('max', '0')}) or exists (select from model_budgets where model_budgets.scope = wanted.scope)
    order by scope
    on conflict (scope) do update set calls = greatest(0, known.calls + $5), tokens = greatest(0, known.tokens + $6),
      micro_usd = greatest(0, known.micro_usd + $7), limit_calls = excluded.limit_calls, limit_tokens = excluded.limit_tokens,
      limit_micro_usd = excluded.limit_micro_usd, updated_at = excluded.updated_at
      where not $8 or (${fits('excluded.limit', 'known')})
    returning scope`,
    [keys, limits('calls'), limits('tokens'), limits('microUsd'), delta.calls, delta.tokens, delta.microUsd, isLimited],
  );
  return new Set(charged.map(({ scope }) => scope));
}

/** No limit, nothing more, or enough left, in each unit. */
function fits(limit: string, sums: string): string {
  return (
    [
      ['calls', '$5'],
      ['tokens', '$6'],
      ['micro_usd', '$7'],
    ] as const
  )
    .map(([unit, delta]) => {
      const used = sums === 'known' ? `known.${unit} + ` : '';
      return `(${limit}_${unit} = 0 or ${delta} <= 0 or ${used}${delta} <= ${limit}_${unit})`;
    })
    .join(' and ');
}

/** The call holds this much now. */
export async function raise(manager: EntityManager, { key, candidate }: Call, amounts: ModelAmounts): Promise<void> {
  await rows(manager, 'update model_reservations set calls = $3, tokens = $4, micro_usd = $5 where key = $1 and candidate = $2', [
    key,
    candidate,
    ...amountsOf(amounts),
  ]);
}

export async function settleHeld(
  manager: EntityManager,
  { key, candidate }: Call,
  used: ModelAmounts,
  { answer, keptDays }: { readonly answer: string | null; readonly keptDays: number },
): Promise<void> {
  await rows(
    manager,
    `
    update model_reservations set calls = $3, tokens = $4, micro_usd = $5, is_open = false, answer = coalesce($6::jsonb, answer),
      expires_at = clock_timestamp() + $7 * interval '1 day'
    where key = $1 and candidate = $2`,
    [key, candidate, ...amountsOf(used), answer, keptDays],
  );
}

/** Gives back what dead holders had, of these scopes or of all (null), some at a time; returns how many there were. */
export async function freeExpired(manager: EntityManager, scopes: readonly string[] | null): Promise<number> {
  const freed = await firstRow<{ count: number }>(
    manager,
    `
    with dead as (
      delete from model_reservations where (key, candidate) in (
        select key, candidate from model_reservations
        where is_open and expires_at < clock_timestamp() and ($1::text[] is null or scopes && $1) limit ${ROWS_A_SWEEP}
      ) and is_open and expires_at < clock_timestamp()
      returning scopes, calls, tokens, micro_usd
    ), sums as (
      select scope, sum(calls)::bigint as calls, sum(tokens)::bigint as tokens, sum(micro_usd)::bigint as micro_usd
      from dead, unnest(dead.scopes) as scope group by scope
    ), given as (
      update model_budgets as known set calls = greatest(0, known.calls - sums.calls), tokens = greatest(0, known.tokens - sums.tokens),
        micro_usd = greatest(0, known.micro_usd - sums.micro_usd)
      from sums where sums.scope = known.scope
    )
    select count(*)::integer as count from dead`,
    [scopes],
  );
  return freed?.count ?? 0;
}

function amountsOf({ calls, tokens, microUsd }: ModelAmounts): readonly [number, number, number] {
  return [calls, tokens, microUsd];
}
