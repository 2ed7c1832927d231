import { type BlobStore, type EmbedBatchOutcome, type Embedder, Fault, type JobLog, type JobUsage } from '@gleaner/domain';
import { expect, it } from 'vitest';
import { embedBatch } from './embed-batch.js';

const answering: Embedder = {
  model: 'probe',
  batchSize: 8,
  embed: async (texts) => ({ vectors: texts.map((text) => [text.length]), tokens: 10 * texts.length }),
};
const refusing: Embedder = { ...answering, embed: () => Promise.reject(new Fault('MODEL_REJECTED', { detail: 'no' })) };

/** Stored pages of one chunk each, and a log by the rule that a key counts once. */
function bench(embedder: Embedder) {
  const kept = new Map<string, Uint8Array>();
  const blobs: Partial<BlobStore> = {
    put: async (bytes) => {
      const hash = `sha256:${kept.size}`;
      kept.set(hash, bytes);
      return { hash, bytes: bytes.length };
    },
    get: async (hash) => kept.get(hash) ?? new Uint8Array(),
  };
  const usage = new Map<string, Partial<JobUsage>>();
  const jobLog: Partial<JobLog> = {
    append: async (_job, key, _event, _counts, used) => void (usage.has(key) || usage.set(key, used ?? {})),
  };
  const cache = { get: async () => new Map(), put: async () => {} };
  const deps = { blobs: blobs as BlobStore, jobLog: jobLog as JobLog, cache, embedder };
  const page = (key: string): object => ({ key, chunks: [{ contentHash: `hash of ${key}`, text: key }], timingsMs: {} });
  return {
    usage: () => [...usage.values()],
    async run(...keys: readonly string[]): Promise<EmbedBatchOutcome> {
      const put = async (key: string) => deps.blobs.put(Buffer.from(JSON.stringify(page(key))));
      const input = { jobId: 'job_1', host: 'quay.example', batch: 'quay.example#1r', pages: await Promise.all(keys.map(put)) };
      return embedBatch(deps, input, { number: 1, signal: new AbortController().signal });
    },
  };
}

it('counts what every pass of a batch took, each once whichever attempt comes through', async () => {
  const batch = bench(answering);
  await batch.run('a', 'b');
  await batch.run('c');
  await batch.run('c');
  expect(batch.usage()).toMatchObject([{ tokens: 20 }, { tokens: 10 }]);
});

it('tells of every pass that no model served', async () => {
  const batch = bench(refusing);
  await batch.run('a');
  await batch.run('b');
  expect(batch.usage()).toHaveLength(2);
});
