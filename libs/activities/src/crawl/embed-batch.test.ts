import { type BlobRef, type BlobStore, type EmbedBatchOutcome, type Embedder, Fault, type JobLog, type JobUsage } from '@gleaner/domain';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { createCrawlEmbedActivities } from './crawl.activities.js';

const answering: Embedder = {
  model: 'probe',
  batchSize: 8,
  embed: async (texts) => ({ vectors: texts.map((text) => [text.length]), tokens: 10 * texts.length }),
};
const failing = (code: 'MODEL_REJECTED' | 'MODEL_FAILED'): Embedder => ({
  ...answering,
  embed: () => Promise.reject(new Fault(code, { detail: 'no' })),
});

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
  const activities = createCrawlEmbedActivities({ blobs: blobs as BlobStore, jobLog: jobLog as JobLog, cache, embedder });
  const page = (key: string): object => ({ key, chunks: [{ contentHash: `hash of ${key}`, text: key }], timingsMs: {} });
  return {
    usage: () => [...usage.values()],
    /** An attempt after `counted` that ended with a fault, and after some that only waited for a worker. */
    async run(keys: readonly string[], counted = 0): Promise<EmbedBatchOutcome> {
      const put = async (key: string): Promise<BlobRef> => (blobs as BlobStore).put(Buffer.from(JSON.stringify(page(key))));
      const input = { jobId: 'job_1', host: 'quay.example', batch: 'quay.example#1r', pages: await Promise.all(keys.map(put)) };
      const environment = new MockActivityEnvironment(
        { attempt: 7, heartbeatDetails: { counted } },
        { logger: new DefaultLogger('ERROR') },
      );
      const embed = () => activities.embedBatch(input);
      return environment.run<[], EmbedBatchOutcome, typeof embed>(embed);
    },
  };
}

it('counts what every pass of a batch took, each once whichever attempt comes through', async () => {
  const batch = bench(answering);
  await batch.run(['a', 'b']);
  await batch.run(['c']);
  await batch.run(['c']);
  expect(batch.usage()).toMatchObject([{ tokens: 20 }, { tokens: 10 }]);
});

it('tells of every pass that no model served', async () => {
  const batch = bench(failing('MODEL_REJECTED'));
  await batch.run(['a']);
  await batch.run(['b']);
  expect(batch.usage()).toHaveLength(2);
});

it('asks a failing model again while attempts that count are left', async () => {
  const batch = bench(failing('MODEL_FAILED'));
  await expect(batch.run(['a'], 3)).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  await batch.run(['a'], 4);
  expect(batch.usage()).toHaveLength(1);
});
