import { type BlobStore, type ExtractedBatchPage, Fault } from '@gleaner/domain';

/** Pages as a parsing thread wrote them, one a line. Throws Fault BLOB_MISSING for what is none. */
export async function readLines<Page extends ExtractedBatchPage = ExtractedBatchPage>(blobs: BlobStore, hash: string): Promise<Page[]> {
  const text = Buffer.from(await blobs.get(hash)).toString('utf8');
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Page);
  } catch (cause) {
    throw new Fault('BLOB_MISSING', { detail: `The stored batch ${hash} is not what a stage wrote.`, cause });
  }
}
