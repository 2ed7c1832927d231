/** Everything a test of fetching needs, put together from the real parts and the ports in memory. */
import { createEgressAgent, createEgressPolicy } from '@gleaner/egress';
import { createHostTurns } from './host-turns.js';
import { type PageFetcher, type PageFetcherDeps, createPageFetcher } from './page-fetcher.js';
import { createRobots } from './robots/robots-service.js';
import { MemoryBlobs, MemoryGate, MemoryRobots, MemorySnapshots } from './test-ports.js';

export interface FetchBench extends Omit<PageFetcherDeps, 'blobs' | 'snapshots'> {
  readonly fetcher: PageFetcher;
  readonly blobs: MemoryBlobs;
  readonly snapshots: MemorySnapshots;
  readonly gate: MemoryGate;
  readonly robotsCache: MemoryRobots;
  close(): Promise<void>;
}

export type FetchBenchOptions = Partial<Pick<PageFetcherDeps, 'timeoutMs' | 'maxPageBytes' | 'maxRedirects' | 'now'>> & {
  readonly hostIntervalMs?: number;
};

const LOOPBACK_NAMES = async (): Promise<readonly string[]> => ['127.0.0.1'];

/** A fetcher that may reach exactly the listed targets; every name resolves to 127.0.0.1. */
export function createFetchBench(allowPrivate: readonly string[], options: FetchBenchOptions = {}): FetchBench {
  const policy = createEgressPolicy({ allowPrivate });
  const dispatcher = createEgressAgent(policy, { resolver: LOOPBACK_NAMES });
  const gate = new MemoryGate();
  const robotsCache = new MemoryRobots();
  const { hostIntervalMs = 0, now = () => new Date(), ...limits } = options;
  const client = { dispatcher, userAgent: 'TestBot/1.0 (+https://example.com/bot)', now, policy };
  const turns = createHostTurns({ gate, policy, hostIntervalMs, hostConcurrency: 8 });
  const robots = createRobots({ ...client, cache: robotsCache, turns });
  const deps = {
    ...client,
    robots,
    turns,
    blobs: new MemoryBlobs(),
    snapshots: new MemorySnapshots(),
    timeoutMs: 5_000,
    maxPageBytes: 1_000_000,
    maxRedirects: 5,
    ...limits,
  };
  return { ...deps, fetcher: createPageFetcher(deps), gate, robotsCache, close: () => dispatcher.destroy() };
}
