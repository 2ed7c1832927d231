import { Fault, type Page, type SiteReader, type SiteSummary, type TemplateSummary, type TemplateVersion } from '@gleaner/domain';
import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Operation } from '../http/operation.js';
import { SITE_READER } from '../platform/platform.module.js';
import {
  SiteDetailSchema,
  SiteListQuerySchema,
  SiteListSchema,
  TemplateListSchema,
  VersionListSchema,
  type SiteListQuery,
} from './site.dto.js';

@Controller('api/v1/sites')
export class SitesController {
  constructor(@Inject(SITE_READER) private readonly sites: SiteReader) {}

  @Get()
  @Operation({
    tag: 'Sites',
    summary: 'List known sites',
    access: 'read',
    takesQuery: true,
    answers: [{ status: 200, description: 'A page of sites', schema: SiteListSchema }],
    errors: [],
  })
  list(@Query({ schema: SiteListQuerySchema }) { cursor, limit }: SiteListQuery): Promise<Page<SiteSummary>> {
    return this.sites.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
  }

  @Get(':host')
  @Operation({
    tag: 'Sites',
    summary: 'Read a site with its templates',
    access: 'read',
    answers: [{ status: 200, description: 'The site', schema: SiteDetailSchema }],
    errors: ['NOT_FOUND'],
  })
  async get(@Param('host') host: string): Promise<Omit<SiteSummary, 'templates'> & { readonly templates: readonly TemplateSummary[] }> {
    const site = await this.known(host);
    return { ...site, templates: await this.sites.templates(site.host) };
  }

  @Get(':host/templates')
  @Operation({
    tag: 'Sites',
    summary: 'List the templates of a site',
    access: 'read',
    answers: [{ status: 200, description: 'All templates', schema: TemplateListSchema }],
    errors: ['NOT_FOUND'],
  })
  async templates(@Param('host') host: string): Promise<Page<TemplateSummary>> {
    const site = await this.known(host);
    return { items: await this.sites.templates(site.host), next: null };
  }

  @Get(':host/templates/:id/versions')
  @Operation({
    tag: 'Sites',
    summary: 'List the versions of a template, newest first',
    access: 'read',
    answers: [{ status: 200, description: 'All versions', schema: VersionListSchema }],
    errors: ['NOT_FOUND'],
  })
  async versions(@Param('host') host: string, @Param('id') id: string): Promise<Page<TemplateVersion>> {
    const items = await this.sites.versions(host.toLowerCase(), id);
    if (items.length === 0) throw new Fault('NOT_FOUND', { detail: `${host} has no template ${id} with versions.` });
    return { items, next: null };
  }

  private async known(host: string): Promise<SiteSummary> {
    const site = await this.sites.get(host.toLowerCase());
    if (site === null) throw new Fault('NOT_FOUND', { detail: `Nothing is known of ${host}.` });
    return site;
  }
}
