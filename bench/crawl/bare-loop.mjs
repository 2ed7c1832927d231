/**
 * The price of durability, from the other side: the same stage functions in one thread, batch after batch, without Temporal and without other processes than
 * the database. Runs as a worker thread; `workerData`: `{ url, limit, batchSize, databaseUrl, dataFolder, allow }`. Posts `{ pages, seconds }`.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createHostTurns, createLinkJudge, createPageFetcher, createRobots, KnownUrls } from '@gleaner/activities';
import { readSettings } from '@gleaner/domain';
import { createEgressAgent, createEgressPolicy } from '@gleaner/egress';
import { bandsOfEncoded, similarityOfEncoded } from '@gleaner/extraction';
import {
  createCrawlLedger,
  createHostGate,
  createJobLog,
  createJobWriter,
  createPageTemplates,
  createRobotsCache,
  createSiteMemory,
  createSnapshotIndex,
  createTemplateHealth,
  openDatabase,
} from '@gleaner/storage';
import { blockingBlobsFromUrl } from '@gleaner/storage/blobs';
import { extractBatch } from '../../libs/activities/dist/crawl/extract-batch.js';
import { fetchBatch } from '../../libs/activities/dist/crawl/fetch-batch.js';
import { storeBatch } from '../../libs/activities/dist/crawl/store-batch.js';
import { crawlPages } from '../../apps/workers/dist/crawl-thread.js';

const { url, limit, batchSize, databaseUrl, dataFolder, allow } = workerData;
const { settings } = readSettings({ GLEANER_ALLOW_PRIVATE: allow, GLEANER_DATA: dataFolder });
const signal = new AbortController().signal;
const database = await openDatabase({ url: databaseUrl, applicationName: 'bench', poolSize: 4 });
const policy = createEgressPolicy({ allowPrivate: settings.GLEANER_ALLOW_PRIVATE });
const client = { dispatcher: createEgressAgent(policy), userAgent: settings.GLEANER_USER_AGENT, policy, now: () => new Date() };
const turns = createHostTurns({ gate: createHostGate(database), policy, hostIntervalMs: 0, hostConcurrency: 8 });
const robots = createRobots({ ...client, turns, cache: createRobotsCache(database) });
const blobs = blockingBlobsFromUrl(undefined, dataFolder);
const judge = (plan) => createLinkJudge(plan).judge;
const ledger = createCrawlLedger(database, { similarity: similarityOfEncoded, bandsOf: bandsOfEncoded, judge });
const snapshots = createSnapshotIndex(database);
const memory = createSiteMemory(database);
const jobLog = createJobLog(database);
const limits = { maxPageBytes: settings.GLEANER_MAX_PAGE_BYTES, maxRedirects: 10, timeoutMs: 30_000 };
const deps = {
  ledger,
  blobs,
  snapshots,
  memory,
  turns,
  robots,
  jobLog,
  pageTemplates: createPageTemplates(database),
  reader: null,
  health: createTemplateHealth(database),
  known: new KnownUrls(),
  cpu: { crawlPages: (input) => crawlPages(input, () => blobs) },
  hasBrowser: false,
  hasEmbedder: false,
  fetcherWith: (index) => createPageFetcher({ ...client, ...limits, turns, robots, blobs, snapshots: index }),
};

const [{ owner_id: ownerId }] = await database.dataSource.query('select owner_id from api_keys limit 1');
const input = { url, limit, depth: 30, render: 'never' };
const draft = { ownerId, kind: 'crawl', input, options: {}, priority: 4, labels: [], dedupeKey: `bare ${Math.random()}` };
const { job } = await createJobWriter(database).create(draft);
await jobLog.started(job.id, { workflowId: job.workflowId, runId: 'bare' });
await ledger.open(job.id);

const host = new URL(url).host;
const startedAt = performance.now();
let pages = 0;
for (let number = 1; ; number++) {
  const batch = { jobId: job.id, host, batch: `${host}#${number}` };
  const fetched = await fetchBatch(deps, { ...batch, size: batchSize }, signal);
  if (fetched.leased === 0) break;
  const extracted = await extractBatch(deps, batch, { number: 1, signal });
  if (extracted.pages.length > 0) pages += (await storeBatch(deps, { ...batch, ownerId, pages: extracted.pages })).stored;
}
const seconds = (performance.now() - startedAt) / 1_000;
await ledger.finish(job.id, 'limit');
await jobLog.finish(job.id, { state: 'completed', result: { pages } });
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort.postMessage({ pages, seconds });
await client.dispatcher.destroy();
await database.close();
