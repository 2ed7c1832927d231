import type { ModelRef, ModelUsage } from '@gleaner/domain';

/** US dollars for a million tokens. */
interface Price {
  /** ISO date from which it holds; before the first one the first one is taken. */
  readonly from: string;
  readonly input: number;
  readonly output: number;
}

const since = (from: string, input: number, output = 0): Price => ({ from, input, output });

/**
 * List prices without caches, batches and free tiers, by the price pages of the providers. Names are whole or end before a dated
 * suffix (`-2025-04-14`, `-20251001`, `-001`). Update: add a line with its date, never change one that was charged with.
 */
const PRICES: Readonly<Record<string, readonly Price[]>> = {
  'gemini:gemini-3.8-flash': [since('2026-09-20', 0.75, 3.75), since('2027-01-01', 1.5, 7.5)],
  'gemini:gemini-3.5-flash': [since('2026-09-20', 1.5, 9)],
  'gemini:gemini-3.1-pro-preview': [since('2026-09-20', 2, 12)],
  'gemini:gemini-2.5-pro': [since('2025-06-17', 1.25, 10)],
  'gemini:gemini-2.5-flash': [since('2025-06-17', 0.3, 2.5)],
  'gemini:gemini-2.5-flash-lite': [since('2025-07-22', 0.1, 0.4)],
  'gemini:gemini-embedding-001': [since('2025-07-14', 0.15)],
  'openai:gpt-4.1': [since('2025-04-14', 2, 8)],
  'openai:gpt-4.1-mini': [since('2025-04-14', 0.4, 1.6)],
  'openai:gpt-4.1-nano': [since('2025-04-14', 0.1, 0.4)],
  'openai:gpt-4o': [since('2024-10-02', 2.5, 10)],
  'openai:gpt-4o-mini': [since('2024-07-18', 0.15, 0.6)],
  'openai:gpt-5': [since('2025-08-07', 1.25, 10)],
  'openai:gpt-5-mini': [since('2025-08-07', 0.25, 2)],
  'openai:gpt-5-nano': [since('2025-08-07', 0.05, 0.4)],
  'openai:gpt-5.4-mini': [since('2026-03-17', 0.75, 4.5)],
  'openai:gpt-5.4-nano': [since('2026-03-17', 0.2, 1.25)],
  'openai:text-embedding-3-small': [since('2024-01-25', 0.02)],
  'openai:text-embedding-3-large': [since('2024-01-25', 0.13)],
  'anthropic:claude-haiku-4-5': [since('2025-10-15', 1, 5)],
  'anthropic:claude-sonnet-4-5': [since('2025-09-29', 3, 15)],
  'groq:openai/gpt-oss-120b': [since('2025-10-01', 0.15, 0.6)],
  'groq:openai/gpt-oss-20b': [since('2025-10-01', 0.075, 0.3)],
  'groq:llama-3.3-70b-versatile': [since('2024-12-06', 0.59, 0.79)],
  'groq:llama-3.1-8b-instant': [since('2024-07-23', 0.05, 0.08)],
};

const FREE: Price = since('1970-01-01', 0, 0);
const DATED_SUFFIX = /-(\d{4}-\d{2}-\d{2}|\d{8}|\d{3})$/;

/** Millionths of a dollar for these tokens, rounded up; null where the price is not known. Ollama costs nothing. */
export type PriceOf = (usage: Pick<ModelUsage, 'inputTokens' | 'outputTokens'>, now: number) => number | null;

/** `isOwn`: the service is the operator's own, and what it costs nobody knows. */
export function priceOf({ provider, model }: ModelRef, isOwn: boolean): PriceOf {
  const id = `${provider}:${model}`;
  const known = provider === 'ollama' ? [FREE] : isOwn ? undefined : (PRICES[id] ?? PRICES[id.replace(DATED_SUFFIX, '')]);
  return ({ inputTokens, outputTokens }, now) => {
    const today = new Date(now).toISOString();
    const price = known?.findLast(({ from }) => from <= today) ?? known?.[0];
    // Dollars for a million tokens are millionths of a dollar for one.
    return price === undefined ? null : Math.max(0, Math.ceil(inputTokens * price.input + outputTokens * price.output - 1e-9));
  };
}
