import type { Snapshot, SnapshotIndex } from '@gleaner/domain';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { SnapshotEntity } from './entities/snapshot.entity.js';
import { rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { withManager } from './transaction.js';

export function createSnapshotIndex(database: Database): SnapshotIndex {
  return {
    latest: (urlKey) =>
      withManager(database, async (manager) => {
        const found = await manager.findOneBy(SnapshotEntity, { urlHash: digest(urlKey) });
        return found?.snapshot ?? null;
      }),

    latestOf: (urlKeys) =>
      withManager(database, async (manager) => {
        const sql = 'select url_key as "urlKey", snapshot from snapshots where url_hash = any($1::text[])';
        const found = await rows<{ urlKey: string; snapshot: Snapshot }>(manager, sql, [urlKeys.map(digest)]);
        return new Map(found.map((row) => [row.urlKey, row.snapshot]));
      }),

    save: (urlKey, snapshot) =>
      withManager(database, async (manager) => {
        // An activity that runs again late must not put an older page in the place of a newer one.
        await rows(
          manager,
          `
        insert into snapshots (url_hash, url_key, snapshot, fetched_at) values ($1, $2, $3::jsonb, $4)
        on conflict (url_hash) do update
          set snapshot = excluded.snapshot, fetched_at = excluded.fetched_at, saved_at = clock_timestamp()
          where snapshots.fetched_at <= excluded.fetched_at`,
          [digest(urlKey), urlKey, storableJson(snapshot), snapshot.fetchedAt],
        );
      }),
  };
}
