import {
  Fault,
  type Page,
  type SiteReader,
  type SiteSummary,
  type TemplateSummary,
  type TemplateVersion,
  type TemplateWriter,
  type VersionVerdict,
} from '@gleaner/domain';
import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { Operation, type OperationOptions } from '../http/operation.js';
import { SITE_READER, TEMPLATE_WRITER } from '../platform/platform.module.js';
import {
  SiteDetailSchema,
  SiteListQuerySchema,
  SiteListSchema,
  TemplateListSchema,
  TemplateVersionSchema,
  VersionListSchema,
  type SiteListQuery,
} from './site.dto.js';

@Controller('api/v1/sites')
export class SitesController {
  constructor(
    @Inject(SITE_READER) private readonly sites: SiteReader,
    @Inject(TEMPLATE_WRITER) private readonly writer: TemplateWriter,
  ) {}

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

  @Post(':host/templates/:id/versions/:n/activate')
  @HttpCode(200)
  @Operation(
    verdict('activate', 'Let a version serve', 'Learning may put a newer one in its place. A version that was pinned is not any more.'),
  )
  activate(@Param() at: VersionPath): Promise<TemplateVersion> {
    return this.decide(at, 'activate');
  }

  @Post(':host/templates/:id/versions/:n/pin')
  @HttpCode(200)
  @Operation(
    verdict(
      'pin',
      'Let a version serve for good',
      'It serves, and learning never puts another in its place: what is learned waits as a candidate.',
    ),
  )
  pin(@Param() at: VersionPath): Promise<TemplateVersion> {
    return this.decide(at, 'pin');
  }

  @Post(':host/templates/:id/versions/:n/reject')
  @HttpCode(200)
  @Operation(verdict('reject', 'Never let a version serve again', 'If it served, the template is learned again with the next page of it.'))
  reject(@Param() at: VersionPath): Promise<TemplateVersion> {
    return this.decide(at, 'reject');
  }

  private async decide({ host, id, n }: VersionPath, word: VersionVerdict): Promise<TemplateVersion> {
    if (!/^[1-9]\d{0,8}$/.test(n)) throw new Fault('NOT_FOUND', { detail: 'Versions are numbered 1, 2, 3 ….' });
    return this.writer.decide({ site: host.toLowerCase(), templateId: id, version: Number(n) }, word);
  }

  private async known(host: string): Promise<SiteSummary> {
    const site = await this.sites.get(host.toLowerCase());
    if (site === null) throw new Fault('NOT_FOUND', { detail: `Nothing is known of ${host}.` });
    return site;
  }
}

interface VersionPath {
  readonly host: string;
  readonly id: string;
  readonly n: string;
}

/** Templates serve all who use the site, so only an admin decides about them. */
function verdict(word: VersionVerdict, summary: string, description: string): OperationOptions {
  return {
    tag: 'Sites',
    summary,
    description,
    access: 'admin',
    answers: [{ status: 200, description: 'The version as it is now', schema: TemplateVersionSchema }],
    errors: word === 'reject' ? ['NOT_FOUND'] : ['NOT_FOUND', 'CONFLICT'],
  };
}
