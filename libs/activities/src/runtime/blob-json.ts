import { type BlobRef, type BlobStore, Fault } from '@gleaner/domain';

/** A value on its way from one stage to the next: in the blob store, because messages stay small. */
export function putJson(blobs: BlobStore, value: unknown): Promise<BlobRef> {
  return blobs.put(Buffer.from(JSON.stringify(value)));
}

/** Reads what an earlier stage wrote; the type is the writer's, both are ours. */
export async function getJson<T>(blobs: BlobStore, ref: BlobRef): Promise<T> {
  const bytes = await blobs.get(ref.hash);
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T;
  } catch (cause) {
    throw new Fault('BLOB_MISSING', { detail: `The stored body ${ref.hash} is not what a stage wrote.`, cause });
  }
}
