import type { BudgetScope, ModelAmounts, ModelProvider, Settings } from '@gleaner/domain';

export type ScopesOf = (jobId: string | null, provider: ModelProvider, now: number) => readonly BudgetScope[];

/** The budgets that pay for a call: of its job, of the day (UTC), of its provider in that day. */
export function budgetScopes(settings: Settings): ScopesOf {
  const job = limits(settings.GLEANER_MODEL_CALLS_PER_JOB, settings.GLEANER_MODEL_USD_PER_JOB, settings.GLEANER_MODEL_TOKENS_PER_JOB);
  const day = limits(settings.GLEANER_MODEL_CALLS_PER_DAY, settings.GLEANER_MODEL_USD_PER_DAY);
  const each = limits(settings.GLEANER_MODEL_CALLS_PER_PROVIDER_DAY, settings.GLEANER_MODEL_USD_PER_PROVIDER_DAY);
  return (jobId, provider, now) => {
    const date = new Date(now).toISOString().slice(0, 10);
    const scopes: BudgetScope[] = [
      { kind: 'day', key: `day:${date}`, limits: day },
      { kind: 'provider', key: `provider:${provider}:${date}`, limits: each },
    ];
    return jobId === null ? scopes : [{ kind: 'job', key: `job:${jobId}`, limits: job }, ...scopes];
  };
}

function limits(calls: number, usd: number, tokens = 0): ModelAmounts {
  return { calls, tokens, microUsd: Math.round(usd * 1_000_000) };
}
