import type { CrawlLedger, Embedder, HostGate } from '@gleaner/domain';
import type { CpuTasks } from '@gleaner/activities';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createWorkerMetrics } from './worker-metrics.js';

type Sample = readonly [name: string, value: number, tags?: MetricTags];

/** A meter that keeps what it is told. */
function recording() {
  const samples: Sample[] = [];
  const metric = (name: string) => {
    const keep = (value: number, tags?: MetricTags): void => void samples.push(tags === undefined ? [name, value] : [name, value, tags]);
    return { name, add: keep, record: keep, set: keep };
  };
  const meter = { createCounter: metric, createHistogram: metric, createGauge: metric } as unknown as MetricMeter;
  const of = (name: string): readonly Sample[] => samples.filter(([own]) => own === name);
  return { metrics: createWorkerMetrics(meter), of };
}

const SIGNAL = new AbortController().signal;

describe('activities', () => {
  const end = { stage: 'fetch', activity: 'fetchPage', outcome: 'ok', durationMs: 250 };

  it('are measured by stage and outcome, in seconds', () => {
    const { metrics, of } = recording();
    metrics.activityEnded({ ...end, outcome: 'HTTP_404' });
    expect(of('gleaner_activity_duration_seconds')).toEqual([
      ['gleaner_activity_duration_seconds', 0.25, { stage: 'fetch', activity: 'fetchPage', outcome: 'HTTP_404' }],
    ]);
  });

  it.each([
    ['a page', 'fetch', { kind: 'fetched', snapshot: { status: 200 }, notModified: false }, { method: 'http', status: '2xx' }],
    [
      'one that did not change',
      'fetch',
      { kind: 'fetched', snapshot: { status: 200 }, notModified: true },
      { method: 'http', status: '3xx' },
    ],
    ['a rendered one', 'browser', { kind: 'fetched', snapshot: { status: 203 } }, { method: 'browser', status: '2xx' }],
    ['a refusal with a status', 'fetch', { kind: 'refused', reason: 'http_404', status: 404 }, { method: 'http', status: '4xx' }],
    ['one without', 'fetch', { kind: 'refused', reason: 'robots' }, { method: 'http', status: 'none' }],
  ])('count %s', (_, stage, result, labels) => {
    const { metrics, of } = recording();
    metrics.activityEnded({ ...end, stage, result });
    expect(of('gleaner_pages_fetched')).toEqual([['gleaner_pages_fetched', 1, labels]]);
  });

  it('count extractions by method, and nothing for what is neither', () => {
    const { metrics, of } = recording();
    for (const result of [{ kind: 'extracted', method: 'template' }, { kind: 'shell' }, null, undefined])
      metrics.activityEnded({ ...end, result });
    expect(of('gleaner_extractions')).toEqual([['gleaner_extractions', 1, { method: 'template' }]]);
    expect(of('gleaner_pages_fetched')).toEqual([]);
  });
});

describe('ports', () => {
  it('count the pages of a crawl once it is ended', async () => {
    const { metrics, of } = recording();
    const tally = [
      { state: 'stored', reason: null, pages: 12 },
      { state: 'failed', reason: 'timeout', pages: 2 },
    ];
    const ends = [false, true];
    const ledger = { finish: async () => ends.shift(), tally: async () => tally, has: async () => true };
    const observed = metrics.observedLedger(ledger as unknown as CrawlLedger);
    expect([await observed.finish('j', 'limit'), of('gleaner_crawl_pages')]).toEqual([false, []]);
    expect([await observed.finish('j', 'limit'), await observed.has('j', 'k')]).toEqual([true, true]);
    expect(of('gleaner_crawl_pages')).toEqual([
      ['gleaner_crawl_pages', 12, { state: 'stored', reason: 'none' }],
      ['gleaner_crawl_pages', 2, { state: 'failed', reason: 'timeout' }],
    ]);
  });

  it('tell of turns and waits at the gate', async () => {
    const { metrics, of } = recording();
    const turns = [
      { granted: false, waitMs: 500 },
      { granted: true, waitMs: 0 },
    ];
    const gate = metrics.observedGate({ take: async () => turns.shift() } as unknown as HostGate);
    await gate.take('a.test', 1_000);
    await gate.take('a.test', 1_000);
    expect(of('gleaner_host_gate_turns').map(([, , tags]) => tags)).toEqual([{ granted: 'false' }, { granted: 'true' }]);
    expect(of('gleaner_host_gate_wait_seconds')).toEqual([['gleaner_host_gate_wait_seconds', 0.5]]);
  });

  it('tell of permits, reserved turns and breakers at the gate', async () => {
    const { metrics, of } = recording();
    const gate = metrics.observedGate({
      enter: async () => ({ granted: 0, waitMs: 1_000, reason: 'busy' }),
      reserve: async (_host: string, { turns }: { turns: number }) =>
        turns > 5 ? { turns: 0, waitMs: 3_000, reason: 'open' } : { turns, firstInMs: 0, intervalMs: 0, reason: null },
      report: async (_host: string, { failed }: { failed: number }) => ({ waitMs: 0, reason: null, opened: failed > 0 }),
    } as unknown as HostGate);
    await gate.enter('a.test', { holder: 'h', wanted: 1, limit: 1, ttlMs: 1 });
    for (const turns of [5, 10]) await gate.reserve('a.test', { holder: 'h', turns, intervalMs: 0, withinMs: 0 });
    for (const failed of [0, 1]) await gate.report('a.test', { ok: 1, throttled: 0, failed });
    expect(of('gleaner_host_gate_wait_seconds').map(([, seconds]) => seconds)).toEqual([1, 3]);
    expect(of('gleaner_host_gate_turns').map(([, count, tags]) => [count, tags])).toEqual([
      [5, { granted: 'true' }],
      [1, { granted: 'false' }],
    ]);
    expect(of('gleaner_host_breaker_openings')).toHaveLength(1);
  });

  it('tell of busy threads and of what waits for one', async () => {
    const { metrics, of } = recording();
    const ends: (() => void)[] = [];
    const analyze = (): Promise<unknown> => new Promise<void>((resolve) => ends.push(resolve));
    const cpu = metrics.observedCpu({ analyze } as unknown as CpuTasks, 1);
    const work = [1, 2].map(() => cpu.analyze({ text: '', declaredLanguage: null }, SIGNAL));
    expect(of('gleaner_parse_threads_busy').at(-1)?.[1]).toBe(1);
    expect(of('gleaner_parse_tasks_waiting').at(-1)?.[1]).toBe(1);
    for (const endOne of ends) endOne();
    await Promise.all(work);
    expect(of('gleaner_parse_threads_busy').at(-1)?.[1]).toBe(0);
  });

  it('tell of model calls that worked and that failed', async () => {
    const { metrics, of } = recording();
    const answers = [async () => ({ vectors: [], tokens: 7 }), async () => Promise.reject(new Error('away'))];
    const inner = { model: 'm', batchSize: 8, embed: () => answers.shift()?.() } as unknown as Embedder;
    const embedder = metrics.observedEmbedder(inner);
    await embedder.embed(['a'], SIGNAL);
    await expect(embedder.embed(['a'], SIGNAL)).rejects.toThrow('away');
    expect(of('gleaner_model_call_duration_seconds').map(([, , tags]) => tags)).toEqual([
      { purpose: 'embed', outcome: 'ok' },
      { purpose: 'embed', outcome: 'failed' },
    ]);
    expect(of('gleaner_model_tokens')).toEqual([['gleaner_model_tokens', 7, { purpose: 'embed' }]]);
  });
});
