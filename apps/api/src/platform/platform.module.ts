import type { ApiKeys, BlobStore, DocumentReader, JobLog, JobReader, JobWriter, SiteReader, SnapshotIndex } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type DynamicModule, Module } from '@nestjs/common';
import { Client } from '@temporalio/client';
import type { ApiConfig } from '../config.js';

/** What the API stands on. `boot.ts` opens the real parts; tests hand in their own. */
export interface Platform {
  readonly config: ApiConfig;
  readonly log: Logger;
  readonly jobReader: JobReader;
  readonly jobWriter: JobWriter;
  readonly jobLog: JobLog;
  readonly documentReader: DocumentReader;
  readonly siteReader: SiteReader;
  readonly snapshotIndex: Pick<SnapshotIndex, 'latest'>;
  readonly apiKeys: Pick<ApiKeys, 'authenticate'>;
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
export const SITE_READER = Symbol('SiteReader');
export const SNAPSHOT_INDEX = Symbol('SnapshotIndex');
export const API_KEYS = Symbol('ApiKeys');
export const BLOB_STORE = Symbol('BlobStore');
export const CHECK_DATABASE = Symbol('checkDatabase');

/** Makes the ports injectable everywhere; they are interfaces, so their tokens are symbols. */
@Module({})
export class PlatformModule {
  static of(platform: Platform): DynamicModule {
    const providers = [
      { provide: API_CONFIG, useValue: platform.config },
      { provide: LOG, useValue: platform.log },
      { provide: JOB_READER, useValue: platform.jobReader },
      { provide: JOB_WRITER, useValue: platform.jobWriter },
      { provide: JOB_LOG, useValue: platform.jobLog },
      { provide: DOCUMENT_READER, useValue: platform.documentReader },
      { provide: SITE_READER, useValue: platform.siteReader },
      { provide: SNAPSHOT_INDEX, useValue: platform.snapshotIndex },
      { provide: API_KEYS, useValue: platform.apiKeys },
      { provide: BLOB_STORE, useValue: platform.blobStore },
      { provide: CHECK_DATABASE, useValue: platform.checkDatabase },
      { provide: Client, useValue: platform.temporal },
    ];
    return { module: PlatformModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
