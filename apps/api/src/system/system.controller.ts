import { readFile } from 'node:fs/promises';
import type { Logger } from '@gleaner/telemetry';
import { Controller, Get, Inject } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { Operation } from '../http/operation.js';
import { API_CONFIG, DATABASE_VERSIONS, LOG, type Platform } from '../platform/platform.module.js';
import { SystemSchema, type SystemView } from './system.dto.js';
import { TemporalPools } from './temporal-pools.service.js';

/** Of the workspace: every package of the product has the same version. */
const MANIFEST = new URL('../../package.json', import.meta.url);

@Controller('api/v1/system')
export class SystemController {
  private version: Promise<string> | undefined;

  constructor(
    private readonly temporal: TemporalPools,
    @Inject(DATABASE_VERSIONS) private readonly databaseVersions: Platform['databaseVersions'],
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  @Get()
  @Operation({
    tag: 'System',
    summary: 'What runs here',
    description: 'Versions, pools with their workers and backlog, models, limits. What does not answer is null; /health/ready says why.',
    access: 'admin',
    answers: [{ status: 200, description: 'The system', schema: SystemSchema }],
    errors: [],
  })
  async read(): Promise<SystemView> {
    const [gleaner, temporal, database, pools] = await Promise.all([
      (this.version ??= productVersion()),
      this.temporal.serverVersion(),
      this.database(),
      this.temporal.pools(),
    ]);
    const { limits, models } = this.config;
    return {
      versions: {
        gleaner,
        node: process.versions.node,
        temporal,
        postgresql: database?.server ?? null,
        pgvector: database?.vector ?? null,
      },
      pools,
      models: [...models],
      limits,
    };
  }

  private async database(): Promise<Awaited<ReturnType<Platform['databaseVersions']>> | null> {
    return this.databaseVersions().catch((error: unknown) => {
      this.log.warn({ err: error }, 'the database did not tell its version');
      return null;
    });
  }
}

async function productVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(MANIFEST, 'utf8')) as { readonly version: string };
  return manifest.version;
}
