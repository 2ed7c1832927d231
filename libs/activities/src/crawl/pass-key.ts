import { createHash } from 'node:crypto';

const DIGEST_CHARS = 12;

/**
 * Names what one pass of a batch tells its job, once. Pages of a batch go through the browser in up to two passes under one name of the batch: the pages
 * of the pass tell them apart. The same at every attempt of a pass, in whatever order its pages come.
 */
export function passKey(story: string, batch: string, pageKeys: readonly string[]): string {
  const digest = createHash('sha256').update(pageKeys.toSorted().join('\n')).digest('hex');
  return `${story}:${batch}:${digest.slice(0, DIGEST_CHARS)}`;
}
