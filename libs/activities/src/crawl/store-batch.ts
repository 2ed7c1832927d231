import type { BlobStore, CrawlLedger, StoreBatchInput, StoreBatchOutcome } from '@gleaner/domain';
import { readLines } from './batch-lines.js';

export interface StoreBatchDeps {
  readonly ledger: CrawlLedger;
  readonly blobs: BlobStore;
}

/** Stores the extracted pages of a batch, blob by blob and some in each transaction, so that others get their turn at the database. */
export async function storeBatch(
  { ledger, blobs }: StoreBatchDeps,
  { pages: refs, ...batch }: StoreBatchInput,
): Promise<StoreBatchOutcome> {
  let outcome: StoreBatchOutcome = { stored: 0, queued: 0 };
  for (const { hash } of refs) {
    const { stored, queued } = await ledger.store({ ...batch, pages: await readLines(blobs, hash) });
    outcome = { stored: outcome.stored + stored, queued };
  }
  return outcome;
}
