import type { TemplateVersion } from '@gleaner/domain';
import type { TemplateVersionEntity } from './entities/template-version.entity.js';

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
