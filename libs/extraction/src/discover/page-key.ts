import { createHash } from 'node:crypto';
import { urlKey } from '@gleaner/domain';

/** The name of a page in the ledger: the SHA-256 of its URL key, in hex. */
export function keyOf(url: string): string {
  return createHash('sha256')
    .update(urlKey(new URL(url)), 'utf8')
    .digest('hex');
}
