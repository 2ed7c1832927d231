import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BlobStore, Fault } from '@gleaner/domain';
import { createFileBlobs } from './file-blobs.js';
import { type FileIo, blockingIo, pooledIo } from './file-io.js';

/**
 * The blob store that a URL names: `file:///folder`, or `file:folder` below the working folder; without one the folder
 * `blobs` in the data folder. Throws Fault INVALID_INPUT for what is not available.
 */
export function blobsFromUrl(url: string | undefined, dataFolder: string): BlobStore {
  return open(url, dataFolder, pooledIo);
}

/** The same store for a thread that has nothing else to do while it reads and writes: its calls block. */
export function blockingBlobsFromUrl(url: string | undefined, dataFolder: string): BlobStore {
  return open(url, dataFolder, blockingIo);
}

function open(url: string | undefined, dataFolder: string, io: FileIo): BlobStore {
  if (url === undefined || url === '') return createFileBlobs(join(dataFolder, 'blobs'), io);
  if (!url.startsWith('file:'))
    throw invalid(`names a store that is not available (${/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? 'no scheme'})`);
  return createFileBlobs(folderOf(url), io);
}

function folderOf(url: string): string {
  const path = url.slice('file:'.length);
  if (path === '') throw invalid('names no folder');
  if (!isAbsolute(path)) return resolve(path);
  try {
    return fileURLToPath(url);
  } catch {
    throw invalid('is not a URL of a folder on this machine');
  }
}

function invalid(problem: string): Fault {
  return new Fault('INVALID_INPUT', { detail: `The blob store URL ${problem}. Example: file:///var/lib/gleaner/blobs` });
}
