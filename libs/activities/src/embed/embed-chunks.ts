import { type Chunk, type Embedder, type EmbeddingCache, Fault } from '@gleaner/domain';

export interface EmbedRequest {
  readonly chunks: readonly Chunk[];
  readonly embedder: Embedder;
  readonly cache: EmbeddingCache;
  readonly signal: AbortSignal;
}

export interface EmbeddedTexts {
  /** Content hash → vector. */
  readonly vectors: ReadonlyMap<string, readonly number[]>;
  /** How many distinct texts were in the cache. */
  readonly cached: number;
  readonly tokens: number;
}

/**
 * Vectors for chunks: from the cache by (model, content hash), the rest in batches of the model's size. Each batch is
 * cached as soon as it arrives, so that a retry after a fault pays only for what is missing.
 */
export async function embedChunks({ chunks, embedder, cache, signal }: EmbedRequest): Promise<EmbeddedTexts> {
  const textOf = new Map(chunks.map((chunk) => [chunk.contentHash, chunk.text]));
  const vectors = new Map(await cache.get(embedder.model, [...textOf.keys()]));
  const cached = vectors.size;
  const missing = [...textOf].filter(([hash]) => !vectors.has(hash));
  let tokens = 0;
  for (let start = 0; start < missing.length; start += embedder.batchSize) {
    const batch = missing.slice(start, start + embedder.batchSize);
    const answer = await embedder.embed(
      batch.map(([, text]) => text),
      signal,
    );
    if (answer.vectors.length !== batch.length)
      throw new Fault('MODEL_FAILED', { detail: `${embedder.model} answered ${answer.vectors.length} vectors for ${batch.length} texts.` });
    const fresh = new Map(batch.map(([hash], index) => [hash, answer.vectors[index] ?? []]));
    await cache.put(embedder.model, fresh);
    for (const [hash, vector] of fresh) vectors.set(hash, vector);
    tokens += answer.tokens;
  }
  return { vectors, cached, tokens };
}
