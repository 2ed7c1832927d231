/** What Prometheus reads of the running system after one job. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureSite, startFixtureSite } from '../support/fixture-site.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const WORKER_PROCESSES = 3;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  const isTaken = await Promise.race([once(probe, 'listening').then(() => false), once(probe, 'error').then(() => true)]);
  if (!isTaken) await new Promise((resolve) => probe.close(resolve));
  return !isTaken;
}

/** The first of as many free ports in a row as there are worker processes. */
async function freePorts(): Promise<number> {
  for (let first = 20_000 + (process.pid % 10_000); ; first += WORKER_PROCESSES) {
    const free = await Promise.all(Array.from({ length: WORKER_PROCESSES }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

/** Sum of the samples of that name whose labels hold these. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const values = text
    .split('\n')
    .filter((line) => new RegExp(`^${name}[{ ]`).test(line) && wanted.every((label) => line.includes(label)))
    .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

let site: FixtureSite;
let gleaner: Gleaner;
let firstPort: number;
let jobId: string;

const scrape = async (url: string): Promise<string> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  return response.text();
};
const worker = (index: number): Promise<string> => scrape(`http://127.0.0.1:${firstPort + index}/metrics`);

beforeAll(async () => {
  site = await startFixtureSite();
  firstPort = await freePorts();
  gleaner = await startGleaner({ allow: [site.address], environment: { GLEANER_METRICS_PORT: String(firstPort) } });
  const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-1` } }, { waitSeconds: 60 });
  if (job.state !== 'completed') throw new Error(`the job is ${job.state}`);
  jobId = job.id;
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

describe('metrics', () => {
  it('of the API: requests, jobs, streams, the feed, the process', async () => {
    await fetch(`${gleaner.ready.url}/nothing/here`);
    const text = await waitUntil(async () => {
      const scraped = await scrape(`${gleaner.ready.url}/metrics`);
      return scraped.includes('route="unmatched"') && scraped;
    }, 10_000);
    expect(valueOf(text, 'gleaner_http_request_duration_seconds_count', { method: 'POST', route: '/api/v1/jobs' })).toBe(1);
    expect(valueOf(text, 'gleaner_http_request_duration_seconds_count', { route: 'unmatched', status: '404' })).toBe(1);
    expect(valueOf(text, 'gleaner_jobs_requested_total', { kind: 'extract', creation: 'created' })).toBe(1);
    expect(valueOf(text, 'gleaner_open_streams', { kind: 'sse' })).toBe(0);
    expect(valueOf(text, 'gleaner_event_feed_lag_seconds_count')).toBeGreaterThan(0);
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(valueOf(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(text).not.toMatch(/job_|nothing\/here|story-1/);
  });

  it('counts a stream while it is open', async () => {
    const leave = new AbortController();
    const stream = await fetch(`${gleaner.ready.url}/api/v1/jobs/${jobId}/events`, {
      headers: { authorization: `Bearer ${gleaner.key}` },
      signal: leave.signal,
    });
    expect(stream.status).toBe(200);
    leave.abort();
    await waitUntil(async () => {
      const text = await scrape(`${gleaner.ready.url}/metrics`);
      const ended = valueOf(text, 'gleaner_http_request_duration_seconds_count', { route: '/api/v1/jobs/:id/events' });
      return ended === 1 && valueOf(text, 'gleaner_open_streams', { kind: 'sse' }) === 0;
    }, 10_000);
  });

  it('of the workers: stages, pages, methods, turns, and those of Temporal', async () => {
    const io = await worker(0);
    expect(
      valueOf(io, 'gleaner_activity_duration_seconds_count', { stage: 'fetch', activity: 'fetchPage', outcome: 'ok' }),
    ).toBeGreaterThan(0);
    expect(valueOf(io, 'gleaner_activity_duration_seconds_count', { stage: 'store', activity: 'storeDocument', outcome: 'ok' })).toBe(1);
    expect(valueOf(io, 'gleaner_pages_fetched_total', { method: 'http', status: '2xx' })).toBeGreaterThan(0);
    expect(valueOf(io, 'gleaner_host_gate_turns_total', { granted: 'true' })).toBeGreaterThan(0);
    expect(valueOf(io, 'temporal_workflow_completed_total')).toBeGreaterThan(0);
    const cpu = await worker(2);
    expect(valueOf(cpu, 'gleaner_extractions_total')).toBe(1);
    expect(valueOf(cpu, 'gleaner_parse_threads_busy')).toBe(0);
    expect(valueOf(cpu, 'temporal_activity_execution_latency_count')).toBeGreaterThan(0);
    expect(await worker(1)).toContain('temporal_');
    expect(io + cpu).not.toMatch(/job_|story-1/);
  });

  it('counts a live connection while it is open', async () => {
    const openOnes = async () => valueOf(await scrape(`${gleaner.ready.url}/metrics`), 'gleaner_open_streams', { kind: 'websocket' });
    // A job that has ended would close it at once: this one waits for an answer that does not come.
    const held = site.hold('/news/story-9');
    const job = await gleaner.client.startJob({ kind: 'extract', input: { url: `${site.url}/news/story-9` } });
    await held.arrived;
    const live = new WebSocket(`${gleaner.ready.url.replace('http', 'ws')}/api/v1/jobs/${job.id}/live`, {
      headers: { authorization: `Bearer ${gleaner.key}` },
    });
    await once(live, 'open');
    expect(await openOnes()).toBe(1);
    live.close();
    await waitUntil(async () => (await openOnes()) === 0, 10_000);
    held.release();
    await waitUntil(async () => (await gleaner.client.job(job.id)).state === 'completed', 20_000);
  });
});
