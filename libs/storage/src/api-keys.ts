import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKeyRecord, ApiKeys } from '@gleaner/domain';
import { ID_PREFIX, SCOPES } from '@gleaner/domain';
import type { Database } from './database.js';
import { ApiKeyEntity } from './entities/api-key.entity.js';
import { rows } from './statement.js';
import { withManager } from './transaction.js';

/** The first key and its owner have fixed ids (a ULID of zeros), so that every start means the same row. */
const ADMIN = { id: `${ID_PREFIX.key}${'0'.repeat(26)}`, ownerId: `${ID_PREFIX.user}${'0'.repeat(26)}`, name: 'admin' } as const;
const MAX_KEY_LENGTH = 512;
/** Told to the minute: not every request is worth a write. */
const LAST_USED_STEP_MS = 60_000;

export function createApiKeys(database: Database): ApiKeys {
  return {
    authenticate: (key) =>
      withManager(database, async (manager) => {
        if (key === '' || key.length > MAX_KEY_LENGTH) return null;
        const keyHash = hashOf(key);
        const found = await manager.findOneBy(ApiKeyEntity, { keyHash });
        if (found === null || !timingSafeEqual(found.keyHash, keyHash) || hasExpired(found)) return null;
        if (found.lastUsedAt === null || Date.now() - found.lastUsedAt.getTime() > LAST_USED_STEP_MS) {
          await rows(manager, 'update api_keys set last_used_at = clock_timestamp() where id = $1', [found.id]);
        }
        return apiKeyRecord(found);
      }),

    ensureAdmin: (key) =>
      withManager(database, async (manager) => {
        await rows(
          manager,
          `
        insert into api_keys (id, owner_id, name, key_hash, scopes) values ($1, $2, $3, $4, $5::text[])
        on conflict (id) do update set key_hash = excluded.key_hash, scopes = excluded.scopes`,
          [ADMIN.id, ADMIN.ownerId, ADMIN.name, hashOf(key), SCOPES],
        );
      }),
  };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

function hasExpired({ expiresAt }: ApiKeyEntity): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

function apiKeyRecord(row: ApiKeyEntity): ApiKeyRecord {
  return {
    id: row.id,
    ownerId: row.ownerId,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
