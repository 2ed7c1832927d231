/**
 * Metrics of the stages, on the endpoint of the Temporal SDK beside its own. Labels are stages, codes, methods and status
 * classes: never an address or a job, so that the number of series is bounded. Without an endpoint every call is empty.
 */
import type { CpuTasks } from '@gleaner/activities';
import type { CrawlLedger, Embedder, FetchMethod, HostGate } from '@gleaner/domain';
import type { MetricMeter } from '@temporalio/common';
import { type TextModels, createModelCallMetrics, observeEmbedder, observeModels } from './model-metrics.js';

/** Upper bounds in seconds: from a cached write to the longest page. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const DURATIONS = ['gleaner_activity_duration_seconds', 'gleaner_host_gate_wait_seconds', 'gleaner_model_call_duration_seconds'];

/** Bucket bounds for the exporter, by metric. */
export const HISTOGRAM_BUCKETS: Readonly<Record<string, number[]>> = Object.fromEntries(DURATIONS.map((name) => [name, SECONDS]));

export interface ActivityEnd {
  readonly stage: string;
  readonly activity: string;
  /** `ok`, the code of a refusal or fault, or `CANCELLED`. */
  readonly outcome: string;
  readonly durationMs: number;
  /** What a successful activity returned. */
  readonly result?: unknown;
}

export interface WorkerMetrics {
  activityEnded(end: ActivityEnd): void;
  observedGate(gate: HostGate): HostGate;
  observedCpu(cpu: CpuTasks, threads: number): CpuTasks;
  /** Counts the pages of crawls that end. */
  observedLedger(ledger: CrawlLedger): CrawlLedger;
  observedEmbedder(embedder: Embedder): Embedder;
  observedModels(models: TextModels): TextModels;
}

export function createWorkerMetrics(meter: MetricMeter): WorkerMetrics {
  const activities = meter.createHistogram(
    DURATIONS[0] ?? '',
    'float',
    's',
    'Time of one attempt of an activity, by stage and outcome code',
  );
  const pages = meter.createCounter('gleaner_pages_fetched', 'pages', 'Pages by method and status class');
  const extractions = meter.createCounter('gleaner_extractions', 'documents', 'Extracted pages by method');
  const calls = createModelCallMetrics(meter, DURATIONS[2] ?? '');
  return {
    activityEnded({ stage, activity, outcome, durationMs, result }) {
      activities.record(durationMs / 1_000, { stage, activity, outcome });
      const page = fetchedPage(stage, result);
      if (page !== undefined) pages.add(1, page);
      const batch = fetchedBatch(stage, result);
      if (batch !== undefined && batch.pages > 0) pages.add(batch.pages, { method: batch.method, status: 'batch' });
      const method = extractionMethod(result);
      if (method !== undefined) extractions.add(1, { method });
    },
    observedGate: observeGate(meter),
    observedCpu: observeCpu(meter),
    observedLedger: observeLedger(meter),
    observedEmbedder: observeEmbedder(calls),
    observedModels: observeModels(calls),
  };
}

function observeGate(meter: MetricMeter): WorkerMetrics['observedGate'] {
  const waits = meter.createHistogram(DURATIONS[1] ?? '', 'float', 's', "Time until a host's next turn, where a turn was not free");
  const turns = meter.createCounter('gleaner_host_gate_turns', 'turns', 'Turns that were asked for, by whether they were granted');
  const openings = meter.createCounter('gleaner_host_breaker_openings', 'openings', 'Hosts that were left alone because they failed');
  return (gate) => ({
    async take(host, intervalMs) {
      const turn = await gate.take(host, intervalMs);
      turns.add(1, { granted: String(turn.granted) });
      if (!turn.granted) waits.record(turn.waitMs / 1_000);
      return turn;
    },
    async enter(host, wish) {
      const permits = await gate.enter(host, wish);
      if (permits.reason !== null) waits.record(permits.waitMs / 1_000);
      return permits;
    },
    leave: (host, holder) => gate.leave(host, holder),
    async reserve(host, wish) {
      const reserved = await gate.reserve(host, wish);
      turns.add(Math.max(1, reserved.turns), { granted: String(reserved.reason === null) });
      if (reserved.reason !== null) waits.record(reserved.waitMs / 1_000);
      return reserved;
    },
    async report(host, report) {
      const state = await gate.report(host, report);
      if (state.opened) openings.add(1);
      return state;
    },
  });
}

