import { timingSafeEqual } from 'node:crypto';
import { type ApiKeys, type AuthenticatedKey, type LimitOverrides, type Scope, SCOPES } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { ADMIN, hashOfSecret } from './key-secret.js';
import { firstRow, rows } from './statement.js';
import { withManager } from './transaction.js';

const MAX_KEY_LENGTH = 512;

export function createApiKeys(database: Database): ApiKeys {
  return {
    authenticate: (key) =>
      withManager(database, async (manager) => {
        if (key === '' || key.length > MAX_KEY_LENGTH) return null;
        const hash = hashOfSecret(key);
        const found = await find(manager, hash);
        if (found === null) return null;
        const validUntil = endOf(found, hash);
        if (validUntil === 'invalid' || (validUntil !== null && validUntil.getTime() <= Date.now())) return null;
        // Told to the minute, over all processes: not every request is worth a write.
        if (found.isUnused)
          await rows(manager, `update api_keys set last_used_at = clock_timestamp() where id = $1 and ${IS_UNUSED}`, [found.id]);
        return authenticatedKey(found, validUntil);
      }),

    ensureAdmin: (key) =>
      withManager(database, async (manager) => {
        await rows(
          manager,
          `insert into users (id, name, requests_per_minute, running_jobs, pages_per_day) values ($1, $2, 0, 0, 0) on conflict (id) do nothing`,
          [ADMIN.ownerId, ADMIN.name],
        );
        await rows(
          manager,
          `
        insert into api_keys (id, owner_id, name, key_hash, scopes) values ($1, $2, $3, $4, $5::text[])
        on conflict (id) do update set key_hash = excluded.key_hash, scopes = excluded.scopes`,
          [ADMIN.id, ADMIN.ownerId, ADMIN.name, hashOfSecret(key), SCOPES],
        );
      }),
  };
}

const IS_UNUSED = `(last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')`;

interface KeyRow {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly keyHash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly previousHash: Buffer | null;
  readonly previousValidUntil: Date | null;
  readonly isUnused: boolean;
  readonly limits: LimitOverrides | null;
}

function find(manager: EntityManager, hash: Buffer): Promise<KeyRow | null> {
  return firstRow<KeyRow>(
    manager,
    `
    select key.id, key.owner_id as "ownerId", key.name, key.scopes, key.key_hash as "keyHash", key.created_at as "createdAt",
      key.expires_at as "expiresAt", key.last_used_at as "lastUsedAt", key.previous_hash as "previousHash",
      key.previous_valid_until as "previousValidUntil", ${IS_UNUSED} as "isUnused",
      (select jsonb_build_object('requestsPerMinute', requests_per_minute, 'runningJobs', running_jobs, 'pagesPerDay', pages_per_day)
        from users where users.id = key.owner_id) as limits
    from api_keys as key
    where (key.key_hash = $1 or key.previous_hash = $1) and key.revoked_at is null`,
    [hash],
  );
}

/** When the secret that was presented stops being valid: null for never. */
function endOf({ keyHash, previousHash, expiresAt, previousValidUntil }: KeyRow, hash: Buffer): Date | 'invalid' | null {
  if (timingSafeEqual(keyHash, hash)) return expiresAt;
  if (previousHash === null || previousValidUntil === null || !timingSafeEqual(previousHash, hash)) return 'invalid';
  return expiresAt !== null && expiresAt < previousValidUntil ? expiresAt : previousValidUntil;
}

function authenticatedKey(row: KeyRow, validUntil: Date | null): AuthenticatedKey {
  return {
    id: row.id,
    ownerId: row.ownerId,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: validUntil?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    ...(row.limits === null ? {} : { limits: row.limits }),
  };
}
