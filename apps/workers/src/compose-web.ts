/** The half of the composition that leaves this machine: one policy under the agent, the proxy, the browser and robots.txt. */
import {
  createBrowser,
  createBrowserActivities,
  createCrawlBrowserActivities,
  createCrawlFetchActivities,
  createFetchActivities,
  createHostTurns,
  createPageFetcher,
  createPageRenderer,
  createRobots,
} from '@gleaner/activities';
import type {
  BlobStore,
  BrowserActivities,
  CrawlBrowserActivities,
  CrawlFetchActivities,
  CrawlLedger,
  FetchActivities,
  HostGate,
  JobLog,
  RobotsCache,
  Settings,
  SiteMemory,
  SnapshotIndex,
} from '@gleaner/domain';
import { type Resolver, createEgressAgent, createEgressPolicy, createEgressProxy } from '@gleaner/egress';

/** What the stages that fetch keep outside themselves. */
export interface WebPorts {
  readonly blobs: BlobStore;
  readonly jobLog: JobLog;
  readonly ledger: CrawlLedger;
  readonly gate: HostGate;
  readonly robotsCache: RobotsCache;
  readonly snapshots: SnapshotIndex;
  readonly sites: SiteMemory;
}

export interface WebCompositionOptions {
  readonly settings: Settings;
  readonly ports: WebPorts;
  /** All that the browser inherits: no key, no password. */
  readonly browserEnvironment?: Readonly<Record<string, string>>;
  /** Without it no proxy is started. */
  readonly withBrowser: boolean;
  /** Takes over the end of everything that is made here. */
  readonly closing: AsyncDisposableStack;
  /** Default: the operating system's. */
  readonly resolver?: Resolver;
}

export interface WebActivities {
  readonly fetch: FetchActivities & CrawlFetchActivities;
  readonly browser?: BrowserActivities & CrawlBrowserActivities;
}

/** Composes fetching, and rendering where a pool serves it. */
export async function composeWeb(options: WebCompositionOptions): Promise<WebActivities> {
  const { settings, ports, withBrowser, closing, resolver } = options;
  const { blobs, jobLog, ledger, snapshots, sites: memory } = ports;
  const dialing = resolver === undefined ? {} : { resolver };
  const policy = createEgressPolicy({ allowPrivate: settings.GLEANER_ALLOW_PRIVATE, ownPorts: ownPorts(settings) });
  const dispatcher = createEgressAgent(policy, dialing);
  closing.defer(() => dispatcher.destroy());
  const userAgent = settings.GLEANER_USER_AGENT;
  const now = (): Date => new Date();
  const { GLEANER_HOST_INTERVAL_MS: hostIntervalMs, GLEANER_HOST_CONCURRENCY: hostConcurrency } = settings;
  const turns = createHostTurns({ gate: ports.gate, policy, hostIntervalMs, hostConcurrency });
  const robots = createRobots({ dispatcher, userAgent, policy, turns, now, cache: ports.robotsCache });
  const web = {
    policy,
    turns,
    robots,
    blobs,
    now,
    snapshots,
    maxPageBytes: settings.GLEANER_MAX_PAGE_BYTES,
    maxRedirects: settings.GLEANER_MAX_REDIRECTS,
  };
  const fetching = { ...web, dispatcher, userAgent, timeoutMs: settings.GLEANER_FETCH_TIMEOUT_MS };
  const fetch = {
    ...createFetchActivities({ fetcher: createPageFetcher(fetching), jobLog, memory }),
    ...createCrawlFetchActivities({
      ledger,
      snapshots,
      memory,
      turns,
      robots,
      http: { dispatcher, userAgent, policy, turns },
      fetcherWith: (index) => createPageFetcher({ ...fetching, snapshots: index }),
      hasBrowser: settings.CHROMIUM_PATH !== undefined,
    }),
  };
  if (!withBrowser) return { fetch };

  const proxy = await createEgressProxy(policy, dialing);
  closing.defer(() => proxy.close());
  const environment = options.browserEnvironment === undefined ? {} : { environment: options.browserEnvironment };
  const browser = createBrowser({
    executablePath: settings.CHROMIUM_PATH ?? null,
    ...environment,
    proxy,
    userAgent,
  });
  closing.defer(() => browser.close());
  const renderer = createPageRenderer({ ...web, browser, proxy, timeoutMs: settings.GLEANER_RENDER_TIMEOUT_MS });
  return { fetch, browser: { ...createBrowserActivities({ renderer, jobLog }), ...createCrawlBrowserActivities({ ledger, renderer }) } };
}

const DEFAULT_POSTGRES_PORT = 5_432;

/** Where this system itself listens: on this machine no fetch reaches them, not even when the operator lists them. */
function ownPorts(settings: Settings): readonly number[] {
  const { GLEANER_PORT: api, TEMPORAL_ADDRESS: temporal, GLEANER_TEMPORAL_UI_URL: temporalUi, DATABASE_URL: database } = settings;
  const ports = [
    api,
    temporal === undefined ? 0 : Number(temporal.slice(temporal.lastIndexOf(':') + 1)),
    portOf(temporalUi, 80),
    portOf(database, DEFAULT_POSTGRES_PORT),
  ];
  return ports.filter((port) => port > 0);
}

function portOf(url: string | undefined, standard: number): number {
  return url === undefined || !URL.canParse(url) ? 0 : Number(new URL(url).port) || standard;
}
