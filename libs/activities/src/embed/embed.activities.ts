import {
  type BlobStore,
  type Chunk,
  type EmbedActivities,
  type EmbedDocumentInput,
  type EmbedOutcome,
  type EmbeddedChunk,
  type Embedder,
  type EmbeddingCache,
  type EmbeddingLabel,
  type ExtractedPage,
  type JobLog,
  type JobUsage,
  isLastAttempt,
  isModelFault,
  spendingOf,
} from '@gleaner/domain';
import { Context, cancellationSignal } from '@temporalio/activity';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { getJson, putJson } from '../runtime/blob-json.js';
import { CountedAttempts } from '../runtime/counted-attempts.js';
import { startClock } from '../runtime/stage-clock.js';
import { embedChunks } from './embed-chunks.js';

export interface EmbedDependencies {
  readonly blobs: BlobStore;
  readonly jobLog: JobLog;
  readonly cache: EmbeddingCache;
  readonly cpu: Pick<CpuTasks, 'chunk'>;
  /** Null where no model is configured: chunks then have no vectors, are found by words, and say so. */
  readonly embedder: Embedder | null;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

interface Embedded {
  readonly chunks: readonly EmbeddedChunk[];
  readonly embedding: EmbeddingLabel;
  readonly cached: number;
  readonly tokens: number;
  /** What a model that did not answer took. */
  readonly spent?: Partial<JobUsage>;
}

/** Chunks of a page, with vectors where a model is configured and answers. A model that does not is no reason to lose the page. */
export function createEmbedActivities(dependencies: EmbedDependencies): EmbedActivities {
  const { blobs, jobLog, cpu } = dependencies;
  return {
    async embedDocument(input: EmbedDocumentInput): Promise<EmbedOutcome> {
      const elapsedMs = startClock();
      const page = await getJson<ExtractedPage>(blobs, input.page);
      const chunks = await cpu.chunk({ markdown: page.markdown, maxTokens: MAX_CHUNK_TOKENS }, cancellationSignal());
      const { chunks: embedded, embedding, cached, tokens, spent = {} } = await embed(dependencies, chunks);
      const ref = await putJson(blobs, embedded);
      await tell(jobLog, input.jobId, { embedding, cached, tokens, count: chunks.length, spent });
      return { chunks: ref, count: chunks.length, embedding, cached, tokens, durationMs: elapsedMs() };
    },
  };
}

async function embed({ embedder, cache }: EmbedDependencies, chunks: readonly Chunk[]): Promise<Embedded> {
  if (embedder === null) return lexical(chunks);
  try {
    const { vectors, cached, tokens } = await embedChunks({ chunks, embedder, cache, signal: cancellationSignal() });
    const embedded = chunks.map((chunk) => ({ ...chunk, vector: vectors.get(chunk.contentHash) ?? null }));
    const dimensions = embedded[0]?.vector?.length ?? 0;
    return { chunks: embedded, embedding: { mode: 'vector', model: embedder.model, dimensions }, cached, tokens };
  } catch (error) {
    if (!isModelFault(error) || !isLastAttempt(error.code, new CountedAttempts(Context.current()).current)) throw error;
    return { ...lexical(chunks, `${error.code}: ${error.message}`), spent: spendingOf(error) };
  }
}

function lexical(chunks: readonly Chunk[], reason?: string): Embedded {
  const embedding: EmbeddingLabel = reason === undefined ? { mode: 'lexical' } : { mode: 'lexical', reason };
  return { chunks: chunks.map((chunk) => ({ ...chunk, vector: null })), embedding, cached: 0, tokens: 0 };
}

/** Without a model there is nothing to tell: the page has chunks, and counts as not embedded. */
async function tell(
  jobLog: JobLog,
  jobId: string,
  outcome: Pick<EmbedOutcome, 'embedding' | 'cached' | 'tokens' | 'count'> & { readonly spent: Partial<JobUsage> },
): Promise<void> {
  const { embedding, cached, tokens, count } = outcome;
  if (embedding.mode === 'vector') {
    const message = `${count} chunks by ${embedding.model}, ${cached} from the cache`;
    const usage = { modelCalls: cached < count ? 1 : 0, modelCallsAvoided: cached > 0 ? 1 : 0, tokens };
    await jobLog.append(jobId, 'embedded', { type: 'job.progress', stage: 'embed', message }, { embedded: 1 }, usage);
  } else if (embedding.mode === 'lexical' && embedding.reason !== undefined) {
    const message = `no vectors: ${embedding.reason}`;
    await jobLog.append(jobId, 'embedded', { type: 'job.progress', stage: 'embed', message }, {}, outcome.spent);
  }
}
