import type { TemplateHealth, TemplateKey, TemplateObservation } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { isRedesigned } from './shape-templates.js';
import { firstRow, rows } from './statement.js';
import { storableJson } from './storable-text.js';
import { inTransaction } from './transaction.js';

/** Observations that are kept of a template. */
const WINDOW = 20;
/** After a learning that found nothing better: an hour, doubled each time, at most a day. */
const FIRST_PAUSE_MS = 3_600_000;
const MAX_PAUSE_MS = 24 * FIRST_PAUSE_MS;
const MAX_REASON_LENGTH = 500;

/** See `TemplateHealth`. Pages of one template that are observed at once take turns at its row. */
export function createTemplateHealth(database: Database): TemplateHealth {
  return {
    observe: (key, version, observations) => inTransaction(database, (manager) => observe(manager, key, version, observations)),
    quarantine: (key, version, reason) => inTransaction(database, (manager) => quarantine(manager, key, version, reason)),
    release: (key, version, design) =>
      inTransaction(database, async (manager) => {
        await lockTemplate(manager, key);
        if (await isRedesigned(manager, key, design)) return;
        await rows(
          manager,
          `
          update templates set quarantined_version = null, quarantine_reason = null, quarantined_at = null,
            relearn_after = clock_timestamp() + least(power(2, relearn_attempts) * $4::double precision, $5::double precision) * interval '1 millisecond',
            relearn_attempts = relearn_attempts + 1, updated_at = clock_timestamp()
          where site = $1 and template_id = $2 and quarantined_version = $3`,
          [key.site, key.templateId, version, FIRST_PAUSE_MS, MAX_PAUSE_MS],
        );
        await forget(manager, key);
      }),
  };
}

/** See `TemplateHealth.quarantine`. */
export async function quarantine(
  manager: EntityManager,
  { site, templateId }: Pick<TemplateKey, 'site' | 'templateId'>,
  version: number,
  reason: string,
): Promise<boolean> {
  const taken = await rows(
    manager,
    `
    update templates set quarantined_version = $3, quarantine_reason = $4, quarantined_at = clock_timestamp(), updated_at = clock_timestamp()
    where site = $1 and template_id = $2
      and (quarantined_version is distinct from $3 or quarantined_at < clock_timestamp() - interval '10 minutes')
      and (relearn_after is null or relearn_after <= clock_timestamp())
      and exists (select from template_versions where site = $1 and template_id = $2 and version = $3 and state = 'active' and not pinned)
    returning site`,
    [site, templateId, version, reason.slice(0, MAX_REASON_LENGTH)],
  );
  return taken.length > 0;
}

/** Learning, verdicts and new designs of a template take turns from here on. */
export async function lockTemplate(manager: EntityManager, { site, templateId }: Pick<TemplateKey, 'site' | 'templateId'>): Promise<void> {
  await rows(manager, 'select 1 from templates where site = $1 and template_id = $2 for update', [site, templateId]);
}

async function observe(
  manager: EntityManager,
  { site, templateId }: TemplateKey,
  version: number,
  observations: readonly TemplateObservation[],
): Promise<readonly TemplateObservation[]> {
  const known = await firstRow<{ version: number; observations: TemplateObservation[] }>(
    manager,
    'select version, observations from template_health where site = $1 and template_id = $2 for update',
    [site, templateId],
  );
  // What a worker saw of a version that was replaced meanwhile says nothing of the one that serves.
  if (known !== null && known.version > version) return [];
  const before = known?.version === version ? known.observations : [];
  const window = [...before, ...observations].slice(-WINDOW);
  await rows(
    manager,
    `
    insert into template_health (site, template_id, version, observations)
    select $1, $2, $3, $4::jsonb where exists (select from templates where site = $1 and template_id = $2)
    on conflict (site, template_id) do update
      set version = excluded.version, observations = excluded.observations, updated_at = clock_timestamp()`,
    [site, templateId, version, storableJson(window)],
  );
  return window;
}

/** Another version serves, or the same one by a person's word: it starts anew. */
export async function endQuarantine(manager: EntityManager, key: Pick<TemplateKey, 'site' | 'templateId'>): Promise<void> {
  await rows(
    manager,
    `
    update templates set quarantined_version = null, quarantine_reason = null, quarantined_at = null, relearn_attempts = 0, relearn_after = null
    where site = $1 and template_id = $2`,
    [key.site, key.templateId],
  );
  await forget(manager, key);
}

async function forget(manager: EntityManager, { site, templateId }: Pick<TemplateKey, 'site' | 'templateId'>): Promise<void> {
  await rows(manager, 'delete from template_health where site = $1 and template_id = $2', [site, templateId]);
}
