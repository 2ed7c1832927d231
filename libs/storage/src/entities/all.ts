import { ApiKeyEntity } from './api-key.entity.js';
import { ChunkEntity } from './chunk.entity.js';
import { CrawlFingerprintEntity } from './crawl-fingerprint.entity.js';
import { CrawlHostEntity } from './crawl-host.entity.js';
import { CrawlPageEntity } from './crawl-page.entity.js';
import { CrawlPatternEntity } from './crawl-pattern.entity.js';
import { CrawlEntity } from './crawl.entity.js';
import { DocumentEntity } from './document.entity.js';
import { EmbeddingCacheEntryEntity } from './embedding-cache-entry.entity.js';
import { HostGateEntity } from './host-gate.entity.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { JobEntity } from './job.entity.js';
import { JobEventEntity } from './job-event.entity.js';
import { ModelBudgetEntity } from './model-budget.entity.js';
import { ModelReservationEntity } from './model-reservation.entity.js';
import { OwnerUsageEntity } from './owner-usage.entity.js';
import { RequestWindowEntity } from './request-window.entity.js';
import { BrowserShapeEntity } from './browser-shape.entity.js';
import { RobotsEntity } from './robots.entity.js';
import { SiteEntity } from './site.entity.js';
import { SnapshotEntity } from './snapshot.entity.js';
import { TemplateHealthEntity } from './template-health.entity.js';
import { TemplateStructureEntity } from './template-structure.entity.js';
import { TemplateEntity } from './template.entity.js';
import { TemplateVersionEntity } from './template-version.entity.js';
import { UserEntity } from './user.entity.js';

export const ENTITIES = [
  ApiKeyEntity,
  ChunkEntity,
  CrawlEntity,
  CrawlFingerprintEntity,
  CrawlHostEntity,
  CrawlPageEntity,
  CrawlPatternEntity,
  DocumentEntity,
  EmbeddingCacheEntryEntity,
  HostGateEntity,
  IdempotencyKeyEntity,
  JobEntity,
  JobEventEntity,
  ModelBudgetEntity,
  ModelReservationEntity,
  OwnerUsageEntity,
  RequestWindowEntity,
  BrowserShapeEntity,
  RobotsEntity,
  SiteEntity,
  SnapshotEntity,
  TemplateEntity,
  TemplateHealthEntity,
  TemplateStructureEntity,
  TemplateVersionEntity,
  UserEntity,
];
