import type { DocumentRecord } from '@gleaner/domain';
import type { DocumentView } from './document.dto.js';

/** A document as the API shows it. */
export function documentView(document: DocumentRecord): DocumentView {
  const { page, analysis } = document;
  const { fetch, learn, extract, embed, store, analyze } = document.timingsMs;
  return {
    id: document.id,
    job: document.jobId,
    url: document.url,
    finalUrl: document.finalUrl,
    canonicalUrl: document.canonicalUrl,
    status: document.status,
    fetchedAt: document.fetchedAt,
    contentHash: document.contentHash,
    type: page.type,
    title: page.title,
    author: [...page.author],
    publishedAt: page.publishedAt,
    modifiedAt: page.modifiedAt,
    language: analysis.language ?? page.language,
    siteName: page.siteName,
    description: page.description,
    markdown: page.markdown,
    text: page.text,
    links: [...page.links],
    images: [...page.images],
    wordCount: analysis.wordCount,
    tokenCount: analysis.tokenCount,
    keywords: [...analysis.keywords],
    fields: page.fields,
    extraction: {
      method: page.method,
      version: page.version,
      confidence: page.confidence,
      fetch: document.fetchMethod,
      timingsMs: { fetch, learn, extract, embed, store, analyze },
      ...(page.fieldReport === undefined ? {} : { fields: page.fieldReport as NonNullable<DocumentView['extraction']['fields']> }),
      embedding: document.embedding,
    },
    evidence: page.evidence,
  };
}
