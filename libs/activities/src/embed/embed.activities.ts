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
} from '@gleaner/domain';
import { chunkMarkdown } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { getJson, putJson } from '../runtime/blob-json.js';
import { startClock } from '../runtime/stage-clock.js';
import { embedChunks } from './embed-chunks.js';

export interface EmbedDependencies {
  readonly blobs: BlobStore;
  readonly jobLog: JobLog;
  readonly cache: EmbeddingCache;
  /** Null where no model is configured: chunks then have no vectors, are found by words, and say so. */
  readonly embedder: Embedder | null;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

export function createEmbedActivities({ blobs, jobLog, cache, embedder }: EmbedDependencies): EmbedActivities {
  return {
    async embedDocument(input: EmbedDocumentInput): Promise<EmbedOutcome> {
      const elapsedMs = startClock();
      const page = await getJson<ExtractedPage>(blobs, input.page);
      const chunks = chunkMarkdown(page.markdown, { maxTokens: MAX_CHUNK_TOKENS });
      if (embedder === null) return lexical(chunks, await putJson(blobs, chunks.map(withoutVector)), elapsedMs());
      const { vectors, cached, tokens } = await embedChunks({ chunks, embedder, cache, signal: cancellationSignal() });
      const embedded: EmbeddedChunk[] = chunks.map((chunk) => ({ ...chunk, vector: vectors.get(chunk.contentHash) ?? null }));
      const ref = await putJson(blobs, embedded);
      const message = `${chunks.length} chunks by ${embedder.model}, ${cached} from the cache`;
      await jobLog.append(input.jobId, 'embedded', { type: 'job.progress', stage: 'embed', message }, { embedded: 1 });
      const dimensions = embedded[0]?.vector?.length ?? 0;
      return {
        chunks: ref,
        count: chunks.length,
        embedding: { mode: 'vector', model: embedder.model, dimensions },
        cached,
        tokens,
        durationMs: elapsedMs(),
      };
    },
  };
}

function lexical(chunks: readonly Chunk[], ref: EmbedOutcome['chunks'], durationMs: number): EmbedOutcome {
  const embedding: EmbeddingLabel = { mode: 'lexical' };
  return { chunks: ref, count: chunks.length, embedding, cached: 0, tokens: 0, durationMs };
}

function withoutVector(chunk: Chunk): EmbeddedChunk {
  return { ...chunk, vector: null };
}
