import { type DocumentRecord, type DocumentWriter, type EmbeddedChunk, Fault, isFinal } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { chunkBatches } from './chunk-batches.js';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { documentRow } from './document-record.js';
import { DocumentEntity } from './entities/document.entity.js';
import { newId } from './identifiers.js';
import { addEvent, lockJob } from './job-ledger.js';
import { firstRow, rows } from './statement.js';
import { storableValue } from './storable-text.js';
import { inTransaction } from './transaction.js';

/**
 * Throws Fault NOT_FOUND for an unknown job, and CONFLICT when the job ended before this page was stored: nothing new
 * appears after the final event.
 */
export function createDocumentWriter(database: Database): DocumentWriter {
  return { store: (document, chunks) => inTransaction(database, (manager) => store(manager, document, chunks)) };
}

async function store(
  manager: EntityManager,
  document: Omit<DocumentRecord, 'id'>,
  chunks: readonly EmbeddedChunk[],
): Promise<{ readonly documentId: string }> {
  const { jobId, ownerId } = document;
  const urlHash = digest(document.urlKey);
  const job = await lockJob(manager, jobId);
  const earlier = await firstRow<{ id: string }>(manager, 'select id from documents where job_id = $1 and url_hash = $2', [jobId, urlHash]);
  if (earlier !== null) return { documentId: earlier.id };
  if (isFinal(job.state)) throw new Fault('CONFLICT', { detail: `The job ${jobId} ended before this page was stored.` });

  const isCurrent = await retireOlder(manager, { ownerId, urlHash, fetchedAt: document.fetchedAt });
  const documentId = newId('document');
  await manager
    .createQueryBuilder()
    .insert()
    .into(DocumentEntity)
    .values(storableValue({ ...documentRow(documentId, document), isCurrent }) as DocumentEntity)
    .updateEntity(false)
    .execute();
  const model = document.embedding.mode === 'vector' ? document.embedding.model : null;
  if (isCurrent) for (const batch of chunkBatches(chunks)) await insertChunks(manager, { documentId, ownerId, model, batch });
  await addEvent(manager, job, `page:stored:${urlHash}`, { type: 'page.stored', stage: 'store', url: document.url }, { stored: 1 });
  return { documentId };
}

interface PageVersion {
  readonly ownerId: string;
  readonly urlHash: string;
  readonly fetchedAt: string;
}

/**
 * Two jobs that store the same page at once take turns; else each would miss the other's document, which is not yet visible.
 * False when what is current was fetched later: a job that waited long must not bring back an older page.
 */
async function retireOlder(manager: EntityManager, { ownerId, urlHash, fetchedAt }: PageVersion): Promise<boolean> {
  await rows(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [`document ${ownerId} ${urlHash}`]);
  const later = await firstRow(
    manager,
    'select id from documents where owner_id = $1 and url_hash = $2 and is_current and fetched_at > $3',
    [ownerId, urlHash, fetchedAt],
  );
  if (later !== null) return false;
  await rows(
    manager,
    `
    with retired as (
      update documents set is_current = false where owner_id = $1 and url_hash = $2 and is_current returning id
    )
    delete from chunks using retired where chunks.document_id = retired.id`,
    [ownerId, urlHash],
  );
  return true;
}

interface ChunkInsert {
  readonly documentId: string;
  readonly ownerId: string;
  /** Null: the vectors, if there are any, have no name and are left out. */
  readonly model: string | null;
  readonly batch: string;
}

async function insertChunks(manager: EntityManager, { documentId, ownerId, model, batch }: ChunkInsert): Promise<void> {
  await rows(
    manager,
    `
    insert into chunks (document_id, owner_id, ordinal, text, headings, content_hash, token_count, embedding, embedding_model)
    select $1, $2, ordinal, text, headings, content_hash, token_count,
      case when $3::text is not null then embedding::vector end, case when embedding is not null then $3::text end
    from jsonb_to_recordset($4::jsonb)
      as chunk (ordinal integer, text text, headings jsonb, content_hash text, token_count integer, embedding text)`,
    [documentId, ownerId, model, batch],
  );
}
