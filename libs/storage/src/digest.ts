import { createHash } from 'node:crypto';

/**
 * SHA-256 in hex. Index entries are limited to about 2,700 bytes, and URLs and keys of callers can be longer, so unique
 * indexes are on the digest and the text stands beside it.
 */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
