import { type Embedder, Fault } from '@gleaner/domain';
import { createEgressAgent, createEgressPolicy } from '@gleaner/egress';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';

export interface OpenAiEmbedderOptions {
  /** `https://api.openai.com/v1` or any service with the same `/embeddings`. */
  readonly baseUrl: string;
  /** Absent for services that want none. */
  readonly apiKey?: string;
  readonly model: string;
  readonly timeoutMs?: number;
}

/** The service takes 2,048 inputs and 300,000 tokens a call; 100 chunks of 256 tokens stay far below both. */
const BATCH_SIZE = 100;
const MAX_ANSWER_BYTES = 50_000_000;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Answer of `POST /embeddings` (OpenAI API reference, "Create embeddings"). */
const Answer = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ total_tokens: z.int().min(0) }).optional(),
});

/**
 * Embeddings of an OpenAI-compatible service. Retries are Temporal's: a call is made once and its failure is typed.
 * The operator names the service, so its address is allowed even when it is private; it still passes the egress gate,
 * in a policy of its own that opens nothing for page fetches.
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const endpoint = new URL(`${options.baseUrl.replace(/\/+$/, '')}/embeddings`);
  const port = endpoint.port || (endpoint.protocol === 'https:' ? '443' : '80');
  const dispatcher = createEgressAgent(createEgressPolicy({ allowPrivate: [`${endpoint.hostname}:${port}`] }));
  return {
    model: options.model,
    batchSize: BATCH_SIZE,
    async embed(texts, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS)]);
      const response = await send({ endpoint, dispatcher, options, texts, signal: deadline });
      const answer = Answer.safeParse(await readJson(response, options.model));
      if (!answer.success)
        throw new Fault('MODEL_FAILED', { detail: `${options.model} answered something that is not a list of embeddings.` });
      const sorted = answer.data.data.toSorted((a, b) => a.index - b.index);
      return { vectors: sorted.map((item) => item.embedding), tokens: answer.data.usage?.total_tokens ?? 0 };
    },
  };
}

interface Call {
  readonly endpoint: URL;
  readonly dispatcher: Dispatcher;
  readonly options: OpenAiEmbedderOptions;
  readonly texts: readonly string[];
  readonly signal: AbortSignal;
}

async function send({ endpoint, dispatcher, options, texts, signal }: Call): Promise<Dispatcher.ResponseData> {
  const headers = {
    'content-type': 'application/json',
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };
  const body = JSON.stringify({ model: options.model, input: texts, encoding_format: 'float' });
  let response: Dispatcher.ResponseData;
  try {
    response = await request(endpoint, { method: 'POST', headers, body, dispatcher, signal });
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('MODEL_FAILED', { detail: `${options.model} could not be reached.`, cause });
  }
  if (response.statusCode < 300) return response;
  await response.body.dump();
  throw refusal(response, options.model);
}

/** 408, 409, 429 and 5xx pass; every other refusal is about the key, the model or the request and stays. */
function refusal(response: Dispatcher.ResponseData, model: string): Fault {
  const status = response.statusCode;
  if (![408, 409, 429].includes(status) && status < 500) return new Fault('MODEL_REJECTED', { detail: `${model} answered ${status}.` });
  const seconds = Number(response.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1_000 : undefined;
  return new Fault('MODEL_FAILED', { detail: `${model} answered ${status}.`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

async function readJson(response: Dispatcher.ResponseData, model: string): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body) {
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) throw new Error('answer too large');
      parts.push(part);
    }
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (cause) {
    throw new Fault('MODEL_FAILED', { detail: `The answer of ${model} is not complete JSON.`, cause });
  }
}
