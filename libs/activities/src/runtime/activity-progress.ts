import { type BlobRef, type BlobStore, Fault } from '@gleaner/domain';
import { Context } from '@temporalio/activity';
import { getJson, putJson } from './blob-json.js';

/** Travels with every heartbeat, so it is small. */
interface Progress {
  readonly made: BlobRef;
}

/** By the context of the attempt. */
const saved = new WeakMap<Context, Progress>();

/** A heartbeat that keeps what the activity has saved, at this attempt or an earlier one. */
export function beat(context: Context): void {
  context.heartbeat(saved.has(context) ? saved.get(context) : context.info.heartbeatDetails);
}

/**
 * What an earlier attempt of this activity made, else what `make` gives now. It is kept for the next attempt where `isKept` says so,
 * unless this one dies before a heartbeat carries it. Plain data.
 */
export async function madeOnce<T>(blobs: BlobStore, make: () => Promise<T>, isKept: (made: T) => boolean): Promise<T> {
  const context = Context.current();
  const before = context.info.heartbeatDetails as Progress | undefined;
  const known = before?.made === undefined ? null : await readOrNull<T>(blobs, before.made);
  if (known !== null) return known;
  const made = await make();
  if (isKept(made)) {
    saved.set(context, { made: await putJson(blobs, made) });
    beat(context);
  }
  return made;
}

async function readOrNull<T>(blobs: BlobStore, ref: BlobRef): Promise<T | null> {
  try {
    return await getJson<T>(blobs, ref);
  } catch (error) {
    if (error instanceof Fault && error.code === 'BLOB_MISSING') return null; // it is made again
    throw error;
  }
}
