import {
  blobsFromUrl,
  checkDatabase,
  createApiKeys,
  createDocumentReader,
  createJobLog,
  createJobReader,
  createJobWriter,
  createKeyRegister,
  createLedgerReader,
  createOwnerRetention,
  createRequestPermits,
  createSiteReader,
  createSnapshotIndex,
  createUsageReader,
  createUserRegister,
  databaseVersions,
  createTemplateWriter,
  migrate,
  openDatabase,
} from '@gleaner/storage';
import type { Logger } from '@gleaner/telemetry';
import type { ClientPlugin } from '@temporalio/client';
import { closeApp } from './close-app.js';
import type { ApiConfig } from './config.js';
import { createApp } from './create-app.js';
import { ApiMetrics } from './metrics/api-metrics.js';
import type { Platform } from './platform/platform.module.js';
import { temporalClient } from './temporal/temporal-client.js';

const DATABASE_CONNECTIONS = 4;
export interface RunningApi {
  readonly url: string;
  /** Ends streams and waits, answers what is under way, then closes what was opened. */
  stop(): Promise<void>;
}

/** Opens the database, brings its schema up to date, and serves. Rejects when the database or the port cannot be had. */
export async function startApi(config: ApiConfig, log: Logger, plugins: readonly ClientPlugin[] = []): Promise<RunningApi> {
  const database = await openDatabase({ url: config.secrets.databaseUrl, poolSize: DATABASE_CONNECTIONS, applicationName: 'gleaner-api' });
  const temporal = temporalClient(config.temporal, plugins);
  const metrics = new ApiMetrics();
  const closeParts = async () => void (await Promise.allSettled([temporal.connection.close(), database.close()]));
  try {
    await migrate(database);
    const apiKeys = createApiKeys(database);
    if (config.secrets.adminKey !== undefined) await apiKeys.ensureAdmin(config.secrets.adminKey);
    const platform: Platform = {
      config,
      log,
      apiKeys,
      temporal,
      metrics,
      jobReader: metrics.observedReader(createJobReader(database)),
      jobWriter: metrics.observedWriter(createJobWriter(database, config.limits.owners)),
      jobLog: createJobLog(database),
      documentReader: createDocumentReader(database),
      ledgerReader: createLedgerReader(database),
      siteReader: createSiteReader(database),
      templateWriter: createTemplateWriter(database),
      snapshotIndex: createSnapshotIndex(database),
      keyRegister: createKeyRegister(database),
      userRegister: createUserRegister(database),
      usageReader: createUsageReader(database),
      requestPermits: createRequestPermits(database),
      ownerRetention: createOwnerRetention(database),
      databaseVersions: () => databaseVersions(database),
      blobStore: blobsFromUrl(config.blobsUrl, config.dataFolder),
      checkDatabase: (timeoutMs) => checkDatabase(database, timeoutMs),
    };
    const app = await createApp(platform);
    await app.listen({ port: config.port, host: config.host }).catch(async (error: unknown) => {
      await app.close();
      throw error;
    });
    return {
      url: urlOf(app.getHttpServer().address(), config.host),
      stop: async () => {
        await closeApp(app);
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

/** Where the API can be reached from this machine: an address that means "all" is not one to connect to. */
function urlOf(address: { readonly port: number } | string | null, host: string): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
