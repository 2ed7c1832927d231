import type {
  ApiKeys,
  BlobStore,
  DocumentReader,
  JobLog,
  JobReader,
  JobWriter,
  KeyRegister,
  LedgerReader,
  OwnerRetention,
  RequestPermits,
  SiteReader,
  SnapshotIndex,
  TemplateWriter,
  UsageReader,
  UserRegister,
} from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Client } from '@temporalio/client';
import type { ApiConfig } from '../config.js';
import { ApiMetrics } from '../metrics/api-metrics.js';

/** What the API stands on. `boot.ts` opens the real parts; tests hand in their own. */
export interface Platform {
  readonly config: ApiConfig;
  readonly log: Logger;
  readonly metrics: ApiMetrics;
  readonly jobReader: JobReader;
  readonly jobWriter: JobWriter;
  readonly jobLog: JobLog;
  readonly documentReader: DocumentReader;
  readonly ledgerReader: LedgerReader;
  readonly siteReader: SiteReader;
  readonly templateWriter: TemplateWriter;
  readonly snapshotIndex: Pick<SnapshotIndex, 'latest'>;
  readonly apiKeys: Pick<ApiKeys, 'authenticate'>;
  readonly keyRegister: KeyRegister;
  readonly userRegister: UserRegister;
  readonly usageReader: UsageReader;
  readonly requestPermits: RequestPermits;
  readonly ownerRetention: OwnerRetention;
  readonly databaseVersions: () => Promise<{ readonly server: string; readonly vector: string | null }>;
  readonly blobStore: Pick<BlobStore, 'get' | 'check'>;
  /** Resolves when the database answers, rejects after `timeoutMs`. */
  readonly checkDatabase: (timeoutMs: number) => Promise<unknown>;
  readonly temporal: Client;
}

export const API_CONFIG = Symbol('ApiConfig');
export const LOG = Symbol('Logger');
export const JOB_READER = Symbol('JobReader');
export const JOB_WRITER = Symbol('JobWriter');
export const JOB_LOG = Symbol('JobLog');
export const DOCUMENT_READER = Symbol('DocumentReader');
export const LEDGER_READER = Symbol('LedgerReader');
export const SITE_READER = Symbol('SiteReader');
export const TEMPLATE_WRITER = Symbol('TemplateWriter');
export const SNAPSHOT_INDEX = Symbol('SnapshotIndex');
export const API_KEYS = Symbol('ApiKeys');
export const KEY_REGISTER = Symbol('KeyRegister');
export const USER_REGISTER = Symbol('UserRegister');
export const USAGE_READER = Symbol('UsageReader');
export const REQUEST_PERMITS = Symbol('RequestPermits');
export const OWNER_RETENTION = Symbol('OwnerRetention');
export const DATABASE_VERSIONS = Symbol('databaseVersions');
export const BLOB_STORE = Symbol('BlobStore');
export const CHECK_DATABASE = Symbol('checkDatabase');

/** Makes the ports injectable everywhere; they are interfaces, so their tokens are symbols. */
@Module({})
export class PlatformModule {
  static of(platform: Platform): DynamicModule {
    const providers = [
      { provide: API_CONFIG, useValue: platform.config },
      { provide: LOG, useValue: platform.log },
      { provide: ApiMetrics, useValue: platform.metrics },
      { provide: JOB_READER, useValue: platform.jobReader },
      { provide: JOB_WRITER, useValue: platform.jobWriter },
      { provide: JOB_LOG, useValue: platform.jobLog },
      { provide: DOCUMENT_READER, useValue: platform.documentReader },
      { provide: LEDGER_READER, useValue: platform.ledgerReader },
      { provide: SITE_READER, useValue: platform.siteReader },
      { provide: TEMPLATE_WRITER, useValue: platform.templateWriter },
      { provide: SNAPSHOT_INDEX, useValue: platform.snapshotIndex },
      { provide: API_KEYS, useValue: platform.apiKeys },
      { provide: KEY_REGISTER, useValue: platform.keyRegister },
      { provide: USER_REGISTER, useValue: platform.userRegister },
      { provide: USAGE_READER, useValue: platform.usageReader },
      { provide: REQUEST_PERMITS, useValue: platform.requestPermits },
      { provide: OWNER_RETENTION, useValue: platform.ownerRetention },
      { provide: DATABASE_VERSIONS, useValue: platform.databaseVersions },
      { provide: BLOB_STORE, useValue: platform.blobStore },
      { provide: CHECK_DATABASE, useValue: platform.checkDatabase },
      { provide: Client, useValue: platform.temporal },
    ];
    return { module: PlatformModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