/** States and reasons are words of the vocabulary. */
function observeLedger(meter: MetricMeter): WorkerMetrics['observedLedger'] {
  const pages = meter.createCounter('gleaner_crawl_pages', 'pages', 'Pages of crawls that have ended, by final state and reason');
  return (ledger) => ({
    ...ledger,
    async finish(jobId, end) {
      const isDone = await ledger.finish(jobId, end);
      if (isDone)
        for (const { state, reason, pages: count } of await ledger.tally(jobId)) pages.add(count, { state, reason: reason ?? 'none' });
      return isDone;
    },
  });
}

function observeCpu(meter: MetricMeter): WorkerMetrics['observedCpu'] {
  const busy = meter.createGauge('gleaner_parse_threads_busy', 'int', 'threads', 'Parsing threads that work');
  const waiting = meter.createGauge('gleaner_parse_tasks_waiting', 'int', 'tasks', 'Pages that wait for a parsing thread');
  let current = 0;
  const show = (threads: number): void => {
    busy.set(Math.min(current, threads));
    waiting.set(Math.max(0, current - threads));
  };
  return (cpu, threads) => {
    show(threads);
    const counted = async <T>(work: () => Promise<T>): Promise<T> => {
      current++;
      show(threads);
      try {
        return await work();
      } finally {
        current--;
        show(threads);
      }
    };
    return {
      extract: (input, signal) => counted(() => cpu.extract(input, signal)),
      acceptAnswers: (input, signal) => counted(() => cpu.acceptAnswers(input, signal)),
      prune: (input, signal) => counted(() => cpu.prune(input, signal)),
      crawlPages: (input, signal) => counted(() => cpu.crawlPages(input, signal)),
      sampleCandidates: (input, signal) => counted(() => cpu.sampleCandidates(input, signal)),
      chunk: (input, signal) => counted(() => cpu.chunk(input, signal)),
      learn: (input, signal) => counted(() => cpu.learn(input, signal)),
      analyze: (input, signal) => counted(() => cpu.analyze(input, signal)),
    };
  };
}

/** Labels of a page that was asked for; undefined for what is no fetch. */
function fetchedPage(stage: string, result: unknown): { readonly method: FetchMethod; readonly status: string } | undefined {
  if (!isRecord(result)) return undefined;
  const method = stage === 'browser' ? 'browser' : 'http';
  if (result['kind'] === 'refused' && 'reason' in result) return { method, status: statusClass(result['status']) };
  const { snapshot } = result;
  if (result['kind'] !== 'fetched' || !isRecord(snapshot)) return undefined;
  return { method, status: result['notModified'] === true ? '3xx' : statusClass(snapshot['status']) };
}

/** Pages that a batch of a crawl has bodies of now; its ledger says which status each had. */
function fetchedBatch(stage: string, result: unknown): { readonly method: FetchMethod; readonly pages: number } | undefined {
  if (!isRecord(result) || typeof result['fetched'] !== 'number') return undefined;
  return { method: stage === 'browser' ? 'browser' : 'http', pages: result['fetched'] };
}

function extractionMethod(result: unknown): string | undefined {
  return isRecord(result) && result['kind'] === 'extracted' && typeof result['method'] === 'string' ? result['method'] : undefined;
}

function statusClass(status: unknown): string {
  return typeof status === 'number' && status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : 'none';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
