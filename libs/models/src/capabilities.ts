import type { ModelRef, StructuredMode } from '@gleaner/domain';

export interface Capability {
  readonly mode: StructuredMode;
  /** Input and output together. */
  readonly contextTokens: number;
}

interface Row {
  readonly provider: ModelRef['provider'];
  /** Of the name of the model, from its beginning. */
  readonly model: RegExp;
  readonly capability: Capability;
}

const row = (provider: Row['provider'], model: RegExp, mode: StructuredMode, contextTokens: number): Row => ({
  provider,
  model,
  capability: { mode, contextTokens },
});

/**
 * What models can, by the documentation of their providers; the first row that fits counts. `schema` is enforced by the provider. Ollama
 * has the context that its operator set, 4,096 by default in older versions; more is cut off silently, so no more than 32,768 is sent.
 */
const ROWS: readonly Row[] = [
  row('gemini', /^gemini-/, 'schema', 1_048_576),
  row('gemini', /^gemma-/, 'none', 32_768),
  row('openai', /^gpt-4\.1/, 'schema', 1_047_576),
  row('openai', /^gpt-4o/, 'schema', 128_000),
  row('openai', /^(gpt-[5-9]|o[34])/, 'schema', 200_000),
  row('anthropic', /^claude-(3|(haiku|sonnet|opus)-4(-|$))/, 'tool', 200_000),
  row('anthropic', /^claude-/, 'schema', 200_000),
  row('groq', /^openai\/gpt-oss-/, 'schema', 131_072),
  row('groq', /^/, 'json', 131_072),
  row('nvidia', /^/, 'schema', 128_000),
  row('ollama', /^/, 'schema', 32_768),
];

/** A service that only speaks like OpenAI may know `json_object` and may not; its operator can say. */
const UNKNOWN: Capability = { mode: 'json', contextTokens: 32_768 };

/** What the table says, with the mode that the operator named. */
export function capabilityOf({ provider, model, mode }: ModelRef): Capability {
  const known = ROWS.find((candidate) => candidate.provider === provider && candidate.model.test(model))?.capability ?? UNKNOWN;
  return mode === undefined ? known : { ...known, mode };
}
