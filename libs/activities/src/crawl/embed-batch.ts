import {
  type BlobStore,
  type EmbedBatchInput,
  type EmbedBatchOutcome,
  type Embedder,
  type EmbeddingCache,
  type ExtractedBatchPage,
  type JobLog,
  isLastAttempt,
  isModelFault,
  spendingOf,
} from '@gleaner/domain';
import { embedChunks } from '../embed/embed-chunks.js';
import { startClock } from '../runtime/stage-clock.js';
import { readLines } from './batch-lines.js';
import { passKey } from './pass-key.js';

export interface EmbedBatchDeps {
  readonly blobs: BlobStore;
  readonly cache: EmbeddingCache;
  readonly jobLog: JobLog;
  readonly embedder: Embedder | null;
}

interface Attempt {
  readonly number: number;
  readonly signal: AbortSignal;
}

/** Vectors for the chunks of a batch, in calls over all its pages. A model that does not answer is no reason to lose pages: they say so. */
export async function embedBatch(deps: EmbedBatchDeps, input: EmbedBatchInput, attempt: Attempt): Promise<EmbedBatchOutcome> {
  const { blobs, embedder, cache, jobLog } = deps;
  if (embedder === null) return { pages: input.pages };
  const elapsedMs = startClock();
  const pages = (await Promise.all(input.pages.map(({ hash }) => readLines(blobs, hash)))).flat();
  const chunks = pages.flatMap((page) => page.chunks);
  const key = passKey(
    'embedded',
    input.batch,
    pages.map((page) => page.key),
  );
  try {
    const { vectors, cached, tokens } = await embedChunks({ chunks, embedder, cache, signal: attempt.signal });
    const embedMs = Math.ceil(elapsedMs() / Math.max(1, pages.length));
    const dimensions = [...vectors.values()][0]?.length ?? 0;
    const message = `${chunks.length} chunks of ${pages.length} pages by ${embedder.model}, ${cached} from the cache`;
    const usage = { modelCalls: Math.ceil((chunks.length - cached) / embedder.batchSize), modelCallsAvoided: cached > 0 ? 1 : 0, tokens };
    await jobLog.append(input.jobId, key, { type: 'job.progress', stage: 'embed', message }, {}, usage);
    return write(
      blobs,
      pages.map((page) => withVectors(page, vectors, { mode: 'vector', model: embedder.model, dimensions }, embedMs)),
    );
  } catch (error) {
    if (!isModelFault(error) || !isLastAttempt(error.code, attempt.number)) throw error;
    const reason = `${error.code}: ${error.message}`;
    const message = `no vectors: ${reason}`;
    await jobLog.append(input.jobId, key, { type: 'job.progress', stage: 'embed', message }, {}, spendingOf(error));
    return write(
      blobs,
      pages.map((page) => ({ ...page, embedding: { mode: 'lexical', reason } })),
    );
  }
}

function withVectors(
  page: ExtractedBatchPage,
  all: ReadonlyMap<string, readonly number[]>,
  embedding: ExtractedBatchPage['embedding'],
  embedMs: number,
): ExtractedBatchPage {
  const vectors = Object.fromEntries(page.chunks.map(({ contentHash }) => [contentHash, all.get(contentHash) ?? []]));
  return { ...page, vectors, embedding, timingsMs: { ...page.timingsMs, embed: embedMs } };
}

async function write(blobs: BlobStore, pages: readonly ExtractedBatchPage[]): Promise<EmbedBatchOutcome> {
  return { pages: [await blobs.put(Buffer.from(pages.map((page) => JSON.stringify(page)).join('\n')))] };
}
