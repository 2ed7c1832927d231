import type { BlobStore, CrawlLedger, StoreBatchInput, StoreBatchOutcome } from '@gleaner/domain';
import { readBatch } from './extract-batch.js';

export interface StoreBatchDeps {
  readonly ledger: CrawlLedger;
  readonly blobs: BlobStore;
}

/** Stores the extracted pages of a batch, some in each transaction, so that others get their turn at the database. */
export async function storeBatch({ ledger, blobs }: StoreBatchDeps, input: StoreBatchInput): Promise<StoreBatchOutcome> {
  const pages = await readBatch(blobs, input.pages.hash);
  return ledger.store({ ...input, pages });
}
