import { createHash, randomBytes } from 'node:crypto';
import { ID_PREFIX } from '@gleaner/domain';

/** The first key and its owner have fixed ids (a ULID of zeros), so that every start means the same row. */
export const ADMIN = { id: `${ID_PREFIX.key}${'0'.repeat(26)}`, ownerId: `${ID_PREFIX.user}${'0'.repeat(26)}`, name: 'admin' } as const;

/** 256 random bits: a hash without salt and stretching is enough, guessing is hopeless. */
export function newSecret(): string {
  return `glk_${randomBytes(32).toString('base64url')}`;
}

export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}
