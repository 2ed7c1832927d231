import { createHash } from 'node:crypto';
import {
  type BlobRef,
  type BlobStore,
  type EmbedDocumentInput,
  type EmbedOutcome,
  type Embedder,
  type EmbeddingCache,
  Fault,
  type JobLog,
} from '@gleaner/domain';
import { chunkMarkdown } from '@gleaner/extraction';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { getJson, putJson } from '../runtime/blob-json.js';
import { createEmbedActivities } from './embed.activities.js';

function memoryBlobs(): BlobStore {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(bytes) {
      const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      kept.set(hash, bytes);
      return { hash, bytes: bytes.length };
    },
    get: async (hash) => kept.get(hash) ?? new Uint8Array(),
    has: async (hash) => kept.has(hash),
    check: async () => {},
  };
}

function memoryCache(): EmbeddingCache {
  const kept = new Map<string, readonly number[]>();
  return {
    get: async (model, hashes) =>
      new Map(hashes.flatMap((hash) => (kept.has(model + hash) ? [[hash, kept.get(model + hash) ?? []] as const] : []))),
    put: async (model, vectors) => {
      for (const [hash, vector] of vectors) kept.set(model + hash, vector);
    },
  };
}

const nothing = async (): Promise<void> => {};
const noLog: JobLog = {
  started: async () => true,
  stateOf: async () => 'running',
  paused: nothing,
  resumed: nothing,
  append: nothing,
  finish: async () => true,
};

/** Counts what it is asked; fails on the call numbers it is told to. */
function countingEmbedder(failOn: readonly number[] = []): Embedder & { readonly batches: number[] } {
  const batches: number[] = [];
  return {
    model: 'probe',
    batchSize: 2,
    batches,
    async embed(texts) {
      batches.push(texts.length);
      if (failOn.includes(batches.length)) throw new Error('away');
      return { vectors: texts.map((text) => [text.length, 1]), tokens: texts.length };
    },
  };
}

const markdown = Array.from(
  { length: 5 },
  (_, index) => `## Part ${index}\n\n${`Sentence number ${index} about harbors and lanterns. `.repeat(25)}`,
).join('\n\n');

/** Attempts that Temporal counts and that ended with no fault of their own. */
const WAITS = 6;

/** `attempt` of those that count, from 1. */
async function embed(embedder: Embedder | null, cache = memoryCache(), blobs = memoryBlobs(), attempt = 1) {
  const page: BlobRef = await putJson(blobs, { markdown, text: markdown });
  const cpu = {
    chunk: async ({ markdown: text, maxTokens }: { markdown: string; maxTokens: number }) => chunkMarkdown(text, { maxTokens }),
  };
  const stage = createEmbedActivities({ blobs, cache, embedder, cpu, jobLog: noLog });
  const environment = new MockActivityEnvironment(
    { attempt: attempt + WAITS, heartbeatDetails: { counted: attempt - 1 } },
    { logger: new DefaultLogger('ERROR') },
  );
  const outcome: EmbedOutcome = await environment.run((input: EmbedDocumentInput) => stage.embedDocument(input), { jobId: 'job_1', page });
  return { outcome, chunks: await getJson<{ vector: number[] | null; text: string }[]>(blobs, outcome.chunks) };
}

describe('embedDocument', () => {
  it('makes no vectors without a model, and says so', async () => {
    const { outcome, chunks } = await embed(null);
    expect(outcome).toMatchObject({ embedding: { mode: 'lexical' }, tokens: 0, cached: 0 });
    expect(chunks.length).toBeGreaterThanOrEqual(5);
    expect(chunks.every((chunk) => chunk.vector === null)).toBe(true);
  });

  it('embeds in batches, once per text and model', async () => {
    const cache = memoryCache();
    const first = countingEmbedder();
    const { outcome, chunks } = await embed(first, cache);
    expect(outcome.embedding).toEqual({ mode: 'vector', model: 'probe', dimensions: 2 });
    expect(first.batches.reduce((sum, size) => sum + size, 0)).toBe(chunks.length);
    expect(Math.max(...first.batches)).toBe(2);
    for (const chunk of chunks) expect(chunk.vector).toEqual([chunk.text.length, 1]);
    const second = countingEmbedder();
    expect((await embed(second, cache)).outcome).toMatchObject({ cached: chunks.length, tokens: 0 });
    expect(second.batches).toEqual([]);
  });

  it('keeps the batches that arrived before a fault', async () => {
    const cache = memoryCache();
    await expect(embed(countingEmbedder([2]), cache)).rejects.toThrow('away');
    const again = countingEmbedder();
    const { outcome } = await embed(again, cache);
    expect(outcome.cached).toBe(2);
  });

  it.each([
    ['MODEL_REJECTED', 1],
    ['MODEL_BUDGET_REACHED', 1],
    ['MODEL_FAILED', 5],
  ] as const)('stores without vectors, and says why, when the model ends with %s', async (code, attempt) => {
    const refusing: Embedder = {
      model: 'probe',
      batchSize: 2,
      embed: () => Promise.reject(new Fault(code, { detail: 'probe answered 401.' })),
    };
    const { outcome, chunks } = await embed(refusing, memoryCache(), memoryBlobs(), attempt);
    expect(outcome.embedding).toEqual({ mode: 'lexical', reason: `${code}: probe answered 401.` });
    expect(chunks.length).toBeGreaterThan(0);
  });

  it('tries again while a failing model has attempts left', async () => {
    const failing: Embedder = { model: 'probe', batchSize: 2, embed: () => Promise.reject(new Fault('MODEL_FAILED', { detail: 'away' })) };
    await expect(embed(failing, memoryCache(), memoryBlobs(), 1)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });
});
