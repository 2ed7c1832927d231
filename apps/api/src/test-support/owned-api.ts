import type { OwnerLimits } from '@gleaner/domain';
import {
  type Database,
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
  migrate,
  openDatabase,
} from '@gleaner/storage';
import { KEYS } from './samples.js';
import { type TestApi, startTestApi } from './test-api.js';

export interface OwnedApi extends TestApi {
  readonly database: Database;
}

/** The API on a real database, as one process of several has it. The admin key of the samples opens it. */
export async function startOwnedApi(url: string, limits: OwnerLimits): Promise<OwnedApi> {
  const database = await openDatabase({ url, poolSize: 4, applicationName: 'api-test' });
  await migrate(database);
  await createApiKeys(database).ensureAdmin(KEYS.admin);
  const api = await startTestApi({
    limits,
    platform: {
      apiKeys: createApiKeys(database),
      jobReader: createJobReader(database),
      jobWriter: createJobWriter(database, limits),
      jobLog: createJobLog(database),
      documentReader: createDocumentReader(database),
      ledgerReader: createLedgerReader(database),
      siteReader: createSiteReader(database),
      snapshotIndex: createSnapshotIndex(database),
      keyRegister: createKeyRegister(database),
      userRegister: createUserRegister(database),
      usageReader: createUsageReader(database),
      requestPermits: createRequestPermits(database),
      ownerRetention: createOwnerRetention(database),
      databaseVersions: () => databaseVersions(database),
    },
  });
  return {
    ...api,
    database,
    close: async () => {
      await api.close();
      await database.close();
    },
  };
}
