/** The composition root: the one place of the workers where adapters are made and activities get what they need. */
import {
  createAnalyzeActivities,
  createBrowser,
  createBrowserActivities,
  createEmbedActivities,
  createExtractActivities,
  createFetchActivities,
  createHostTurns,
  createJobActivities,
  createLearnActivities,
  createPageFetcher,
  createPageRenderer,
  createRobots,
  createStoreActivities,
} from '@gleaner/activities';
import type {
  AnalyzeActivities,
  BlobStore,
  BrowserActivities,
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
import { createCpuPool } from './cpu-pool.js';

/** What each queue serves; only the queues of this process are there. */
export interface PoolActivities {
  workflows?: JobActivities;
  fetch?: FetchActivities;
  browser?: BrowserActivities;
  learn?: LearnActivities;
  extract?: ExtractActivities;
  embed?: EmbedActivities;
  store?: StoreActivities;
  analyze?: AnalyzeActivities;
}

export interface Composition extends AsyncDisposable {
  readonly activities: PoolActivities;
}

export interface CompositionOptions {
  readonly settings: Settings;
  readonly pools: readonly Queue[];
  readonly database: Database;
  readonly browserEnvironment: Readonly<Record<string, string>>;
}

/** What several pools of one process share. */
interface Common extends Pick<CompositionOptions, 'settings' | 'database' | 'browserEnvironment'> {
  readonly blobs: BlobStore;
  readonly jobLog: JobLog;
  readonly closing: AsyncDisposableStack;
}

const CPU_POOLS: readonly Queue[] = ['learn', 'extract', 'analyze', 'embed'];
const WEB_POOLS: readonly Queue[] = ['fetch', 'browser'];

/** Makes what the queues of this process need, and nothing else: a process without `browser` starts no proxy. */
export async function compose({ settings, pools, database, browserEnvironment }: CompositionOptions): Promise<Composition> {
  const closing = new AsyncDisposableStack();
  const blobs = blobsFromUrl(settings.GLEANER_BLOBS, settings.GLEANER_DATA);
  const common: Common = { settings, database, browserEnvironment, blobs, jobLog: createJobLog(database), closing };
  const activities: PoolActivities = {};
  const serves = (queue: Queue): boolean => pools.includes(queue);

  if (serves('workflows')) activities.workflows = createJobActivities(common);
  if (WEB_POOLS.some(serves)) Object.assign(activities, await composeWeb(common, serves));
  if (CPU_POOLS.some(serves)) Object.assign(activities, composeCpu(common));
  if (serves('store')) {
    activities.store = createStoreActivities({ blobs, documents: createDocumentWriter(database), sites: createSiteMemory(database) });
  }
  return { activities, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

async function composeWeb(common: Common, serves: (queue: Queue) => boolean): Promise<Pick<PoolActivities, 'fetch' | 'browser'>> {
  const { settings, database, blobs, jobLog, closing } = common;
  const policy = createEgressPolicy({ allowPrivate: settings.GLEANER_ALLOW_PRIVATE });
  const dispatcher = createEgressAgent(policy);
  closing.defer(() => dispatcher.destroy());
  const userAgent = settings.GLEANER_USER_AGENT;
  const now = (): Date => new Date();
  const turns = createHostTurns({ gate: createHostGate(database), policy, hostIntervalMs: settings.GLEANER_HOST_INTERVAL_MS });
  const robots = createRobots({ dispatcher, userAgent, policy, turns, now, cache: createRobotsCache(database) });
  const web = {
    policy,
    turns,
    robots,
    blobs,
    now,
    snapshots: createSnapshotIndex(database),
    maxPageBytes: settings.GLEANER_MAX_PAGE_BYTES,
    maxRedirects: settings.GLEANER_MAX_REDIRECTS,
  };
  const fetcher = createPageFetcher({ ...web, dispatcher, userAgent, timeoutMs: settings.GLEANER_FETCH_TIMEOUT_MS });
  const fetch = createFetchActivities({ fetcher, jobLog, memory: createSiteMemory(database) });
  if (!serves('browser')) return { fetch };

  const proxy = await createEgressProxy(policy);
  closing.defer(() => proxy.close());
  const browser = createBrowser({
    executablePath: settings.CHROMIUM_PATH ?? null,
    environment: common.browserEnvironment,
    proxy,
    userAgent,
  });
  closing.defer(() => browser.close());
  const renderer = createPageRenderer({ ...web, browser, proxy, timeoutMs: settings.GLEANER_RENDER_TIMEOUT_MS });
  return { fetch, browser: createBrowserActivities({ renderer, jobLog }) };
}

function composeCpu({
  settings,
  database,
  blobs,
  jobLog,
  closing,
}: Common): Pick<PoolActivities, 'learn' | 'extract' | 'analyze' | 'embed'> {
  const cpu = createCpuPool({ threads: settings.GLEANER_CPU_THREADS, timeoutMs: settings.GLEANER_PARSE_TIMEOUT_MS });
  closing.use(cpu);
  const templates = createTemplateStore(database);
  return {
    extract: createExtractActivities({ blobs, templates, jobLog, cpu }),
    learn: createLearnActivities({ blobs, templates, jobLog, cpu, now: () => new Date() }),
    analyze: createAnalyzeActivities({ blobs, cpu }),
    embed: createEmbedActivities({ blobs, jobLog, cpu, cache: createEmbeddingCache(database), embedder: embedderOf(settings) }),
  };
}

/** Null without a key and without a service of one's own: knowledge is then searched by words, and says so. */
function embedderOf(settings: Settings): Embedder | null {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, GLEANER_EMBEDDING_MODEL: model } = settings;
  if (apiKey === undefined && baseUrl === undefined) return null;
  return createOpenAiEmbedder({ baseUrl: baseUrl ?? 'https://api.openai.com/v1', model, ...(apiKey === undefined ? {} : { apiKey }) });
}
