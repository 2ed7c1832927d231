import {
  type EnhancedGenerateContentResponse,
  FinishReason,
  type GenerateContentRequest,
  type GenerateContentResponse,
  type GenerationConfig,
  type GenerativeModel,
  GoogleGenerativeAI,
  GoogleGenerativeAIFetchError,
  type ResponseSchema,
  TaskType,
} from '@google/generative-ai';
import { withDeadline } from './deadline.js';
import { geminiSchema } from './gemini-schema.js';
import type { ChatEnd, ChatPart, ChatRequest, Provider } from './provider.js';
import { ProviderFailure, failureOf } from './provider-failure.js';
import { durationMs } from './rate-headers.js';

export interface GeminiOptions {
  readonly apiKey: string;
  /** Without the version of the API. Default: Google's. */
  readonly baseUrl?: string;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Finish reasons that mean: the model or its filter declined (Gemini API reference, "FinishReason"). */
const DECLINED: ReadonlySet<string> = new Set(['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII']);
/** A stream of more text than any model writes. */
const MAX_STREAM_CHARS = 4_000_000;

/**
 * Gemini by Google's client, which uses the fetch of the platform and the constant address of Google: no part of its URLs comes
 * from a request or a page. It tells no headers, so of rate limits only the `RetryInfo` of a refusal is known.
 */
export function createGemini({ apiKey, baseUrl, timeoutMs, now }: GeminiOptions): Provider {
  const client = new GoogleGenerativeAI(apiKey);
  const options = baseUrl === undefined ? {} : { baseUrl };
  const modelOf = (model: string): GenerativeModel => client.getGenerativeModel({ model }, options);
  const call = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline(signal, timeoutMs, (deadline) => work(deadline.signal).catch((error: unknown) => rethrow(error, now())));
  return {
    chat: (request, signal) =>
      call(signal, async (deadline) => {
        const { response } = await modelOf(request.model).generateContent(contentOf(request), { signal: deadline });
        if (!isAnswer(response)) throw new ProviderFailure('broken-answer');
        return { text: textOf(response), ...(endOf(response) ?? { finish: 'stop', usage: usageOf(response) }) };
      }),
    async *stream(request, signal) {
      const silence = new AbortController();
      const either = AbortSignal.any([signal, silence.signal]);
      try {
        const { stream, response } = await call(signal, () =>
          modelOf(request.model).generateContentStream(contentOf(request), { signal: either }),
        );
        // The client aggregates a second copy; its failure is the one of the stream.
        response.catch(() => {});
        yield* partsOf(stream, (work) => call(signal, work));
      } finally {
        silence.abort();
      }
    },
    embed: ({ model, texts, purpose }, signal) =>
      call(signal, async (deadline) => {
        const taskType = purpose === 'query' ? TaskType.RETRIEVAL_QUERY : TaskType.RETRIEVAL_DOCUMENT;
        const requests = texts.map((text) => ({ content: { role: 'user', parts: [{ text }] }, taskType }));
        const { embeddings } = await modelOf(model).batchEmbedContents({ requests }, { signal: deadline });
        if (!Array.isArray(embeddings)) throw new ProviderFailure('broken-answer');
        return { vectors: embeddings.map(({ values }) => values), tokens: null };
      }),
  };
}

type Calling = <T>(work: () => Promise<T>) => Promise<T>;

async function* partsOf(stream: AsyncGenerator<EnhancedGenerateContentResponse>, call: Calling): AsyncGenerator<ChatPart> {
  let last: GenerateContentResponse | undefined;
  let end: ChatEnd | undefined;
  let chars = 0;
  for (;;) {
    const next = await call(() => stream.next());
    if (next.done === true) break;
    last = next.value;
    end = endOf(last) ?? end;
    const text = textOf(last);
    chars += text.length;
    if (chars > MAX_STREAM_CHARS) throw new ProviderFailure('broken-answer');
    if (text !== '') yield { type: 'text', text };
  }
  if (end === undefined || last === undefined) throw new ProviderFailure('broken-answer');
  yield { type: 'end', finish: end.finish, usage: usageOf(last) ?? end.usage };
}

function contentOf({ system, messages, maxOutputTokens, shape }: ChatRequest): GenerateContentRequest {
  const generationConfig: GenerationConfig = { maxOutputTokens };
  if (shape !== undefined && shape.mode !== 'none') generationConfig.responseMimeType = 'application/json';
  const schema = shape?.mode === 'schema' ? geminiSchema(shape.schema) : null;
  if (schema !== null) generationConfig.responseSchema = schema as unknown as ResponseSchema;
  return {
    systemInstruction: { role: 'system', parts: [{ text: system }] },
    contents: messages.map(({ role, text }) => ({ role: role === 'assistant' ? 'model' : 'user', parts: [{ text }] })),
    generationConfig,
  };
}

function isAnswer(response: GenerateContentResponse): boolean {
  return Array.isArray(response.candidates) || response.promptFeedback !== undefined;
}

/** Texts of the answer; what the model thought on the way is left out. */
function textOf(response: GenerateContentResponse): string {
  const parts = response.candidates?.[0]?.content?.parts ?? [];
  return parts.map((part) => (Reflect.get(part, 'thought') === true ? '' : (part.text ?? ''))).join('');
}

/** Undefined while the answer goes on. */
function endOf(response: GenerateContentResponse): ChatEnd | undefined {
  const usage = usageOf(response);
  if (response.promptFeedback?.blockReason !== undefined) return { finish: 'refused', usage };
  const reason = response.candidates?.[0]?.finishReason;
  if (reason === undefined) return undefined;
  if (DECLINED.has(reason)) return { finish: 'refused', usage };
  return { finish: reason === FinishReason.MAX_TOKENS ? 'length' : 'stop', usage };
}

function usageOf({ usageMetadata: usage }: GenerateContentResponse): ChatEnd['usage'] {
  if (usage === undefined) return null;
  const thought = Number(Reflect.get(usage, 'thoughtsTokenCount') ?? 0);
  return { inputTokens: usage.promptTokenCount ?? 0, outputTokens: (usage.candidatesTokenCount ?? 0) + thought };
}

/** Causes are left out: the client puts the address and the provider's text into its messages. */
function rethrow(error: unknown, now: number): never {
  if (error instanceof ProviderFailure) throw error;
  if (error instanceof GoogleGenerativeAIFetchError && error.status !== undefined) {
    const details = (error.errorDetails ?? []) as readonly Readonly<Record<string, unknown>>[];
    const reason = details.map((detail) => detail['reason']).find((value) => typeof value === 'string');
    const delay = details.map((detail) => detail['retryDelay']).find((value) => typeof value === 'string');
    throw failureOf(error.status, reason, durationMs(delay, now));
  }
  const isParse = error instanceof SyntaxError || (error instanceof Error && /pars(e|ing)/.test(error.message));
  throw new ProviderFailure(isParse || error instanceof TypeError ? 'broken-answer' : 'unreachable');
}
