import { MODEL_ROLES, type ModelRole } from './models.js';
import { MODEL_PROVIDERS, type ModelProvider, type ModelRef } from './settings/models-kind.js';
import type { Settings } from './settings/table.js';

interface ProviderDefaults {
  /** null: it has none. */
  readonly text: string | null;
  readonly embed: string | null;
}

/** What is asked where `GLEANER_MODELS` says nothing: small, quick models that can follow a schema. */
const DEFAULTS: Readonly<Record<ModelProvider, ProviderDefaults>> = {
  gemini: { text: 'gemini-3.8-flash', embed: 'gemini-embedding-001' },
  openai: { text: 'gpt-4.1-mini', embed: 'text-embedding-3-small' },
  anthropic: { text: 'claude-haiku-4-5', embed: null },
  groq: { text: 'openai/gpt-oss-120b', embed: null },
  nvidia: { text: 'meta/llama-3.3-70b-instruct', embed: 'nvidia/llama-3.2-nv-embedqa-1b-v2' },
  ollama: { text: 'qwen3:8b', embed: 'nomic-embed-text' },
};

/** OpenAI first, because its embedding model has a setting of its own: a further key does not change what vectors are made with. */
const EMBED_ORDER: readonly ModelProvider[] = ['openai', 'gemini', 'nvidia', 'ollama'];

export interface PlannedModel extends ModelRef {
  /** False: named, but its key or address is not set; it is passed over. */
  readonly configured: boolean;
}

/** Role → models in the order in which they are asked; empty where none is set. */
export type ModelPlan = { readonly [R in ModelRole]: readonly PlannedModel[] };

/** Which models do what, from the settings alone: names, never keys. */
export function planModels(settings: Settings): ModelPlan {
  const routes = settings.GLEANER_MODELS ?? {};
  const planned = (role: ModelRole): readonly PlannedModel[] =>
    (routes[role] ?? defaultsOf(role, settings)).map((model) => ({ ...model, configured: isConfigured(model.provider, settings) }));
  return { extract: planned('extract'), learn: planned('learn'), answer: planned('answer'), embed: planned('embed') };
}

export interface ModelDescription {
  readonly role: ModelRole;
  readonly provider: ModelProvider;
  readonly model: string;
  readonly configured: boolean;
}

/** The plan as `GET /system` shows it, in order. */
export function describeModels(settings: Settings): readonly ModelDescription[] {
  const plan = planModels(settings);
  return MODEL_ROLES.flatMap((role) => plan[role].map(({ provider, model, configured }) => ({ role, provider, model, configured })));
}

/**
 * Environment variable in which a process that knows the keys tells one that must not what is set: JSON of `ModelDescription[]`,
 * names only. No setting: nobody but `npm start` writes it.
 */
export const MODEL_PLAN_VARIABLE = 'SUPERVISED_MODEL_PLAN';

/** The plan that was handed over; null for a text that is none. */
export function readModelPlan(text: string): readonly ModelDescription[] | null {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return null; // whoever set it did not mean us
  }
  if (!Array.isArray(given)) return null;
  return given.flatMap((item: unknown) => {
    const { role, provider, model, configured } = (item ?? {}) as Partial<Record<keyof ModelDescription, unknown>>;
    const knownRole = MODEL_ROLES.find((name) => name === role);
    const knownProvider = MODEL_PROVIDERS.find((name) => name === provider);
    if (knownRole === undefined || knownProvider === undefined || typeof model !== 'string') return [];
    return [{ role: knownRole, provider: knownProvider, model, configured: configured === true }];
  });
}

function defaultsOf(role: ModelRole, settings: Settings): readonly ModelRef[] {
  const usable = (providers: readonly ModelProvider[]) => providers.filter((provider) => isConfigured(provider, settings));
  if (role === 'embed')
    return usable(EMBED_ORDER)
      .slice(0, 1)
      .map((provider) => ({ provider, model: defaultEmbedding(provider, settings) }));
  // What a service of one's own is called with nobody knows but its operator.
  const providers = usable(MODEL_PROVIDERS).filter((provider) => provider !== 'openai' || settings.OPENAI_BASE_URL === undefined);
  return providers.flatMap((provider) => refOf(provider, DEFAULTS[provider].text));
}

function refOf(provider: ModelProvider, model: string | null): readonly ModelRef[] {
  return model === null ? [] : [{ provider, model }];
}

function defaultEmbedding(provider: ModelProvider, settings: Settings): string {
  return provider === 'openai' ? settings.GLEANER_EMBEDDING_MODEL : (DEFAULTS[provider].embed ?? '');
}

/** One of these is set where a provider can be asked. */
const NEEDS = {
  gemini: ['GEMINI_API_KEY'],
  openai: ['OPENAI_API_KEY', 'OPENAI_BASE_URL'],
  anthropic: ['ANTHROPIC_API_KEY'],
  groq: ['GROQ_API_KEY'],
  nvidia: ['NVIDIA_API_KEY'],
  ollama: ['OLLAMA_HOST'],
} as const satisfies Readonly<Record<ModelProvider, readonly (keyof Settings)[]>>;

function isConfigured(provider: ModelProvider, settings: Settings): boolean {
  return NEEDS[provider].some((name) => settings[name] !== undefined);
}
