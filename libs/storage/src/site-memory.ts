import type { SiteMemory } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { SiteEntity } from './entities/site.entity.js';
import { rows } from './statement.js';
import { storableText } from './storable-text.js';
import { withManager } from './transaction.js';

export function createSiteMemory(database: Database): SiteMemory {
  return {
    needsBrowser: (site) =>
      withManager(database, (manager) => manager.existsBy(SiteEntity, { host: storableText(site), needsBrowser: true })),

    rememberBrowser: (site) =>
      withManager(database, async (manager) => {
        await rows(
          manager,
          `
        insert into sites (host, needs_browser) values ($1, true)
        on conflict (host) do update set needs_browser = true, updated_at = clock_timestamp() where not sites.needs_browser`,
          [site],
        );
      }),
  };
}

/** Makes sure that the site has a row, and says that something about it changed. */
export async function touchSite(manager: EntityManager, host: string): Promise<void> {
  await rows(
    manager,
    `
    insert into sites (host) values ($1)
    on conflict (host) do update set updated_at = clock_timestamp()`,
    [host],
  );
}
