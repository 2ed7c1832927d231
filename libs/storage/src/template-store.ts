import type { TemplateDraft, TemplateKey, TemplateState, TemplateStore, TemplateVersion } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { canonicalJson } from './canonical-json.js';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { TemplateEntity } from './entities/template.entity.js';
import { TemplateVersionEntity } from './entities/template-version.entity.js';
import { touchSite } from './site-memory.js';
import { endQuarantine } from './template-health.js';
import { firstRow, rows } from './statement.js';
import { storableJson, storableText, storableValue } from './storable-text.js';
import { isRedesigned, recordStructure } from './shape-templates.js';
import { stateOf, templateVersion } from './template-record.js';
import { inTransaction, withManager } from './transaction.js';

export function createTemplateStore(database: Database): TemplateStore {
  return {
    find: (key) => withManager(database, (manager) => find(manager, key)),
    save: (draft, promote = true) => inTransaction(database, (manager) => save(manager, draft, promote)),
    markUnlearnable: (key, reason, until) =>
      inTransaction(database, async (manager) => {
        await touchSite(manager, key.site);
        await rows(
          manager,
          `
        insert into templates (site, template_id, shape, unlearnable_until, unlearnable_reason) values ($1, $2, $3, $4, $5)
        on conflict (site, template_id) do update set unlearnable_until = excluded.unlearnable_until,
          unlearnable_reason = excluded.unlearnable_reason, updated_at = clock_timestamp()`,
          [key.site, key.templateId, key.shape, until, reason],
        );
      }),
  };
}

async function find(manager: EntityManager, key: TemplateKey): Promise<TemplateState> {
  const where = { site: storableText(key.site), templateId: storableText(key.templateId) };
  const template = await manager.findOneBy(TemplateEntity, where);
  if (template === null) return { kind: 'unknown' };
  return stateOf(template, await manager.findOneBy(TemplateVersionEntity, { ...where, state: 'active' }));
}

/** The row of the template is locked by its upsert, so versions are numbered one after the other. */
async function save(manager: EntityManager, draft: TemplateDraft, promote: boolean): Promise<TemplateVersion> {
  const { site, templateId, shape } = draft;
  await touchSite(manager, site);
  await rows(
    manager,
    `
    insert into templates (site, template_id, shape) values ($1, $2, $3)
    on conflict (site, template_id) do update
      set shape = excluded.shape, unlearnable_until = null, unlearnable_reason = null, updated_at = clock_timestamp()`,
    [site, templateId, shape],
  );
  const version = (await versionOfSameConfig(manager, draft)) ?? (await addVersion(manager, draft));
  // What was learned of a design of before would serve pages of the one that joined.
  if (promote && !(await isRedesigned(manager, draft, draft.design))) {
    await activate(manager, draft, version);
    await recordStructure(manager, draft);
  }
  const saved = await manager.findOneByOrFail(TemplateVersionEntity, {
    site: storableText(site),
    templateId: storableText(templateId),
    version,
  });
  return templateVersion(saved, storableText(shape));
}

async function versionOfSameConfig(manager: EntityManager, draft: TemplateDraft): Promise<number | undefined> {
  const found = await firstRow<{ version: number }>(
    manager,
    `
    select version from template_versions where site = $1 and template_id = $2 and config_hash = $3`,
    [draft.site, draft.templateId, configHash(draft)],
  );
  return found?.version;
}

async function addVersion(manager: EntityManager, draft: TemplateDraft): Promise<number> {
  const added = await rows<{ version: number }>(
    manager,
    `
    with numbered as (
      update templates set last_version = last_version + 1 where site = $1 and template_id = $2 returning site, template_id, last_version
    )
    insert into template_versions
      (site, template_id, version, state, config, config_hash, scores, author, model, cost_usd, sample_urls)
    select site, template_id, last_version, 'candidate', $3::jsonb, $4, $5::jsonb, $6, $7, $8::double precision, $9::jsonb from numbered
    returning version`,
    [
      draft.site,
      draft.templateId,
      storableJson(draft.config),
      configHash(draft),
      storableJson(draft.scores),
      draft.author,
      draft.model,
      draft.costUsd,
      storableJson(draft.sampleUrls),
    ],
  );
  return added[0]?.version ?? 0;
}

/** What a person decided holds: a rejected version stays rejected when learning finds it again, a pinned one keeps its place. */
async function activate(manager: EntityManager, { site, templateId }: TemplateKey, version: number): Promise<void> {
  const pinned = await firstRow(
    manager,
    'select version from template_versions where site = $1 and template_id = $2 and pinned and version <> $3',
    [site, templateId, version],
  );
  if (pinned !== null) return;
  await rows(
    manager,
    `
    update template_versions set state = 'retired'
    where site = $1 and template_id = $2 and state = 'active' and version <> $3
      and exists (select from template_versions where site = $1 and template_id = $2 and version = $3 and state <> 'rejected')`,
    [site, templateId, version],
  );
  await rows(
    manager,
    `
    update template_versions set state = 'active'
    where site = $1 and template_id = $2 and version = $3 and state in ('candidate', 'retired')`,
    [site, templateId, version],
  );
  await endQuarantine(manager, { site, templateId });
}

function configHash(draft: TemplateDraft): string {
  return digest(canonicalJson(storableValue(draft.config)));
}
