import type { SiteReader, SiteSummary, TemplateSummary } from '@gleaner/domain';
import type { EntityManager } from 'typeorm';
import { boundedLimit, decodeCursor, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { TemplateEntity } from './entities/template.entity.js';
import { TemplateVersionEntity } from './entities/template-version.entity.js';
import { type Parameter, rows } from './statement.js';
import { storableText } from './storable-text.js';
import { templateVersion } from './template-record.js';
import { withManager } from './transaction.js';

const HOST = /^[^\s/]{1,300}$/;
const MAX_TEMPLATES = 500;
const MAX_VERSIONS = 200;

export function createSiteReader(database: Database): SiteReader {
  return {
    list: (page) =>
      withManager(database, async (manager) => {
        const limit = boundedLimit(page.limit);
        const after = page.cursor === undefined ? '' : decodeCursor(page.cursor, HOST);
        const found = await sites(manager, 'site.host > $1', [after, limit + 1]);
        return pageOf(found, limit, { item: siteSummary, id: (site) => site.host });
      }),

    get: (host) =>
      withManager(database, async (manager) => {
        const found = (await sites(manager, 'site.host = $1', [host, 1]))[0];
        return found === undefined ? null : siteSummary(found);
      }),

    templates: (host) => withManager(database, (manager) => templates(manager, host)),

    versions: (host, templateId) =>
      withManager(database, async (manager) => {
        const where = { site: storableText(host), templateId: storableText(templateId) };
        const template = await manager.findOneBy(TemplateEntity, where);
        if (template === null) return [];
        const found = await manager.find(TemplateVersionEntity, { where, order: { version: 'DESC' }, take: MAX_VERSIONS });
        return found.map((version) => templateVersion(version, template.shape));
      }),
  };
}

interface SiteRow {
  readonly host: string;
  readonly templates: number;
  readonly needsBrowser: boolean;
  readonly updatedAt: Date;
}

function sites(manager: EntityManager, condition: string, parameters: readonly Parameter[]): Promise<SiteRow[]> {
  return rows<SiteRow>(
    manager,
    `
    select site.host, site.needs_browser as "needsBrowser", site.updated_at as "updatedAt",
      (select count(*)::integer from templates where templates.site = site.host) as templates
    from sites as site where ${condition} order by site.host limit $2`,
    parameters,
  );
}

function siteSummary(site: SiteRow): SiteSummary {
  return { ...site, updatedAt: site.updatedAt.toISOString() };
}

interface TemplateRow extends Omit<TemplateSummary, 'updatedAt'> {
  readonly updatedAt: Date;
}

/** A reason is shown while it holds: not once it has run out or a version serves. */
async function templates(manager: EntityManager, host: string): Promise<TemplateSummary[]> {
  const found = await rows<TemplateRow>(
    manager,
    `
    select template.site, template.template_id as "templateId", template.shape, template.updated_at as "updatedAt",
      active.version as "activeVersion", active.config ->> 'type' as type,
      case when template.quarantined_version = active.version then template.quarantine_reason end as "quarantineReason", template.last_version as versions,
      case when active.version is null and template.unlearnable_until > clock_timestamp() then template.unlearnable_reason end as "unlearnableReason"
    from templates as template
    left join template_versions as active
      on active.site = template.site and active.template_id = template.template_id and active.state = 'active'
    where template.site = $1 order by template.template_id limit ${MAX_TEMPLATES}`,
    [host],
  );
  return found.map(templateSummary);
}

function templateSummary(template: TemplateRow): TemplateSummary {
  return { ...template, updatedAt: template.updatedAt.toISOString() };
}
