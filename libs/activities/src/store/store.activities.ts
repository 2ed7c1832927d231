import {
  type BlobStore,
  type DocumentWriter,
  type EmbeddedChunk,
  type ExtractedPage,
  type SiteMemory,
  type StoreActivities,
  type StoreDocumentInput,
  type StoreOutcome,
  type TextAnalysis,
  urlKey,
} from '@gleaner/domain';
import { contentHashOf, templateKeyOf } from '@gleaner/extraction';
import { getJson } from '../runtime/blob-json.js';
import { startClock } from '../runtime/stage-clock.js';

export interface StoreDependencies {
  readonly blobs: BlobStore;
  readonly documents: DocumentWriter;
  readonly sites: SiteMemory;
}

export function createStoreActivities({ blobs, documents, sites }: StoreDependencies): StoreActivities {
  return {
    async storeDocument(input: StoreDocumentInput): Promise<StoreOutcome> {
      const elapsedMs = startClock();
      const [page, analysis, chunks] = await Promise.all([
        getJson<ExtractedPage>(blobs, input.page),
        getJson<TextAnalysis>(blobs, input.analysis),
        input.chunks === null ? [] : getJson<EmbeddedChunk[]>(blobs, input.chunks),
      ]);
      const { snapshot, jobId, ownerId, timingsMs, embedding } = input;
      const { documentId } = await documents.store(
        {
          ownerId,
          jobId,
          page,
          analysis,
          embedding,
          url: snapshot.url,
          urlKey: urlKey(new URL(snapshot.url)),
          finalUrl: snapshot.finalUrl,
          canonicalUrl: page.canonicalUrl,
          status: snapshot.status,
          fetchedAt: snapshot.fetchedAt,
          snapshotHash: snapshot.body.hash,
          contentHash: contentHashOf(page.text),
          fetchMethod: snapshot.method,
          timingsMs: { ...timingsMs, store: elapsedMs() },
        },
        chunks,
      );
      return { documentId, durationMs: elapsedMs() };
    },

    async rememberBrowser({ url }): Promise<void> {
      await sites.rememberBrowser(templateKeyOf(url), true);
    },
  };
}
