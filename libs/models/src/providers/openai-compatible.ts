import { z } from 'zod';
import type { ChatPart, ChatRequest, Provider } from './provider.js';
import { ProviderFailure, failureOf } from './provider-failure.js';
import type { ProviderHttp } from './provider-http.js';
import { isStrict } from './strict-schema.js';
import { parseWire, readWire } from './wire-json.js';

export interface OpenAiDialect {
  /** OpenAI's newer models refuse `max_tokens`; servers that only imitate it do not know the other name. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** NVIDIA's retrieval models want to know what is embedded: `input_type` query or passage. */
  readonly sendsInputType: boolean;
}

const Usage = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) });

/** Answer of `POST /chat/completions` (OpenAI API reference, "Create chat completion"). */
const Completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: Usage.nullish(),
});

/** One event of the same with `stream: true`; the last one has the usage and no choice. */
const CompletionPart = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: Usage.nullish(),
});

const StreamError = z.object({ error: z.object({ code: z.union([z.string(), z.number()]).nullish() }) });

/** Answer of `POST /embeddings` (OpenAI API reference, "Create embeddings"). */
const Embeddings = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ total_tokens: z.int().min(0) }).optional(),
});

/** OpenAI, Groq, NVIDIA, Ollama and every service that speaks the same. */
export function createOpenAiCompatible(http: ProviderHttp, dialect: OpenAiDialect): Provider {
  return {
    async chat(request, signal) {
      const { json, pauseMs } = await http.post('/chat/completions', bodyOf(request, dialect), signal);
      const { choices, usage } = readWire(Completion, json);
      const { message, finish_reason: reason } = choices[0] ?? { message: {} };
      return { text: message.content ?? '', finish: finishOf(reason, message.refusal), usage: usageOf(usage), ...pause(pauseMs) };
    },
    async *stream(request, signal) {
      const body = { ...bodyOf(request, dialect), stream: true, stream_options: { include_usage: true } };
      const { events, pauseMs } = await http.postForEvents('/chat/completions', body, signal);
      yield* partsOf(events, pauseMs);
    },
    async embed({ model, texts, purpose }, signal) {
      const inputType = dialect.sendsInputType ? { input_type: purpose, truncate: 'END' } : {};
      const { json } = await http.post('/embeddings', { model, input: texts, encoding_format: 'float', ...inputType }, signal);
      const { data, usage } = readWire(Embeddings, json);
      const sorted = data.toSorted((a, b) => a.index - b.index);
      return { vectors: sorted.map(({ embedding }) => embedding), tokens: usage?.total_tokens ?? null };
    },
  };
}

async function* partsOf(events: AsyncIterable<string>, pauseMs: number | undefined): AsyncGenerator<ChatPart> {
  let finish: string | null | undefined;
  let isRefusal = false;
  let usage: z.infer<typeof Usage> | null | undefined;
  for await (const event of events) {
    if (event === '[DONE]') break;
    const json = parseWire(event);
    const failed = StreamError.safeParse(json);
    if (failed.success) throw failureOf(500, String(failed.data.error.code ?? ''));
    const part = readWire(CompletionPart, json);
    usage = part.usage ?? usage;
    const choice = part.choices[0];
    finish = choice?.finish_reason ?? finish;
    if (choice?.delta.refusal) isRefusal = true;
    if (choice?.delta.content) yield { type: 'text', text: choice.delta.content };
  }
  // A stream that ends without a reason was cut off on its way.
  if (finish === null || finish === undefined) throw new ProviderFailure('broken-answer');
  yield { type: 'end', finish: finishOf(finish, isRefusal ? 'refused' : null), usage: usageOf(usage), ...pause(pauseMs) };
}

function bodyOf({ model, system, messages, maxOutputTokens, shape }: ChatRequest, dialect: OpenAiDialect): Record<string, unknown> {
  return {
    model,
    messages: [{ role: 'system', content: system }, ...messages.map(({ role, text }) => ({ role, content: text }))],
    [dialect.maxTokensField]: maxOutputTokens,
    ...formatOf(shape),
  };
}

function formatOf(shape: ChatRequest['shape']): Record<string, unknown> {
  if (shape?.mode === 'json') return { response_format: { type: 'json_object' } };
  if (shape?.mode !== 'schema') return {};
  const { name, schema } = shape;
  return { response_format: { type: 'json_schema', json_schema: { name, schema, strict: isStrict(schema) } } };
}

function finishOf(reason: string | null | undefined, refusal: string | null | undefined): 'stop' | 'length' | 'refused' {
  if (reason === 'content_filter' || Boolean(refusal)) return 'refused';
  return reason === 'length' ? 'length' : 'stop';
}

function usageOf(usage: z.infer<typeof Usage> | null | undefined): { inputTokens: number; outputTokens: number } | null {
  return usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : null;
}

function pause(pauseMs: number | undefined): { pauseMs?: number } {
  return pauseMs === undefined ? {} : { pauseMs };
}
