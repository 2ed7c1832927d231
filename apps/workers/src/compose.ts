/** The composition root: the one place of the workers where adapters are made and activities get what they need. */
import {
  KnownUrls,
  createLinkJudge,
  createAnalyzeActivities,
  createCrawlEmbedActivities,
  createCrawlExtractActivities,
  createCrawlStoreActivities,
  createEmbedActivities,
  createExtractActivities,
  createJobActivities,
  createLearnActivities,
  createStoreActivities,
} from '@gleaner/activities';
import type {
  AnalyzeActivities,
  BlobStore,
  BrowserActivities,
  CrawlBrowserActivities,
  CrawlEmbedActivities,
  CrawlExtractActivities,
  CrawlFetchActivities,
  CrawlLedger,
  CrawlStoreActivities,
  EmbedActivities,
  Embedder,
  ExtractActivities,
  FetchActivities,
  JobActivities,
  JobLog,
  LearnActivities,
  Queue,
  Settings,
  StoreActivities,
} from '@gleaner/domain';
import { bandsOfEncoded, similarityOfEncoded } from '@gleaner/extraction';
import { createModels } from '@gleaner/models';
import {
  type Database,
  blobsFromUrl,
  createCrawlLedger,
  createDocumentWriter,
  createEmbeddingCache,
  createHostGate,
  createJobLog,
  createJobReader,
  createModelBudget,
  createPageTemplates,
  createRobotsCache,
  createSiteMemory,
  createSnapshotIndex,
  createTemplateHealth,
  createTemplateStore,
} from '@gleaner/storage';
import { type WebPorts, composeWeb } from './compose-web.js';
import { createCpuPool } from './cpu-pool.js';
import type { WorkerMetrics } from './worker-metrics.js';

/** What each queue serves; only the queues of this process are there. */
export interface PoolActivities {
  workflows?: JobActivities;
  fetch?: FetchActivities & CrawlFetchActivities;
  browser?: BrowserActivities & CrawlBrowserActivities;
  learn?: LearnActivities;
  extract?: ExtractActivities & CrawlExtractActivities;
  embed?: EmbedActivities & CrawlEmbedActivities;
  store?: StoreActivities & CrawlStoreActivities;
  analyze?: AnalyzeActivities;
}

export interface Composition extends AsyncDisposable {
  readonly activities: PoolActivities;
}

export interface CompositionOptions {
  readonly settings: Settings;
  readonly pools: readonly Queue[];
  readonly database: Database;
  /** The same for the ledgers of crawls: the embedded database lets everybody else go first. */
  readonly crawlDatabase: Database;
  readonly metrics: WorkerMetrics;
  readonly browserEnvironment: Readonly<Record<string, string>>;
}

/** What several pools of one process share. */
interface Common extends Pick<CompositionOptions, 'settings' | 'database' | 'metrics'> {
  readonly blobs: BlobStore;
  readonly jobLog: JobLog;
  readonly ledger: CrawlLedger;
  readonly closing: AsyncDisposableStack;
}

const CPU_POOLS: readonly Queue[] = ['learn', 'extract', 'analyze', 'embed'];
const WEB_POOLS: readonly Queue[] = ['fetch', 'browser'];

/** Makes what the queues of this process need, and nothing else: a process without `browser` starts no proxy. */
export async function compose({
  settings,
  pools,
  database,
  crawlDatabase,
  metrics,
  browserEnvironment,
}: CompositionOptions): Promise<Composition> {
  const closing = new AsyncDisposableStack();
  const blobs = blobsFromUrl(settings.GLEANER_BLOBS, settings.GLEANER_DATA);
  const common: Common = {
    settings,
    database,
    metrics,
    blobs,
    jobLog: createJobLog(database),
    ledger: metrics.observedLedger(ledgerOf(crawlDatabase)),
    closing,
  };
  const activities: PoolActivities = {};
  const serves = (queue: Queue): boolean => pools.includes(queue);

  if (serves('workflows'))
    activities.workflows = createJobActivities({ ...common, jobs: createJobReader(database), snapshots: createSnapshotIndex(database) });
  if (WEB_POOLS.some(serves))
    Object.assign(
      activities,
      await composeWeb({ settings, closing, browserEnvironment, ports: webPorts(common), withBrowser: serves('browser') }),
    );
  if (CPU_POOLS.some(serves)) Object.assign(activities, composeCpu(common));
  if (serves('store')) {
    activities.store = {
      ...createStoreActivities({ blobs, documents: createDocumentWriter(database), sites: createSiteMemory(database) }),
      ...createCrawlStoreActivities(common),
    };
  }
  return { activities, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

function webPorts({ database, metrics, blobs, jobLog, ledger }: Common): WebPorts {
  return {
    blobs,
    jobLog,
    ledger,
    gate: metrics.observedGate(createHostGate(database)),
    robotsCache: createRobotsCache(database),
    snapshots: createSnapshotIndex(database),
    sites: createSiteMemory(database),
  };
}

function composeCpu({
  settings,
  database,
  metrics,
  blobs,
  jobLog,
  ledger,
  closing,
}: Common): Pick<PoolActivities, 'learn' | 'extract' | 'analyze' | 'embed'> {
  const threads = settings.GLEANER_CPU_THREADS;
  const pool = closing.use(
    createCpuPool({
      threads,
      timeoutMs: settings.GLEANER_PARSE_TIMEOUT_MS,
      threadSettings: { blobsUrl: settings.GLEANER_BLOBS, dataFolder: settings.GLEANER_DATA },
    }),
  );
  const cpu = metrics.observedCpu(pool, threads);
  const templates = createTemplateStore(database);
  const cache = createEmbeddingCache(database);
  const health = createTemplateHealth(database);
  const placing = { health, jobLog, pageTemplates: createPageTemplates(database) };
  const jobs = createJobReader(database);
  const models = createModels({ settings, budget: createModelBudget(database) });
  const embedder = observed(models.embedder, metrics);
  const { fieldReader, selectorProposer } = metrics.observedModels(models);
  return {
    extract: {
      ...createExtractActivities({ ...placing, blobs, cpu, jobs, reader: fieldReader }),
      ...createCrawlExtractActivities({
        ...placing,
        blobs,
        ledger,
        cpu,
        known: new KnownUrls(),
        memory: createSiteMemory(database),
        reader: fieldReader,
        hasEmbedder: embedder !== null,
      }),
    },
    learn: createLearnActivities({
      ...placing,
      blobs,
      templates,
      ledger,
      snapshots: createSnapshotIndex(database),
      cpu,
      jobs,
      proposer: selectorProposer,
      now: () => new Date(),
    }),
    analyze: createAnalyzeActivities({ blobs, cpu }),
    embed: {
      ...createEmbedActivities({ blobs, jobLog, cpu, cache, embedder }),
      ...createCrawlEmbedActivities({ blobs, jobLog, cache, embedder }),
    },
  };
}

/** Null without a key and without a service of one's own: knowledge is then searched by words, and says so. */
function ledgerOf(database: Database): CrawlLedger {
  return createCrawlLedger(database, {
    similarity: similarityOfEncoded,
    bandsOf: bandsOfEncoded,
    judge: (plan) => createLinkJudge(plan).judge,
  });
}

function observed(embedder: Embedder | null, metrics: WorkerMetrics): Embedder | null {
  return embedder === null ? null : metrics.observedEmbedder(embedder);
}
