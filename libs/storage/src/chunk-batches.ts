import type { EmbeddedChunk } from '@gleaner/domain';
import { jsonBatches } from './json-batches.js';

const MAX_BATCH_ROWS = 100;
/** Headings are indexed for search, and a tsvector ends at 1 MB. */
const MAX_HEADINGS = 12;
const MAX_HEADING_LENGTH = 1_000;

/** A chunk with the document it belongs to and the model of its vector; null: the vector has no name and is left out. */
export interface OwnedChunk extends EmbeddedChunk {
  readonly documentId: string;
  readonly model: string | null;
}

/** JSON arrays of rows for `jsonb_to_recordset`; a single large chunk is a batch of its own. */
export function chunkBatches(chunks: readonly OwnedChunk[]): Generator<string> {
  return jsonBatches(chunks, chunkRow, MAX_BATCH_ROWS);
}

function chunkRow(chunk: OwnedChunk): Record<string, unknown> {
  return {
    document_id: chunk.documentId,
    model: chunk.model,
    ordinal: chunk.ordinal,
    text: chunk.text,
    headings: chunk.headings.slice(0, MAX_HEADINGS).map((heading) => heading.slice(0, MAX_HEADING_LENGTH)),
    content_hash: chunk.contentHash,
    token_count: chunk.tokenCount,
    embedding: chunk.vector === null ? null : JSON.stringify(chunk.vector),
  };
}
