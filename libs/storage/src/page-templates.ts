import type { JoinOutcome, PageTemplates, Remembered, SeenPage, TemplateMove } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { addTemplates, claimStructure, shapeTemplates } from './shape-templates.js';
import { firstRow, rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { lockTemplate, quarantine } from './template-health.js';
import { inTransaction, withManager } from './transaction.js';

/** Pages that stay until a count of those that moved begins anew. */
const WINDOW = 20;

/** See `PageTemplates`. */
export function createPageTemplates(database: Database): PageTemplates {
  return {
    ofShapes: (shapes) => withManager(database, (manager) => shapeTemplates(manager, shapes)),
    add: (findings) =>
      inTransaction(database, async (manager) => {
        await addTemplates(manager, findings);
        return shapeTemplates(
          manager,
          findings.map(({ shape }) => shape),
        );
      }),
    remember: (site, pages) => inTransaction(database, (manager) => remember(manager, site, pages)),
    join: (site, move, jobId, reason) => inTransaction(database, (manager) => join(manager, site, move, jobId, reason)),
    claim: (template) =>
      inTransaction(database, async (manager) => {
        const claimed = await claimStructure(manager, template);
        if (claimed !== null) return claimed;
        const { site, templateId } = template;
        const ofOld = await firstRow(manager, 'select 1 from templates where site = $1 and template_id = $2', [site, templateId]);
        return ofOld === null ? null : { structure: null, design: null };
      }),
  };
}

async function remember(manager: EntityManager, site: string, pages: readonly SeenPage[]): Promise<Remembered> {
  const moves = new Map<string, { from: string; to: string; pages: number }>();
  const stayed = new Map<string, number>();
  for (const { from, to } of await rememberPages(manager, pages)) {
    if (from === to) stayed.set(to, (stayed.get(to) ?? 0) + 1);
    if (from === to || from === null) continue;
    const name = `${from} ${to}`;
    moves.set(name, { from, to, pages: (moves.get(name)?.pages ?? 0) + 1 });
  }
  if (moves.size > 0) await countMoves(manager, site, [...moves.values()]);
  if (stayed.size > 0) await countStayed(manager, site, stayed);
  const ids = [...new Set(pages.map(({ templateId }) => templateId))];
  const moved = await rows<TemplateMove>(
    manager,
    `
    select old.template_id as "from", old.moved_to as "to", old.moved, old.stayed
    from template_structures as old
    join template_structures as new on new.site = old.site and new.template_id = old.moved_to and not new.claimed
    where old.site = $1 and old.moved_to = any($2::text[]) order by old.moved desc, old.template_id`,
    [site, ids],
  );
  const ended = await rows<{ id: string }>(
    manager,
    `
    select id from unnest($2::text[]) as seen (id)
    where not exists (select from template_structures where site = $1 and template_id = id)
      and not exists (select from templates where site = $1 and template_id = id)`,
    [site, ids],
  );
  return { moves: moved, ended: ended.map(({ id }) => id) };
}

/** Pages that had another template, or none, when they were last seen; and those that were fetched since then and have the same one. */
function rememberPages(manager: EntityManager, pages: readonly SeenPage[]): Promise<{ from: string | null; to: string }[]> {
  return rows(
    manager,
    `
    with seen as (select key, "templateId" from jsonb_to_recordset($1::jsonb) as seen (key text, "templateId" text)),
      changed as (
        select snapshots.url_hash, snapshots.template_id as before, seen."templateId" as now
        from snapshots join seen on seen.key = snapshots.url_hash
        where snapshots.template_id is distinct from seen."templateId" or snapshots.template_seen_at is distinct from snapshots.fetched_at
        order by snapshots.url_hash for update of snapshots
      ),
      written as (update snapshots set template_id = changed.now, template_seen_at = snapshots.fetched_at from changed where snapshots.url_hash = changed.url_hash)
    select before as "from", now as "to" from changed`,
    [storableJson(pages)],
  );
}

/** Only a template that serves can be what others are a new design of, and only one that nobody learned can be such a design. */
async function countMoves(
  manager: EntityManager,
  site: string,
  moves: readonly { readonly from: string; readonly to: string; readonly pages: number }[],
): Promise<void> {
  await rows(
    manager,
    `
    update template_structures as old set
      moved = move.pages + case when old.moved_to = move."to" and old.stayed < $3 then old.moved else 0 end,
      stayed = case when old.moved_to = move."to" and old.stayed < $3 then old.stayed else 0 end,
      moved_to = move."to"
    from jsonb_to_recordset($2::jsonb) as move ("from" text, "to" text, pages integer)
    join template_structures as new on new.site = $1 and new.template_id = move."to" and not new.claimed
    where old.site = $1 and old.template_id = move."from" and old.shape_id = new.shape_id
      and exists (select from template_versions where site = $1 and template_id = old.template_id and state = 'active')`,
    [site, storableJson(moves), WINDOW],
  );
}

/** Of templates that pages have moved away from. */
async function countStayed(manager: EntityManager, site: string, stayed: ReadonlyMap<string, number>): Promise<void> {
  await rows(
    manager,
    `
    update template_structures as template set stayed = template.stayed + seen.pages
    from jsonb_to_recordset($2::jsonb) as seen (id text, pages integer)
    where template.site = $1 and template.template_id = seen.id and template.moved_to is not null`,
    [site, storableJson([...stayed].map(([id, pages]) => ({ id, pages })))],
  );
}

async function join(
  manager: EntityManager,
  site: string,
  { from, to }: Pick<TemplateMove, 'from' | 'to'>,
  jobId: string,
  reason: string,
): Promise<JoinOutcome> {
  const old = { site, templateId: from };
  await lockTemplate(manager, old);
  const version = await firstRow<{ version: number }>(
    manager,
    `select version from template_versions where site = $1 and template_id = $2 and state = 'active' and not pinned`,
    [site, from],
  );
  const unclaimed = 'select 1 from template_structures where site = $1 and template_id = $2 and not claimed for update';
  if (version === null || (await firstRow(manager, unclaimed, [site, to])) === null) return { kind: 'apart' };
  if (!(await quarantine(manager, old, version.version, reason))) return { kind: 'waiting' };
  await rows(
    manager,
    `
    with ended as (delete from template_structures where site = $1 and template_id = $3 returning structure)
    update template_structures set structure = ended.structure, founded_at = clock_timestamp(), moved_to = null, moved = 0, stayed = 0
    from ended where site = $1 and template_id = $2`,
    [site, from, to],
  );
  await rows(manager, 'update crawl_pages set template_id = $3 where job_id = $1 and template_id = $2', [jobId, to, from]);
  return { kind: 'joined', version: version.version };
}
