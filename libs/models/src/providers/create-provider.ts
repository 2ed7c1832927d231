import type { ModelProvider, Settings } from '@gleaner/domain';
import { ANTHROPIC_VERSION, createAnthropic } from './anthropic.js';
import { createGemini } from './gemini.js';
import { type OpenAiDialect, createOpenAiCompatible } from './openai-compatible.js';
import type { Provider } from './provider.js';
import { createProviderHttp } from './provider-http.js';

export interface ProviderOptions {
  readonly settings: Settings;
  readonly timeoutMs: number;
  readonly now: () => number;
  /** Addresses in place of the providers' own. */
  readonly endpoints: Readonly<Partial<Record<ModelProvider, string>>>;
}

const ENDPOINTS = {
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  groq: 'https://api.groq.com/openai/v1',
  nvidia: 'https://integrate.api.nvidia.com/v1',
} as const;

const IMITATION: OpenAiDialect = { maxTokensField: 'max_tokens', sendsInputType: false };

type Create = (options: ProviderOptions) => Provider | null;

const CREATE: Readonly<Record<ModelProvider, Create>> = {
  gemini: (options) => withKey(options.settings.GEMINI_API_KEY, (key) => gemini(key, options)),
  openai: openAi,
  anthropic: (options) => withKey(options.settings.ANTHROPIC_API_KEY, (key) => anthropic(key, options)),
  groq: (options) => withKey(options.settings.GROQ_API_KEY, (key) => compatible(options.endpoints.groq ?? ENDPOINTS.groq, key, options)),
  nvidia: (options) =>
    withKey(options.settings.NVIDIA_API_KEY, (key) =>
      compatible(options.endpoints.nvidia ?? ENDPOINTS.nvidia, key, options, { ...IMITATION, sendsInputType: true }),
    ),
  // It ignores the key, and clients of its kind must send one.
  ollama: (options) =>
    withKey(options.settings.OLLAMA_HOST, (host) => compatible(`${options.endpoints.ollama ?? host}/v1`, 'ollama', options)),
};

/** The client of a provider, or null where its key or address is not set. */
export function createProvider(name: ModelProvider, options: ProviderOptions): Provider | null {
  return CREATE[name](options);
}

function withKey(key: string | undefined, create: (key: string) => Provider): Provider | null {
  return key === undefined ? null : create(key);
}

function openAi(options: ProviderOptions): Provider | null {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: base } = options.settings;
  if (key === undefined && base === undefined) return null;
  const dialect = base === undefined ? { ...IMITATION, maxTokensField: 'max_completion_tokens' as const } : IMITATION;
  return compatible(options.endpoints.openai ?? base ?? ENDPOINTS.openai, key, options, dialect);
}

function gemini(apiKey: string, { endpoints, timeoutMs, now }: ProviderOptions): Provider {
  return createGemini({ apiKey, timeoutMs, now, ...(endpoints.gemini === undefined ? {} : { baseUrl: endpoints.gemini }) });
}

function anthropic(apiKey: string, { endpoints, timeoutMs, now }: ProviderOptions): Provider {
  const headers = { 'x-api-key': apiKey, 'anthropic-version': ANTHROPIC_VERSION };
  return createAnthropic(createProviderHttp({ baseUrl: endpoints.anthropic ?? ENDPOINTS.anthropic, headers, timeoutMs, now }));
}

function compatible(
  baseUrl: string,
  apiKey: string | undefined,
  { timeoutMs, now }: ProviderOptions,
  dialect: OpenAiDialect = IMITATION,
): Provider {
  const headers: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  return createOpenAiCompatible(createProviderHttp({ baseUrl, headers, timeoutMs, now }), dialect);
}
