import { type DynamicModule, Module } from '@nestjs/common';
import { DocsModule } from './docs/docs.module.js';
import { DocumentsModule } from './documents/documents.module.js';
import { EventsModule } from './events/events.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import type { RouteTable } from './http/route-table.js';
import { JobsModule } from './jobs/jobs.module.js';
import { KeysModule } from './keys/keys.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { LiveModule } from './live/live.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { type Platform, PlatformModule } from './platform/platform.module.js';
import { ReconcilerModule } from './reconciler/reconciler.module.js';
import { SitesModule } from './sites/sites.module.js';
import { SystemModule } from './system/system.module.js';
import { TemporalModule } from './temporal/temporal.module.js';
import { UsageModule } from './usage/usage.module.js';
import { UsersModule } from './users/users.module.js';

const FEATURES = [
  TemporalModule,
  JobsModule,
  EventsModule,
  LiveModule,
  DocumentsModule,
  SitesModule,
  HealthModule,
  MetricsModule,
  DocsModule,
  ReconcilerModule,
  KeysModule,
  UsersModule,
  UsageModule,
  LimitsModule,
  SystemModule,
];

@Module({})
export class AppModule {
  static of(platform: Platform, routes: RouteTable): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.of(platform), HttpModule.of(routes), ...FEATURES] };
  }
}
