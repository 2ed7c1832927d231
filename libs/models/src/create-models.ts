import {
  type Embedder,
  type FieldReader,
  type LanguageModel,
  MODEL_PROVIDERS,
  type ModelBudget,
  type ModelDescription,
  type ModelProvider,
  type PlannedModel,
  type SelectorProposer,
  type Settings,
  describeModels,
  planModels,
} from '@gleaner/domain';
import { createBreaker } from './breaker.js';
import { budgetScopes } from './budget-scopes.js';
import type { Candidate } from './candidate.js';
import { capabilityOf } from './capabilities.js';
import { createEmbedder } from './embedder.js';
import { createFieldReader } from './field-reader.js';
import { createLanguageModel } from './language-model.js';
import { createMinuteWindow } from './minute-window.js';
import { createPauses } from './pauses.js';
import { priceOf } from './prices.js';
import { createPrompts } from './prompts.js';
import { type ProviderOptions, createProvider } from './providers/create-provider.js';
import { createSelectorProposer } from './selector-proposer.js';
import type { Desk } from './turn.js';

export interface ModelsOptions {
  readonly settings: Settings;
  /** Null: nothing is counted and nothing is kept. */
  readonly budget: ModelBudget | null;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Addresses in place of the providers' own. */
  readonly endpoints?: ProviderOptions['endpoints'];
}

export interface Models {
  /** Null where no text model is set. */
  readonly language: LanguageModel | null;
  /** Null where no model is set for the role `extract`. */
  readonly fieldReader: FieldReader | null;
  /** Null where no model is set for the role `learn`. */
  readonly selectorProposer: SelectorProposer | null;
  /** Null where no embedding model is set: knowledge is then searched by words, and says so. */
  readonly embedder: Embedder | null;
  /** Names, never keys. */
  describe(): readonly ModelDescription[];
}

/**
 * The models of the settings. Breakers, pauses and rates are those of this process; budgets are those of all. Makes no call and keeps
 * keys to itself: they are in no message, no description and no fault.
 */
export function createModels({ settings, budget, now = Date.now, endpoints = {} }: ModelsOptions): Models {
  const timeoutMs = settings.GLEANER_MODEL_TIMEOUT_MS;
  const desk: Desk = { budget, scopesOf: budgetScopes(settings), pauses: createPauses(now), now, timeoutMs };
  const candidateOf = candidates(settings, { settings, timeoutMs, now, endpoints });
  const plan = planModels(settings);
  const chains = { extract: plan.extract.map(candidateOf), learn: plan.learn.map(candidateOf), answer: plan.answer.map(candidateOf) };
  const has = (chain: readonly Candidate[]): boolean => chain.some(({ provider }) => provider !== null);
  const prompts = createPrompts();
  const language = createLanguageModel({ desk, prompts, chains });
  return {
    language: Object.values(chains).some(has) ? language : null,
    fieldReader: has(chains.extract) ? createFieldReader(language, prompts) : null,
    selectorProposer: has(chains.learn) ? createSelectorProposer(language, prompts) : null,
    embedder: embedderOf(desk, plan.embed.map(candidateOf)[0]),
    describe: () => describeModels(settings),
  };
}

/** A model that several roles name has one breaker, and a provider one rate. */
function candidates(settings: Settings, options: ProviderOptions): (planned: PlannedModel) => Candidate {
  const providers = new Map(MODEL_PROVIDERS.map((name) => [name, createProvider(name, options)]));
  const windows = new Map(
    MODEL_PROVIDERS.map((name) => [name, createMinuteWindow(settings.GLEANER_MODEL_REQUESTS_PER_MINUTE, options.now)]),
  );
  const breakers = new Map<string, Candidate['breaker']>();
  return (planned) => {
    const id = `${planned.provider}:${planned.model}`;
    const breaker = breakers.get(id) ?? createBreaker({ now: options.now });
    breakers.set(id, breaker);
    return {
      id,
      planned,
      provider: planned.configured ? (providers.get(planned.provider) ?? null) : null,
      capability: capabilityOf(planned),
      priceOf: priceOf(planned, isOwnService(planned.provider, settings)),
      breaker,
      window: windows.get(planned.provider) ?? createMinuteWindow(0, options.now),
    };
  };
}

function isOwnService(provider: ModelProvider, { OPENAI_BASE_URL: base }: Settings): boolean {
  return provider === 'openai' && base !== undefined && new URL(base).hostname !== 'api.openai.com';
}

function embedderOf(desk: Desk, candidate: Candidate | undefined): Embedder | null {
  return candidate?.provider?.embed === undefined ? null : createEmbedder(desk, candidate);
}
