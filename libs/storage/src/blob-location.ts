import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BlobStore, Fault } from '@gleaner/domain';
import { createFileBlobs } from './file-blobs.js';

/**
 * The blob store that a URL names: `file:///folder`, or `file:folder` below the working folder; without one the folder
 * `blobs` in the data folder. Throws Fault INVALID_INPUT for what is not available.
 */
export function blobsFromUrl(url: string | undefined, dataFolder: string): BlobStore {
  if (url === undefined || url === '') return createFileBlobs(join(dataFolder, 'blobs'));
  if (!url.startsWith('file:'))
    throw invalid(`names a store that is not available (${/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? 'no scheme'})`);
  return createFileBlobs(folderOf(url));
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
