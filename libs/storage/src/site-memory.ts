import type { SiteMemory } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { firstRow, rows } from './statement.js';
import { storableText } from './storable-text.js';
import { inTransaction, withManager } from './transaction.js';

/** Sites change how they are built: after this the page is tried without a browser again. */
const KEPT = '7 days';

export function createSiteMemory(database: Database): SiteMemory {
  return {
    needsBrowser: ({ site, templateId }) =>
      withManager(database, async (manager) => {
        const sql = 'select needed from browser_shapes where site = $1 and template_id = $2 and until > clock_timestamp()';
        const known = await firstRow<{ needed: boolean }>(manager, sql, [storableText(site), storableText(templateId)]);
        return known?.needed ?? null;
      }),

    rememberBrowser: ({ site, templateId }, isNeeded) =>
      inTransaction(database, async (manager) => {
        await rows(
          manager,
          `
        insert into browser_shapes as known (site, template_id, until, needed) values ($1, $2, clock_timestamp() + $3::interval, $4)
        on conflict (site, template_id) do update set until = excluded.until, needed = excluded.needed
        where excluded.needed or not known.needed or known.until <= clock_timestamp()`,
          [storableText(site), storableText(templateId), KEPT, isNeeded],
        );
        if (!isNeeded) return;
        await rows(
          manager,
          `
        insert into sites (host, needs_browser) values ($1, true)
        on conflict (host) do update set needs_browser = true, updated_at = clock_timestamp() where not sites.needs_browser`,
          [storableText(site)],
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
