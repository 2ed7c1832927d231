import type { RobotsCache } from '@gleaner/domain';
import type { Database } from './database.js';
import { RobotsEntity } from './entities/robots.entity.js';
import { rows } from './statement.js';
import { storableText } from './storable-text.js';
import { withManager } from './transaction.js';

/** Records are given back after they expired too: RFC 9309 §2.4 allows them while the origin cannot be reached. */
export function createRobotsCache(database: Database): RobotsCache {
  return {
    get: (origin) =>
      withManager(database, async (manager) => {
        const found = await manager.findOneBy(RobotsEntity, { origin: storableText(origin) });
        if (found === null) return null;
        return {
          origin: found.origin,
          status: found.status,
          body: found.body === null ? null : new Uint8Array(found.body),
          fetchedAt: found.fetchedAt.toISOString(),
          expiresAt: found.expiresAt.toISOString(),
        };
      }),

    put: (record) =>
      withManager(database, async (manager) => {
        await rows(
          manager,
          `
        insert into robots (origin, status, body, fetched_at, expires_at) values ($1, $2, $3, $4, $5)
        on conflict (origin) do update
          set status = excluded.status, body = excluded.body, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
          where robots.fetched_at <= excluded.fetched_at`,
          [record.origin, record.status, record.body, record.fetchedAt, record.expiresAt],
        );
      }),
  };
}
