import { Fault, NO_LIMITS, type OwnerLimits } from '@gleaner/domain';
import { createLogger } from '@gleaner/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { closeApp } from '../close-app.js';
import { type ApiConfig, type ApiTimings, DEFAULT_TIMINGS } from '../config.js';
import { createApp } from '../create-app.js';
import { ApiMetrics } from '../metrics/api-metrics.js';
import type { Platform } from '../platform/platform.module.js';
import { temporalClient } from '../temporal/temporal-client.js';
import { MemoryDocuments, MemoryLedger } from './memory-ledger.js';
import { MemoryJobs } from './memory-jobs.js';
import { NO_OWNERS } from './memory-owners.js';
import { KEYS, KEY_RECORDS, PAGE_BYTES, SITES, VERDICTS, SNAPSHOT } from './samples.js';

export interface TestApi {
  readonly url: string;
  readonly jobs: MemoryJobs;
  readonly ledger: MemoryLedger;
  readonly documents: MemoryDocuments;
  readonly app: NestFastifyApplication;
  call(
    path: string,
    options?: CallOptions,
  ): Promise<{ status: number; headers: Headers; text: string; json: ReturnType<typeof JSON.parse> }>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
}

export interface TestParts {
  readonly temporalAddress?: string;
  readonly timings?: Partial<ApiTimings>;
  readonly limits?: OwnerLimits;
  readonly platform?: Partial<Platform>;
}

/** No Temporal server listens there: the port is one of those that are never given out. */
const NOBODY = '127.0.0.1:1';

interface Stores {
  readonly jobs: MemoryJobs;
  readonly ledger: MemoryLedger;
  readonly documents: MemoryDocuments;
}

function testPlatform(
  { jobs, ledger, documents }: Stores,
  { temporalAddress = NOBODY, timings, platform, limits = NO_LIMITS }: TestParts = {},
): Platform {
  const config: ApiConfig = {
    host: '127.0.0.1',
    port: 0,
    dataFolder: '/nowhere',
    logLevel: 'fatal',
    corsOrigins: [],
    blobsUrl: undefined,
    temporal: { address: temporalAddress, namespace: 'default', uiUrl: 'http://127.0.0.1:8233/' },
    tracing: null,
    timings: { ...DEFAULT_TIMINGS, startTimeoutMs: 50, ...timings },
    limits: { owners: limits, pages: { maxBytes: 1, maxRedirects: 1, fetchTimeoutMs: 1, renderTimeoutMs: 1 } },
    models: [{ role: 'embed', provider: 'openai', model: 'test-model', configured: true }],
    secrets: { databaseUrl: '', adminKey: undefined },
  };
  return {
    ...NO_OWNERS,
    config,
    log: createLogger({ name: 'test', level: 'silent' }),
    metrics: new ApiMetrics(),
    jobReader: jobs,
    jobWriter: jobs,
    jobLog: jobs,
    siteReader: SITES,
    templateWriter: VERDICTS,
    documentReader: documents,
    ledgerReader: ledger,
    snapshotIndex: { latest: async () => SNAPSHOT },
    apiKeys: { authenticate: async (key) => KEY_RECORDS[key] ?? null },
    blobStore: {
      get: async (hash) => {
        if (hash !== SNAPSHOT.body.hash) throw new Fault('BLOB_MISSING', { detail: hash });
        return PAGE_BYTES;
      },
      check: async () => undefined,
    },
    checkDatabase: async () => undefined,
    temporal: temporalClient(config.temporal),
    ...platform,
  };
}

/** The API over real HTTP on a free loopback port, on storage in memory. */
export async function startTestApi(parts: TestParts = {}): Promise<TestApi> {
  const stores: Stores = { jobs: new MemoryJobs(), ledger: new MemoryLedger(), documents: new MemoryDocuments() };
  const platform = testPlatform(stores, parts);
  const app = await createApp(platform);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.getHttpServer().address() as { port: number }).port}`;
  return {
    url,
    ...stores,
    app,
    call: (path, options) => call(url + path, options),
    close: async () => {
      await closeApp(app);
      await platform.temporal.connection.close();
    },
  };
}

async function call(url: string, { method = 'GET', body, text, key = KEYS.admin, headers = {} }: CallOptions = {}) {
  const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    ...(content === undefined ? {} : { body: content }),
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    signal: AbortSignal.timeout(20_000),
  });
  const answer = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text: answer,
    json: /[/+]json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(answer) : undefined,
  };
}
