/** The composition root: the one place of the workers where adapters are made and activities get what they need. */
import {
  createAnalyzeActivities,
  createBrowser,
  createBrowserActivities,
  createEmbedActivities,
  createExtractActivities,
  createFetchActivities,
  createJobActivities,
  createLearnActivities,
  createPageFetcher,
  createStoreActivities,
} from '@gleaner/activities';
import type {
  AnalyzeActivities,
  BrowserActivities,
  EmbedActivities,
  Embedder,
  ExtractActivities,
  FetchActivities,
  JobActivities,
  LearnActivities,
  Queue,
  Settings,
  StoreActivities,
} from '@gleaner/domain';
import { createEgressAgent, createEgressPolicy, createEgressProxy } from '@gleaner/egress';
import { createOpenAiEmbedder } from '@gleaner/models';
import {
  type Database,
  blobsFromUrl,
  createDocumentWriter,
  createEmbeddingCache,
  createHostGate,
  createJobLog,
  createRobotsCache,
  createSiteMemory,
  createSnapshotIndex,
  createTemplateStore,
} from '@gleaner/storage';
import type { Logger } from '@gleaner/telemetry';
import type { WorkersConfig } from './config.js';
import { createCpuPool } from './cpu-pool.js';

export interface PoolActivities {
  readonly workflows: JobActivities;
  readonly fetch: FetchActivities;
  readonly browser: BrowserActivities;
  readonly learn: LearnActivities;
  readonly extract: ExtractActivities;
  readonly embed: EmbedActivities;
  readonly store: StoreActivities;
  readonly analyze: AnalyzeActivities;
}

export interface Composition extends AsyncDisposable {
  readonly activities: PoolActivities;
}
