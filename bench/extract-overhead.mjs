/**
 * What durability costs: a known page extracted as a job (API → Temporal → pools → database) against the same stage
 * functions called one after the other in this process, on the same database and the same site, in one run.
 * Options: --jobs N (default 100), --warm N (default 20), --gap MS between jobs (default 150: each arrives on an idle system;
 * 0: the bookkeeping that Temporal does after a job weighs on the next one)
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { QUEUES, readSettings } from '@gleaner/domain';
import { createClient } from '@gleaner/sdk';
import { createJobLog, createJobWriter, openDatabase } from '@gleaner/storage';
import { MockActivityEnvironment } from '@temporalio/testing';
import { noopMetricMeter } from '@temporalio/common';
import { compose } from '../apps/workers/dist/compose.js';
import { createWorkerMetrics } from '../apps/workers/dist/worker-metrics.js';
import { startBenchSite } from './bench-site.mjs';
import { ms, quantile, throughput, timeEach } from './measure.mjs';
import { startSystem } from './start-system.mjs';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '100' }, warm: { type: 'string', default: '20' }, gap: { type: 'string', default: '150' } },
});
const jobs = Number(values.jobs);
const warm = Number(values.warm);
const gapMs = Number(values.gap);

/** The composition of the workers, in this process. */
async function openStages(system, allow) {
  const read = readSettings({ GLEANER_DATA: system.folder, GLEANER_ALLOW_PRIVATE: allow, GLEANER_LOG_LEVEL: 'error' });
  const database = await openDatabase({ url: system.ready.database, applicationName: 'gleaner-bench' });
  const { activities, [Symbol.asyncDispose]: close } = await compose({
    settings: read.settings,
    pools: QUEUES.filter((queue) => queue !== 'browser'),
    database,
    browserEnvironment: {},
    metrics: createWorkerMetrics(noopMetricMeter),
  });
  return { database, activities, close };
}

/** The stage functions of the workers, called directly; each inside the context that an activity has. */
async function directStages(system, allow) {
  const { database, activities, close } = await openStages(system, allow);
  const writer = createJobWriter(database);
  const log = createJobLog(database);
  const run = (work) => new MockActivityEnvironment().run(work);
  const stage = {};
  const timed = async (name, work) => {
    const startedAt = performance.now();
    const result = await run(work);
    (stage[name] ??= []).push(performance.now() - startedAt);
    return result;
  };
  async function extract(url, n) {
    const draft = {
      ownerId: 'usr_bench',
      kind: 'extract',
      input: { url },
      options: {},
      priority: 3,
      labels: [],
      dedupeKey: `bench ${n} ${Math.random()}`,
    };
    const { job } = await writer.create(draft);
    await log.started(job.id, { workflowId: job.workflowId, runId: 'bench' });
    const fetched = await timed('fetch', () =>
      activities.fetch.fetchPage({ jobId: job.id, url, fresh: false, render: 'never', step: 'page' }),
    );
    const extracted = await timed('extract', () =>
      activities.extract.extractDocument({ jobId: job.id, snapshot: fetched.snapshot, unknownTemplate: 'general' }),
    );
    const [analysis, chunks] = await Promise.all([
      timed('analyze', () => activities.analyze.analyzeDocument({ jobId: job.id, page: extracted.page })),
      timed('embed', () => activities.embed.embedDocument({ jobId: job.id, page: extracted.page })),
    ]);
    const { documentId } = await timed('store', () =>
      activities.store.storeDocument({
        jobId: job.id,
        ownerId: 'usr_bench',
        snapshot: fetched.snapshot,
        page: extracted.page,
        analysis: analysis.analysis,
        chunks: chunks.chunks,
        embedding: chunks.embedding,
        timingsMs: { fetch: 0, learn: 0, extract: 0, embed: 0, store: 0, analyze: 0 },
      }),
    );
    await log.finish(job.id, { state: 'completed', result: { documentId } });
    return extracted.method;
  }
  return {
    extract,
    stage,
    close: async () => {
      await close();
      await database.close();
    },
  };
}

const site = await startBenchSite();
const system = await startSystem(site.address);
const client = createClient({ url: system.ready.url, key: system.key });
try {
  const job = (n) => client.startJob({ kind: 'extract', input: { url: site.pageUrl(n), render: 'never' } }, { waitSeconds: 60 });
  const learned = await job(0);
  if (learned.state !== 'completed') throw new Error(JSON.stringify(learned.error));
  const direct = await directStages(system, site.address);
  for (let n = 1; n <= warm; n++) {
    await job(n);
    await direct.extract(site.pageUrl(1000 + n), n);
  }
  for (const times of Object.values(direct.stage)) times.length = 0;
  // Turn by turn, so that what else the machine does weighs on both alike.
  const durable = [];
  const inProcess = [];
  for (let n = 0; n < jobs; n++) {
    await delay(gapMs);
    durable.push(...(await timeEach(1, () => job(2000 + n))));
    inProcess.push(...(await timeEach(1, () => direct.extract(site.pageUrl(3000 + n), n))));
  }
  const [a, b] = [durable, inProcess].map((times) => times.toSorted((x, y) => x - y));
  console.log(`page ${(site.bytes / 1000).toFixed(0)} kB, ${jobs} jobs each, known template, turn by turn, ${gapMs} ms between`);
  console.log(`durable   p50 ${ms(quantile(a, 0.5))}  p95 ${ms(quantile(a, 0.95))}`);
  console.log(`direct    p50 ${ms(quantile(b, 0.5))}  p95 ${ms(quantile(b, 0.95))}`);
  console.log(`overhead  p50 ${ms(quantile(a, 0.5) - quantile(b, 0.5))}  ratio ${(quantile(a, 0.5) / quantile(b, 0.5)).toFixed(2)}`);
  const fetchMs = direct.stage.fetch.toSorted((x, y) => x - y);
  console.log(`beyond the fetch (durable p50 - direct fetch p50): ${ms(quantile(a, 0.5) - quantile(fetchMs, 0.5))}`);
  for (const [name, times] of Object.entries(direct.stage)) {
    const sorted = times.toSorted((x, y) => x - y);
    console.log(`  ${name.padEnd(8)} p50 ${ms(quantile(sorted, 0.5))}  p95 ${ms(quantile(sorted, 0.95))}`);
  }
  await direct.close();
  for (const parallel of [1, 10, 50]) {
    const perSecond = await throughput(Math.max(jobs, parallel * 2), parallel, (n) => job(10_000 * parallel + n));
    console.log(`${String(parallel).padStart(2)} in flight: ${perSecond.toFixed(1)} jobs/s`);
  }
} finally {
  await system.stop();
  site.stop();
}
