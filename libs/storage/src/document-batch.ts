import { type DocumentRecord, type EmbeddedChunk } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { chunkBatches } from './chunk-batches.js';
import { documentRow } from './document-record.js';
import { DocumentEntity } from './entities/document.entity.js';
import { newId } from './identifiers.js';
import { rows } from './statement.js';
import { storableValue } from './storable-text.js';

export interface DocumentWithChunks {
  readonly document: Omit<DocumentRecord, 'id'>;
  readonly chunks: readonly EmbeddedChunk[];
}

/**
 * Stores documents of one owner, one for each page, and makes them current where nothing later is; what was current before
 * loses its chunks. Returns the ids in the order given. Writers of the same page take turns, in the order of the keys, so that two
 * batches cannot wait for each other.
 */
export async function insertDocuments(manager: EntityManager, batch: readonly DocumentWithChunks[]): Promise<readonly string[]> {
  const drafts = batch.map(({ document, chunks }) => ({ ...documentRow(newId('document'), document), chunks }));
  const first = drafts[0];
  if (first === undefined) return [];
  const later = await retireOlder(manager, first.ownerId, drafts);
  const values = drafts.map(
    ({ chunks: _chunks, ...row }) => storableValue({ ...row, isCurrent: !later.has(row.urlHash) }) as DocumentEntity,
  );
  await manager.createQueryBuilder().insert().into(DocumentEntity).values(values).updateEntity(false).execute();
  const current = drafts.filter(({ urlHash }) => !later.has(urlHash));
  await insertChunks(manager, first.ownerId, current);
  return drafts.map(({ id }) => id);
}

/** Who changes which document of a page is current takes turns with others who do, until the transaction ends. */
export async function lockDocuments(manager: EntityManager, ownerId: string, keys: readonly string[]): Promise<void> {
  await rows(
    manager,
    `select pg_advisory_xact_lock(hashtextextended('document ' || $1 || ' ' || key, 0)) from (select unnest($2::text[]) as key offset 0) as wanted`,
    [ownerId, keys.toSorted()],
  );
}

type Draft = Pick<DocumentEntity, 'id' | 'urlHash' | 'fetchedAt' | 'embedding'> & { readonly chunks: readonly EmbeddedChunk[] };

/** Keys of pages of which something later is current already. */
async function retireOlder(manager: EntityManager, ownerId: string, drafts: readonly Draft[]): Promise<ReadonlySet<string>> {
  const ordered = drafts.toSorted((a, b) => (a.urlHash < b.urlHash ? -1 : 1));
  const keys = ordered.map(({ urlHash }) => urlHash);
  await lockDocuments(manager, ownerId, keys);
  const times = ordered.map(({ fetchedAt }) => fetchedAt.toISOString());
  const later = await rows<{ key: string }>(
    manager,
    `
    with given as (select unnest($2::text[]) as key, unnest($3::timestamptz[]) as fetched_at),
    retired as (
      update documents set is_current = false from given
      where owner_id = $1 and url_hash = given.key and is_current and documents.fetched_at <= given.fetched_at returning id
    ),
    emptied as (delete from chunks using retired where chunks.document_id = retired.id)
    select url_hash as key from documents join given on url_hash = given.key
    where owner_id = $1 and is_current and documents.fetched_at > given.fetched_at`,
    [ownerId, keys, times],
  );
  return new Set(later.map(({ key }) => key));
}

async function insertChunks(manager: EntityManager, ownerId: string, drafts: readonly Draft[]): Promise<void> {
  const all = drafts.flatMap(({ id, embedding, chunks }) => {
    const model = embedding.mode === 'vector' ? embedding.model : null;
    return chunks.map((chunk) => ({ ...chunk, documentId: id, model }));
  });
  for (const batch of chunkBatches(all)) await insertBatch(manager, ownerId, batch);
}

async function insertBatch(manager: EntityManager, ownerId: string, batch: string): Promise<void> {
  await rows(
    manager,
    `
    insert into chunks (document_id, owner_id, ordinal, text, headings, content_hash, token_count, embedding, embedding_model)
    select document_id, $1, ordinal, text, headings, content_hash, token_count,
      case when model is not null then embedding::vector end, case when embedding is not null then model end
    from jsonb_to_recordset($2::jsonb) as chunk (document_id text, ordinal integer, text text, headings jsonb, content_hash text,
      token_count integer, embedding text, model text)`,
    [ownerId, batch],
  );
}
