import type { DocumentReader } from '@gleaner/domain';
import { In } from 'typeorm';
import type { Database } from './database.js';
import { chunkRecord, documentRecord } from './document-record.js';
import { ChunkEntity } from './entities/chunk.entity.js';
import { DocumentEntity } from './entities/document.entity.js';
import { storableText } from './storable-text.js';
import { withManager } from './transaction.js';

/** A document of 10 MB has about 5,000 chunks. */
const MAX_CHUNKS = 10_000;
const MAX_DOCUMENTS = 200;

export function createDocumentReader(database: Database): DocumentReader {
  return {
    get: (ownerId, documentId) =>
      withManager(database, async (manager) => {
        const found = await manager.findOneBy(DocumentEntity, { id: storableText(documentId), ownerId: storableText(ownerId) });
        return found === null ? null : documentRecord(found);
      }),

    many: (ownerId, documentIds) =>
      withManager(database, async (manager) => {
        if (documentIds.length === 0) return [];
        const id = In(documentIds.slice(0, MAX_DOCUMENTS).map(storableText));
        return (await manager.findBy(DocumentEntity, { id, ownerId: storableText(ownerId) })).map(documentRecord);
      }),

    chunks: (ownerId, documentId) =>
      withManager(database, async (manager) => {
        const found = await manager.find(ChunkEntity, {
          select: { ordinal: true, text: true, headings: true, contentHash: true, tokenCount: true },
          where: { documentId: storableText(documentId), ownerId: storableText(ownerId) },
          order: { ordinal: 'ASC' },
          take: MAX_CHUNKS,
        });
        return found.map(chunkRecord);
      }),
  };
}
