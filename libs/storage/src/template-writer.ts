import { Fault, type TemplateVersion, type TemplateWriter, type VersionKey, type VersionVerdict } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { TemplateVersionEntity } from './entities/template-version.entity.js';
import { firstRow, rows } from './statement.js';
import { storableText } from './storable-text.js';
import { endQuarantine } from './template-health.js';
import { templateVersion } from './template-record.js';
import { inTransaction } from './transaction.js';

/** What people decide of template versions; see `TemplateWriter`. */
export function createTemplateWriter(database: Database): TemplateWriter {
  return { decide: (key, verdict) => inTransaction(database, (manager) => decide(manager, key, verdict)) };
}

/** The row of the template is locked, as learning locks it: verdicts and new versions come one after the other. */
async function decide(manager: EntityManager, key: VersionKey, verdict: VersionVerdict): Promise<TemplateVersion> {
  const { site, templateId, version } = key;
  const lock = 'select shape from templates where site = $1 and template_id = $2 for update';
  const template = await firstRow<{ shape: string }>(manager, lock, [site, templateId]);
  const where = { site: storableText(site), templateId: storableText(templateId), version };
  const found = template === null ? null : await manager.findOneBy(TemplateVersionEntity, where);
  if (template === null || found === null)
    throw new Fault('NOT_FOUND', { detail: `${site} has no version ${version} of a template ${templateId}.` });
  if (verdict === 'reject') await reject(manager, key);
  else await serve(manager, key, { rejected: found.state === 'rejected', pinned: verdict === 'pin' });
  await rows(manager, 'update templates set updated_at = clock_timestamp() where site = $1 and template_id = $2', [site, templateId]);
  return templateVersion(await manager.findOneByOrFail(TemplateVersionEntity, where), template.shape);
}

/** Without a version that serves, the template is unknown again: the next page of it is learned from. */
async function reject(manager: EntityManager, { site, templateId, version }: VersionKey): Promise<void> {
  const sql = `update template_versions set state = 'rejected', pinned = false where site = $1 and template_id = $2 and version = $3`;
  await rows(manager, sql, [site, templateId, version]);
}

interface Serving {
  readonly rejected: boolean;
  readonly pinned: boolean;
}

async function serve(manager: EntityManager, { site, templateId, version }: VersionKey, { rejected, pinned }: Serving): Promise<void> {
  if (rejected) throw new Fault('CONFLICT', { detail: `Version ${version} was rejected: it never serves again.` });
  await rows(
    manager,
    `
    update template_versions set state = 'retired', pinned = false
    where site = $1 and template_id = $2 and state = 'active' and version <> $3`,
    [site, templateId, version],
  );
  const sql = `update template_versions set state = 'active', pinned = $4 where site = $1 and template_id = $2 and version = $3`;
  await rows(manager, sql, [site, templateId, version, pinned]);
  await endQuarantine(manager, { site, templateId });
}
