import type { Chunk, DocumentRecord, ExtractedPage } from '@gleaner/domain';
import { digest } from './digest.js';
import type { ChunkEntity } from './entities/chunk.entity.js';
import type { DocumentEntity } from './entities/document.entity.js';

export function documentRecord(row: DocumentEntity): DocumentRecord {
  return {
    id: row.id,
    ownerId: row.ownerId,
    jobId: row.jobId,
    url: row.url,
    urlKey: row.urlKey,
    finalUrl: row.finalUrl,
    canonicalUrl: row.canonicalUrl,
    status: row.status,
    fetchedAt: row.fetchedAt.toISOString(),
    snapshotHash: row.snapshotHash,
    contentHash: row.contentHash,
    page: extractedPage(row),
    analysis: row.analysis,
    fetchMethod: row.fetchMethod,
    timingsMs: row.timingsMs,
    embedding: row.embedding,
  };
}

function extractedPage(row: DocumentEntity): ExtractedPage {
  return {
    type: row.type,
    title: row.title,
    author: row.author,
    publishedAt: row.publishedAt,
    modifiedAt: row.modifiedAt,
    language: row.language,
    siteName: row.siteName,
    description: row.description,
    canonicalUrl: row.pageCanonicalUrl,
    markdown: row.markdown,
    text: row.text,
    links: row.links,
    images: row.images,
    fields: row.fields as ExtractedPage['fields'],
    ...(row.fieldReport === null ? {} : { fieldReport: row.fieldReport }),
    evidence: row.evidence,
    method: row.extractionMethod,
    version: row.templateVersion,
    confidence: row.confidence,
  };
}

/** The row of a new document, which is the current one of its page. */
export function documentRow(id: string, { page, ...document }: Omit<DocumentRecord, 'id'>): Omit<DocumentEntity, 'createdAt'> {
  const { canonicalUrl, method, version, ...fields } = page;
  return {
    ...document,
    ...fields,
    id,
    urlHash: digest(document.urlKey),
    fetchedAt: new Date(document.fetchedAt),
    author: [...page.author],
    links: [...page.links],
    images: [...page.images],
    pageCanonicalUrl: canonicalUrl,
    extractionMethod: method,
    templateVersion: version,
    fieldReport: page.fieldReport ?? null,
    isCurrent: true,
    goneAt: null,
  };
}

export function chunkRecord(row: ChunkEntity): Chunk {
  return { ordinal: row.ordinal, text: row.text, headings: row.headings, contentHash: row.contentHash, tokenCount: row.tokenCount };
}
