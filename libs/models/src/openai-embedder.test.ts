import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiEmbedder } from './openai-embedder.js';

type Answer = { readonly status: number; readonly body: string; readonly headers?: Record<string, string> };

interface Service {
  readonly baseUrl: string;
  readonly requests: {
    readonly path: string;
    readonly authorization: string | undefined;
    readonly body: { readonly model: string; readonly input: string[] };
  }[];
}

let server: Server | undefined;
afterEach(() => void server?.close());

/** An OpenAI-compatible service on loopback, faithful to the documented format. */
async function service(answer: (input: string[]) => Answer): Promise<Service> {
  const requests: Service['requests'] = [];
  server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (part: Buffer) => (text += part.toString()));
    incoming.on('end', () => {
      const body = JSON.parse(text);
      requests.push({ path: incoming.url ?? '', authorization: incoming.headers.authorization, body });
      const { status, body: answerBody, headers } = answer(body.input);
      outgoing.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers }).end(answerBody);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests };
}

const never = new AbortController().signal;
const vectorOf = (text: string): number[] => [text.length, 1, 0];

describe('createOpenAiEmbedder', () => {
  it('sends texts in one call and gives vectors in their order', async () => {
    const { baseUrl, requests } = await service((input) => ({
      status: 200,
      body: JSON.stringify({
        object: 'list',
        data: input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).toReversed(),
        usage: { prompt_tokens: 7, total_tokens: 7 },
      }),
    }));
    const embedder = createOpenAiEmbedder({ baseUrl, apiKey: 'sk-test', model: 'probe' });
    const answer = await embedder.embed(['a', 'bbb'], never);
    expect(answer).toEqual({ vectors: [vectorOf('a'), vectorOf('bbb')], tokens: 7 });
    expect(requests).toEqual([
      { path: '/v1/embeddings', authorization: 'Bearer sk-test', body: { model: 'probe', input: ['a', 'bbb'], encoding_format: 'float' } },
    ]);
  });

  it.each([
    [401, 'MODEL_REJECTED', undefined],
    [404, 'MODEL_REJECTED', undefined],
    [429, 'MODEL_FAILED', 3_000],
    [503, 'MODEL_FAILED', undefined],
  ])('types a refusal of %i as %s', async (status, code, retryAfterMs) => {
    const { baseUrl } = await service(() => ({
      status,
      body: '{"error":{"message":"no: sk-test"}}',
      headers: status === 429 ? { 'retry-after': '3' } : {},
    }));
    const failure = await createOpenAiEmbedder({ baseUrl, apiKey: 'sk-test', model: 'probe' })
      .embed(['a'], never)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, retryAfterMs });
    expect(String(failure)).not.toContain('sk-test');
  });

  it.each(['{"data":[{"index":0,', '{"data":"none"}'])('refuses an answer that is not embeddings: %s', async (body) => {
    const { baseUrl } = await service(() => ({ status: 200, body }));
    await expect(createOpenAiEmbedder({ baseUrl, model: 'probe' }).embed(['a'], never)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });

  it('stops when it is told to', async () => {
    const { baseUrl } = await service(() => ({ status: 200, body: '{}' }));
    await expect(createOpenAiEmbedder({ baseUrl, model: 'probe' }).embed(['a'], AbortSignal.abort())).rejects.toMatchObject({
      code: 'MODEL_FAILED',
    });
  });
});
