import type { BudgetGrant, BudgetRequest, ModelAmounts, ModelBudget } from '@gleaner/domain';

const UNITS = ['calls', 'tokens', 'microUsd'] as const;
const NONE: ModelAmounts = { calls: 0, tokens: 0, microUsd: 0 };

export interface MemoryBudget extends ModelBudget {
  used(scope: string): ModelAmounts;
  readonly open: ReadonlySet<string>;
}

/** The rules of the budget in the database, for one process; nothing expires. */
export function createMemoryBudget(): MemoryBudget {
  const sums = new Map<string, ModelAmounts>();
  const held = new Map<string, ModelAmounts>();
  const answers = new Map<string, unknown>();
  const open = new Set<string>();
  const id = ({ key, candidate }: BudgetRequest): string => `${key} ${candidate}`;
  const used = (scope: string): ModelAmounts => sums.get(scope) ?? NONE;
  const raise = (request: BudgetRequest, to: ModelAmounts): void => {
    const now = held.get(id(request)) ?? NONE;
    for (const { key } of request.scopes) sums.set(key, combine(used(key), to, now));
    held.set(id(request), to);
  };
  return {
    used,
    open,
    async reserve(request): Promise<BudgetGrant> {
      if (answers.has(request.key)) return { kind: 'kept', answer: answers.get(request.key) };
      const now = held.get(id(request)) ?? NONE;
      for (const { kind, key, limits } of request.scopes) {
        const after = combine(used(key), request.amounts, now);
        const unit = UNITS.find((name) => limits[name] > 0 && request.amounts[name] > now[name] && after[name] > limits[name]);
        if (unit !== undefined) return { kind: 'refused', scope: kind, unit, limit: limits[unit] };
      }
      raise(request, request.amounts);
      open.add(id(request));
      return { kind: 'granted' };
    },
    async settle(request, amounts, answer) {
      raise(request, amounts);
      open.delete(id(request));
      if (answer !== undefined) answers.set(request.key, JSON.parse(JSON.stringify(answer)));
    },
    sweep: async () => 0,
  };
}

function combine(sum: ModelAmounts, plus: ModelAmounts, minus: ModelAmounts): ModelAmounts {
  return {
    calls: sum.calls + plus.calls - minus.calls,
    tokens: sum.tokens + plus.tokens - minus.tokens,
    microUsd: sum.microUsd + plus.microUsd - minus.microUsd,
  };
}
