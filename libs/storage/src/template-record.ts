import type { TemplateState, TemplateVersion } from '@gleaner/domain';
import type { TemplateEntity } from './entities/template.entity.js';
import type { TemplateVersionEntity } from './entities/template-version.entity.js';

/** A learning takes minutes; a quarantine that is older has lost its own. */
const QUARANTINE_OVERDUE_MS = 10 * 60_000;

/** The shape stands with the template, once for all its versions. */
export function templateVersion(row: TemplateVersionEntity, shape: string): TemplateVersion {
  return {
    site: row.site,
    templateId: row.templateId,
    shape,
    version: row.version,
    state: row.state,
    pinned: row.pinned,
    config: row.config,
    scores: row.scores,
    author: row.author,
    model: row.model,
    costUsd: row.costUsd,
    sampleUrls: row.sampleUrls,
    createdAt: row.createdAt.toISOString(),
  };
}

/** How a template stands, by its row and that of its active version. */
export function stateOf(template: TemplateEntity, active: TemplateVersionEntity | null): TemplateState {
  if (active !== null) return standing(template, templateVersion(active, template.shape));
  const { unlearnableUntil: until, unlearnableReason: reason } = template;
  if (until === null || until.getTime() <= Date.now()) return { kind: 'unknown' };
  return { kind: 'unlearnable', until: until.toISOString(), reason: reason ?? '' };
}

function standing({ quarantinedVersion, quarantineReason, quarantinedAt }: TemplateEntity, version: TemplateVersion): TemplateState {
  if (quarantinedVersion !== version.version || version.pinned) return { kind: 'active', version };
  const isOverdue = quarantinedAt === null || Date.now() - quarantinedAt.getTime() > QUARANTINE_OVERDUE_MS;
  return { kind: 'quarantined', version, reason: quarantineReason ?? '', isOverdue };
}
