import { integer, money, optionalText, serviceAddress, text, url } from './kinds.js';
import { modelRoutes } from './models-kind.js';

const key = (of: string, example: string) => optionalText({ secret: true, example, description: `Key of ${of}.` });

const budget = (of: string, most: number) =>
  integer({ default: most, min: 0, max: 1_000_000_000, example: String(most || 1_000), description: `${of}; 0: no limit.` });

const usd = (of: string, most: number) => money({ default: most, max: 1_000_000, example: '5', description: `${of}; 0: no limit.` });

/** Keys of providers: for the processes that call them, and for nobody else. */
export const MODEL_KEYS = ['GEMINI_API_KEY', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GROQ_API_KEY', 'NVIDIA_API_KEY'] as const;

/** What language and embedding models are called with, and what they may cost. Part of `SETTINGS`. */
export const MODEL_SETTINGS = {
  GLEANER_MODELS: modelRoutes({
    example: 'extract=gemini:gemini-3.8-flash,openai:gpt-4.1-mini;*=ollama:qwen3:8b;embed=ollama:nomic-embed-text',
    description:
      'Models by role (`extract`, `learn`, `answer`, `embed`, `*` for the text roles not named) in their order: when one cannot answer the next one does. `none` turns a role off; `PROVIDER:MODEL|schema`, `|tool`, `|json` or `|none` says how a model answers JSON. Default: the providers that have a key, with the default model of each.',
  }),
  GLEANER_EMBEDDING_MODEL: text({
    default: 'text-embedding-3-small',
    example: 'text-embedding-3-small',
    description:
      'Embedding model of the `openai` provider where GLEANER_MODELS names none. Without any the knowledge is searched by words.',
  }),
  GEMINI_API_KEY: key('Google Gemini', 'AIza…'),
  OPENAI_API_KEY: key('OpenAI or of the service behind OPENAI_BASE_URL', 'sk-…'),
  OPENAI_BASE_URL: url({
    protocols: ['http', 'https'],
    example: 'https://api.openai.com/v1',
    description: 'Any OpenAI-compatible service in place of OpenAI; its text models have to be named in GLEANER_MODELS.',
  }),
  ANTHROPIC_API_KEY: key('Anthropic', 'sk-ant-…'),
  GROQ_API_KEY: key('Groq', 'gsk_…'),
  NVIDIA_API_KEY: key('NVIDIA', 'nvapi-…'),
  OLLAMA_HOST: serviceAddress({
    defaultPort: 11_434,
    example: 'http://127.0.0.1:11434',
    description: 'Ollama server; without it none is asked.',
  }),
  GLEANER_MODEL_TIMEOUT_MS: integer({
    default: 60_000,
    min: 1_000,
    max: 120_000,
    example: '60000',
    description: 'Longest time for one call of a model, and longest silence of a stream.',
  }),
  GLEANER_MODEL_REQUESTS_PER_MINUTE: budget('Calls that one worker process sends to each provider in a minute', 0),
  GLEANER_MODEL_CALLS_PER_JOB: budget('Model calls that one job may make', 200),
  GLEANER_MODEL_TOKENS_PER_JOB: budget('Tokens, in and out, that the model calls of one job may use', 0),
  GLEANER_MODEL_USD_PER_JOB: usd('US dollars that the model calls of one job may cost', 1),
  GLEANER_MODEL_CALLS_PER_DAY: budget('Model calls of all jobs in a day (UTC)', 10_000),
  GLEANER_MODEL_USD_PER_DAY: usd('US dollars that all model calls of a day (UTC) may cost', 10),
  GLEANER_MODEL_CALLS_PER_PROVIDER_DAY: budget('Model calls to each provider in a day (UTC); then the next one is asked', 0),
  GLEANER_MODEL_USD_PER_PROVIDER_DAY: usd('US dollars that each provider may cost in a day (UTC); then the next one is asked', 0),
} as const;
