/** One job of the whole system as one trace: from the request through workflow and stages to pages and SQL. */
import { readFile, readdir } from 'node:fs/promises';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import '../support/stage-workers.js'; // keeps the Temporal runtime quiet
import { type FixtureSite, markOf, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';
import { type CollectedSpan, type TraceCollector, startTraceCollector } from '../support/trace-collector.js';

const TRACED_BUNDLE = new URL('../../apps/workers/dist/workflow-bundle-traced.js', import.meta.url);
const HISTORIES = new URL('../histories/', import.meta.url);
const STAGES = ['fetchPage', 'extractDocument', 'analyzeDocument', 'embedDocument', 'storeDocument', 'startJob', 'finishJob'];

describe('a trace', () => {
  let collector: TraceCollector;
  let site: FixtureSite;
  let gleaner: Gleaner;
  let jobId: string;
  let refusedId: string;
  let tree: readonly CollectedSpan[];

  beforeAll(async () => {
    collector = await startTraceCollector();
    site = await startFixtureSite();
    gleaner = await startGleaner({
      allow: [site.address],
      environment: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_BSP_SCHEDULE_DELAY: '200',
        GLEANER_LOG_LEVEL: 'debug',
      },
    });
    const run = (path: string) => gleaner.client.startJob({ kind: 'extract', input: { url: site.url + path } }, { waitSeconds: 60 });
    refusedId = (await run('/missing?token=hiddenquery')).id;
    const job = await run('/news/story-1');
    if (job.state !== 'completed') throw new Error(`the job is ${job.state}`);
    jobId = job.id;
    const isWhole = (spans: readonly CollectedSpan[]): boolean => {
      const ids = new Set(spans.map(({ spanId }) => spanId));
      return spans.some(({ parentSpanId }) => parentSpanId === '') && spans.every(({ parentSpanId: up }) => up === '' || ids.has(up));
    };
    tree = await waitUntil(async () => {
      const traceOf = (id: string) => collector.spans.find(({ attributes }) => attributes['gleaner.job.id'] === id)?.traceId;
      const spans = collector.spans.filter(({ traceId }) => traceId === traceOf(jobId));
      const isOver = [jobId, refusedId].every((id) =>
        collector.spans.some(({ traceId, name }) => traceId === traceOf(id) && name === 'RunWorkflow:extractPage'),
      );
      return isOver && isWhole(spans) ? spans : null;
    }, 15_000);
  });
  afterAll(async () => {
    await gleaner[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  const ancestorsOf = (span: CollectedSpan): readonly string[] => {
    const parent = tree.find(({ spanId }) => spanId === span.parentSpanId);
    return parent === undefined ? [] : [parent.name, ...ancestorsOf(parent)];
  };
  const below = (name: string, start: string): readonly CollectedSpan[] =>
    tree.filter((span) => span.name.startsWith(start) && ancestorsOf(span).includes(name));

  it('is one tree with the request as its only root', () => {
    expect(tree.filter(({ parentSpanId }) => parentSpanId === '').map(({ name }) => name)).toEqual(['POST /api/v1/jobs']);
    expect(new Set(tree.map(({ spanId }) => spanId)).size).toBe(tree.length);
  });

  it('goes through the processes and stages to outgoing requests and SQL', () => {
    const services = new Set(tree.map(({ service }) => service));
    expect([...services].toSorted()).toEqual(['gleaner-api', 'gleaner-worker-cpu', 'gleaner-worker-io']);
    expect(below('POST /api/v1/jobs', 'StartWorkflow:extractPage')).toHaveLength(1);
    expect(below('StartWorkflow:extractPage', 'RunWorkflow:extractPage')).toHaveLength(1);
    for (const stage of STAGES) expect(below('RunWorkflow:extractPage', `RunActivity:${stage}`).length, stage).toBeGreaterThan(0);
    const page = below('RunActivity:fetchPage', 'GET').find(({ attributes }) => String(attributes['url.full']).endsWith('/news/story-1'));
    expect(page?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'http.response.status_code': 200 });
    for (const stage of ['fetchPage', 'storeDocument', 'finishJob'])
      expect(below(`RunActivity:${stage}`, 'pg.query').length, `SQL of ${stage}`).toBeGreaterThan(0);
  });

  it('names job, workflow, stage and host on every stage', () => {
    const fetched = below('RunWorkflow:extractPage', 'RunActivity:fetchPage')[0];
    expect(fetched?.attributes).toMatchObject({
      'gleaner.job.id': jobId,
      temporalWorkflowId: expect.stringContaining(jobId) as string,
      'gleaner.stage': 'fetch',
      'gleaner.outcome': 'ok',
      'gleaner.page.host': site.address,
    });
  });

  it('carries no key, no query and no text of the page', () => {
    const sent = collector.text();
    expect(sent).toContain('/news/story-1');
    expect(sent).toContain('/missing');
    for (const secret of [gleaner.key, 'hiddenquery', markOf(1)]) expect(sent.includes(secret), secret).toBe(false);
  });

  it('is named in the log lines of the job', async () => {
    const read = async (name: string): Promise<readonly Record<string, unknown>[]> => {
      const text = await readFile(`${gleaner.folder}/logs/${name}.log`, 'utf8');
      return text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    };
    const traceId = tree[0]?.traceId;
    expect(await read('api')).toContainEqual(
      expect.objectContaining({ msg: 'request', method: 'POST', route: '/api/v1/jobs', jobId, traceId, spanId: expect.any(String) }),
    );
    expect(await read('worker-io')).toContainEqual(
      expect.objectContaining({ jobId, traceId, stage: 'fetch', activity: 'fetchPage', runId: expect.any(String), outcome: 'ok' }),
    );
  });
});

describe('the workflow bundle with tracing', () => {
  it('replays the histories that were recorded without it', async () => {
    const workflowBundle = { code: await readFile(TRACED_BUNDLE, 'utf8') };
    const sinks = { exporter: { export: { fn: () => undefined } } }; // where spans go; a replay has none
    const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const history: unknown = JSON.parse(await readFile(new URL(name, HISTORIES), 'utf8'));
      await expect(Worker.runReplayHistory({ workflowBundle, sinks }, history), name).resolves.toBeUndefined();
    }
  });
});
