import { type ApiKeyDetails, Fault, type IssuedKey, type KeyDraft, type KeyRegister } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { ApiKeyEntity } from './entities/api-key.entity.js';
import { newId } from './identifiers.js';
import { ADMIN, hashOfSecret, newSecret } from './key-secret.js';
import { firstRow, rows } from './statement.js';
import { storableText } from './storable-text.js';
import { inTransaction, withManager } from './transaction.js';

const KEY_ID = /^key_[0-9A-HJKMNP-TV-Z]{26}$/;
/** Of one owner, valid at the same time. */
const MAX_KEYS = 100;
const IS_VALID = `revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`;

export function createKeyRegister(database: Database): KeyRegister {
  return {
    list: ({ ownerId }, page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const query = manager.createQueryBuilder(ApiKeyEntity, 'key').where('true');
        if (ownerId !== undefined) query.andWhere('key.ownerId = :ownerId', { ownerId: storableText(ownerId) });
        if (page.cursor !== undefined) query.andWhere('key.id < :lastId', { lastId: decodeCursor(page.cursor, KEY_ID) });
        const found = await query
          .orderBy('key.id', 'DESC')
          .limit(limit + 1)
          .getMany();
        return pageOf(found, limit, { item: keyDetails, id: (key) => key.id });
      }),

    get: (keyId) => withManager(database, async (manager) => keyDetails(await known(manager, keyId))),
    create: (draft) => inTransaction(database, (manager) => create(manager, draft)),
    rotate: (keyId, graceSeconds) => inTransaction(database, (manager) => rotate(manager, keyId, graceSeconds)),

    revoke: (keyId) =>
      inTransaction(database, async (manager) => {
        const id = await changeable(manager, keyId);
        await rows(
          manager,
          `update api_keys set revoked_at = coalesce(revoked_at, clock_timestamp()), previous_hash = null, previous_valid_until = null where id = $1`,
          [id],
        );
        return keyDetails(await known(manager, id));
      }),
  };
}

async function create(manager: EntityManager, draft: KeyDraft): Promise<IssuedKey> {
  // Locked, so that two at once cannot both be the last one that fits.
  const owner = await firstRow(manager, 'select 1 as one from users where id = $1 for update', [draft.ownerId]);
  if (owner === null) throw new Fault('INVALID_INPUT', { detail: 'ownerId: names no user.' });
  const valid = await firstRow<{ count: number }>(
    manager,
    `select count(*)::integer as count from api_keys where owner_id = $1 and ${IS_VALID}`,
    [draft.ownerId],
  );
  if ((valid?.count ?? 0) >= MAX_KEYS)
    throw new Fault('CONFLICT', { detail: `This owner has ${MAX_KEYS} valid keys, which is as many as one may have.` });
  const [id, secret] = [newId('key'), newSecret()];
  await rows(
    manager,
    'insert into api_keys (id, owner_id, name, key_hash, scopes, expires_at) values ($1, $2, $3, $4, $5::text[], $6::timestamptz)',
    [id, draft.ownerId, draft.name, hashOfSecret(secret), [...new Set(draft.scopes)], draft.expiresAt],
  );
  return { key: keyDetails(await known(manager, id)), secret };
}

async function rotate(manager: EntityManager, keyId: string, graceSeconds: number): Promise<IssuedKey> {
  const id = await changeable(manager, keyId);
  const secret = newSecret();
  // One statement: of two rotations at once the later one takes over the secret of the earlier one.
  const rotated = await rows(
    manager,
    `
    update api_keys set key_hash = $2,
      previous_hash = case when $3::integer > 0 then key_hash end,
      previous_valid_until = case when $3::integer > 0 then clock_timestamp() + make_interval(secs => $3::integer) end
    where id = $1 and ${IS_VALID} returning id`,
    [id, hashOfSecret(secret), graceSeconds],
  );
  const key = keyDetails(await known(manager, id));
  if (rotated.length === 0) throw new Fault('CONFLICT', { detail: 'The key is revoked or has expired: create a new one.' });
  return { key, secret };
}

/** The id as the row has it: what a caller wrote may differ from it in what PostgreSQL cannot hold. */
async function changeable(manager: EntityManager, keyId: string): Promise<string> {
  const { id } = await known(manager, keyId);
  if (id === ADMIN.id)
    throw new Fault('CONFLICT', { detail: 'This key comes from the environment (GLEANER_ADMIN_KEY or admin.key) and is changed there.' });
  return id;
}

async function known(manager: EntityManager, keyId: string): Promise<ApiKeyEntity> {
  const found = await manager.findOneBy(ApiKeyEntity, { id: storableText(keyId) });
  if (found === null) throw new Fault('NOT_FOUND', { detail: `There is no key ${keyId}.` });
  return found;
}

function keyDetails(row: ApiKeyEntity): ApiKeyDetails {
  const previous = row.previousValidUntil !== null && row.previousValidUntil.getTime() > Date.now() ? row.previousValidUntil : null;
  return {
    id: row.id,
    ownerId: row.ownerId,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    previousValidUntil: previous?.toISOString() ?? null,
    isFromEnvironment: row.id === ADMIN.id,
  };
}
