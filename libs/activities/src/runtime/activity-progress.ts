import { type BlobRef, type BlobStore, Fault } from '@gleaner/domain';
import { Context } from '@temporalio/activity';
import { getJson, putJson } from './blob-json.js';

/** What heartbeats carry from one attempt of an activity to the next: it travels with each of them, so it is small. */
export interface Carried {
  /** Attempts that ended with a fault that counts. */
  readonly counted?: number;
  /** What an attempt made and the next one goes on from. */
  readonly made?: BlobRef;
}

/** By the context of the attempt. */
const carried = new WeakMap<Context, Carried>();

export function carriedBy(context: Context): Carried {
  const details: unknown = carried.get(context) ?? context.info.heartbeatDetails;
  return typeof details === 'object' && details !== null ? details : {};
}

/** Adds to what is carried, and says so at once. */
export function carry(context: Context, more: Carried): void {
  carried.set(context, { ...carriedBy(context), ...more });
  beat(context);
}

/** Tells the server that the activity lives, with what is carried: a heartbeat without it would forget it. */
export function beat(context: Context): void {
  context.heartbeat(carriedBy(context));
}

/**
 * What an earlier attempt of this activity made, else what `make` gives now. It is kept for the next attempt where `isKept` says so,
 * unless this one dies before a heartbeat carries it. Plain data.
 */
export async function madeOnce<T>(blobs: BlobStore, make: () => Promise<T>, isKept: (made: T) => boolean): Promise<T> {
  const context = Context.current();
  const before = carriedBy(context).made;
  const known = before === undefined ? null : await readOrNull<T>(blobs, before);
  if (known !== null) return known;
  const made = await make();
  if (isKept(made)) carry(context, { made: await putJson(blobs, made) });
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
