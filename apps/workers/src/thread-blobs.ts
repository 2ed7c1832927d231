/** The blob store as a parsing thread sees it. */
import { workerData } from 'node:worker_threads';
import type { BlobStore } from '@gleaner/domain';
import { blockingBlobsFromUrl } from '@gleaner/storage/blobs';

/** What the pool gives to each of its threads. */
export interface ThreadSettings {
  readonly blobsUrl: string | undefined;
  readonly dataFolder: string;
}

let opened: BlobStore | undefined;

export function threadBlobs(): BlobStore {
  // Piscina hands its own data over before that of the pool.
  const settings = (Array.isArray(workerData) ? workerData.at(-1) : workerData) as ThreadSettings;
  opened ??= blockingBlobsFromUrl(settings.blobsUrl, settings.dataFolder);
  return opened;
}
