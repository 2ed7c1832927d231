import { describe, expect, it } from 'vitest';
import { batchEmbeddings, geminiError } from './test-support/gemini-wire.js';
import { embeddings, openAiError } from './test-support/openai-wire.js';
import { never, simulate } from './test-support/simulation.js';
import { json, truncated } from './test-support/wire-server.js';

describe('the embedder', () => {
  it('sends texts in one call and gives vectors in their order', async () => {
    await using simulation = await simulate({ openai: embeddings });
    const { embedder } = simulation.models;
    expect(embedder).toMatchObject({ model: 'text-embedding-3-small', batchSize: 100 });
    expect(await embedder?.embed(['a', 'bbb'], never)).toEqual({
      vectors: [
        [1, 1, 0],
        [3, 1, 0],
      ],
      tokens: 9,
    });
    expect(simulation.wire('openai').requests).toMatchObject([
      {
        path: '/embeddings',
        headers: { authorization: 'Bearer sk-secret' },
        body: { model: 'text-embedding-3-small', input: ['a', 'bbb'], encoding_format: 'float' },
      },
    ]);
    expect(simulation.budget.used('day:2026-10-01')).toEqual({ calls: 1, tokens: 9, microUsd: 1 });
  });

  it('speaks to NVIDIA of passages and queries', async () => {
    await using simulation = await simulate({ nvidia: embeddings });
    await simulation.models.embedder?.embed(['a'], never);
    await simulation.models.embedder?.embed(['b'], never, 'query');
    expect(simulation.wire('nvidia').requests.map(({ body }) => body['input_type'])).toEqual(['passage', 'query']);
  });

  it('speaks to Gemini of documents and queries', async () => {
    await using simulation = await simulate({ gemini: batchEmbeddings });
    expect(await simulation.models.embedder?.embed(['a', 'bbb'], never)).toEqual({
      vectors: [
        [1, 1],
        [3, 1],
      ],
      tokens: 2,
    });
    await simulation.models.embedder?.embed(['b'], never, 'query');
    const { requests } = simulation.wire('gemini');
    expect(requests).toMatchObject([
      { path: '/v1beta/models/gemini-embedding-001:batchEmbedContents', body: { requests: [{ taskType: 'RETRIEVAL_DOCUMENT' }, {}] } },
      { body: { requests: [{ taskType: 'RETRIEVAL_QUERY' }] } },
    ]);
  });

  it('speaks to Ollama without a key', async () => {
    await using simulation = await simulate({ ollama: embeddings });
    expect(await simulation.models.embedder?.embed(['a'], never)).toMatchObject({ vectors: [[1, 1, 0]] });
    expect(simulation.wire('ollama').requests).toMatchObject([{ path: '/v1/embeddings', body: { model: 'nomic-embed-text' } }]);
  });

  it.each([
    [401, 'MODEL_REJECTED', undefined],
    [404, 'MODEL_REJECTED', undefined],
    [422, 'MODEL_REJECTED', undefined],
    [429, 'MODEL_FAILED', 3_000],
    [503, 'MODEL_FAILED', 3_000],
  ])('types a refusal of %i as %s', async (status, code, retryAfterMs) => {
    await using simulation = await simulate({ openai: openAiError(status, null, { 'retry-after': '3' }) });
    const failure = await simulation.models.embedder?.embed(['a'], never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, retryAfterMs });
    expect(String(failure)).not.toContain('secret');
  });

  it.each([
    ['half an answer', { openai: truncated({ data: [{ index: 0, embedding: [1, 2, 3] }] }) }],
    ['no list', { openai: json({ data: 'none' }) }],
    ['an empty vector', { openai: json({ data: [{ index: 0, embedding: [] }] }) }],
    ['no embeddings of Gemini', { gemini: json({}) }],
    ['an unreadable status of Gemini', { gemini: geminiError(500) }],
  ])('refuses %s', async (_, answers) => {
    await using simulation = await simulate(answers);
    await expect(simulation.models.embedder?.embed(['a'], never)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });

  it('stops when it is told to, and at its budget', async () => {
    await using simulation = await simulate({ openai: embeddings }, { GLEANER_MODEL_CALLS_PER_DAY: '1' });
    await expect(simulation.models.embedder?.embed(['a'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await simulation.models.embedder?.embed(['a'], never);
    await expect(simulation.models.embedder?.embed(['a'], never)).rejects.toMatchObject({ code: 'MODEL_BUDGET_REACHED' });
  });
});

describe('createModels', () => {
  it('has no model without a key, and tells no key', async () => {
    await using none = await simulate({});
    expect([none.models.language, none.models.embedder, none.models.describe()]).toEqual([null, null, []]);
    await using groq = await simulate({ groq: embeddings });
    expect(groq.models.embedder).toBeNull();
    expect(JSON.stringify(groq.models.describe())).toBe(
      JSON.stringify(
        ['extract', 'learn', 'answer'].map((role) => ({ role, provider: 'groq', model: 'openai/gpt-oss-120b', configured: true })),
      ),
    );
  });
});
