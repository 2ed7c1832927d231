import {
  type ApiKeyRecord,
  type BlobStore,
  type DocumentReader,
  type DocumentRecord,
  Fault,
  type Snapshot,
  type SnapshotIndex,
} from '@gleaner/domain';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Caller } from '../http/key.guard.js';
import { Operation } from '../http/operation.js';
import { BLOB_STORE, DOCUMENT_READER, SNAPSHOT_INDEX } from '../platform/platform.module.js';
import { documentView } from './document-view.js';
import { type DocumentQuery, DocumentQuerySchema, DocumentSchema, type DocumentView } from './document.dto.js';
import { pageSource } from './page-source.js';

@Controller('api/v1/documents')
export class DocumentsController {
  constructor(
    @Inject(DOCUMENT_READER) private readonly documents: DocumentReader,
    @Inject(SNAPSHOT_INDEX) private readonly snapshots: Pick<SnapshotIndex, 'latest'>,
    @Inject(BLOB_STORE) private readonly blobs: Pick<BlobStore, 'get'>,
  ) {}

  @Get(':id')
  @Operation({
    tag: 'Documents',
    summary: 'Read a document',
    access: 'read',
    takesQuery: true,
    answers: [{ status: 200, description: 'The document', schema: DocumentSchema }],
    errors: ['NOT_FOUND', 'BLOB_MISSING'],
  })
  async get(
    @Caller() caller: ApiKeyRecord,
    @Param('id') id: string,
    @Query({ schema: DocumentQuerySchema }) query: DocumentQuery,
  ): Promise<DocumentView> {
    const document = await this.documents.get(caller.ownerId, id);
    if (document === null) throw new Fault('NOT_FOUND', { detail: `There is no document ${id}.` });
    const parts = query.include ?? [];
    const view = documentView(document);
    if (!parts.includes('html') && !parts.includes('snapshot')) return view;
    const snapshot = await this.snapshotOf(document);
    if (parts.includes('snapshot')) {
      view.snapshot = {
        hash: document.snapshotHash,
        bytes: snapshot?.body.bytes ?? null,
        contentType: snapshot?.contentType ?? null,
        charset: snapshot?.charset ?? null,
      };
    }
    if (parts.includes('html')) {
      const source = pageSource(await this.blobs.get(document.snapshotHash), snapshot?.charset ?? null);
      view.html = source.html;
      view.htmlTruncated = source.truncated;
    }
    return view;
  }

  /** The snapshot that the document was made from, when the page has not been fetched with other bytes since. */
  private async snapshotOf(document: DocumentRecord): Promise<Snapshot | null> {
    const latest = await this.snapshots.latest(document.urlKey);
    return latest?.body.hash === document.snapshotHash ? latest : null;
  }
}
