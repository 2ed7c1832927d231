import { createHash } from 'node:crypto';
import type { BlobRef, BlobStore, EmbedDocumentInput, EmbedOutcome, Embedder, EmbeddingCache, JobLog } from '@gleaner/domain';
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
const noLog: JobLog = { started: nothing, paused: nothing, resumed: nothing, append: nothing, finish: async () => true };

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

async function embed(embedder: Embedder | null, cache = memoryCache(), blobs = memoryBlobs()) {
  const page: BlobRef = await putJson(blobs, { markdown, text: markdown });
  const stage = createEmbedActivities({ blobs, cache, embedder, jobLog: noLog });
  const environment = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
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
});
