import type { EmbeddingCache } from '@gleaner/domain';
import type { Database } from './database.js';
import { rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { withManager } from './transaction.js';

/** A vector of 1,536 numbers is about 15 KB as text: one statement stays near 256 KB, which keeps PGlite responsive. */
const MAX_NUMBERS_PER_STATEMENT = 24_000;
const MAX_HASHES_PER_STATEMENT = 200;

export function createEmbeddingCache(database: Database): EmbeddingCache {
  return {
    get: (model, contentHashes) =>
      withManager(database, async (manager) => {
        const vectors = new Map<string, readonly number[]>();
        for (let start = 0; start < contentHashes.length; start += MAX_HASHES_PER_STATEMENT) {
          const hashes = contentHashes.slice(start, start + MAX_HASHES_PER_STATEMENT);
          const found = await rows<{ hash: string; vector: string }>(
            manager,
            `
          select content_hash as hash, embedding::text as vector from embedding_cache
          where model = $1 and content_hash = any($2::text[])`,
            [model, hashes],
          );
          for (const { hash, vector } of found) vectors.set(hash, JSON.parse(vector) as number[]);
        }
        return vectors;
      }),

    put: (model, vectors) =>
      withManager(database, async (manager) => {
        for (const batch of batches(vectors)) {
          await rows(
            manager,
            `
          insert into embedding_cache (model, content_hash, embedding)
          select $1, hash, vector::vector from jsonb_to_recordset($2::jsonb) as entry (hash text, vector text)
          on conflict (model, content_hash) do nothing`,
            [model, storableJson(batch)],
          );
        }
      }),
  };
}

interface Entry {
  readonly hash: string;
  readonly vector: string;
}

/** Sorted by hash, so that two writers lock rows in the same order. */
function* batches(vectors: ReadonlyMap<string, readonly number[]>): Generator<readonly Entry[]> {
  let batch: Entry[] = [];
  let numbers = 0;
  for (const [hash, vector] of [...vectors].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (batch.length > 0 && numbers + vector.length > MAX_NUMBERS_PER_STATEMENT) {
      yield batch;
      batch = [];
      numbers = 0;
    }
    batch.push({ hash, vector: JSON.stringify(vector) });
    numbers += vector.length;
  }
  if (batch.length > 0) yield batch;
}
