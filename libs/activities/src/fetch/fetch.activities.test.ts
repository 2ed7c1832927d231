import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FetchPageInput } from '@gleaner/domain';
import { createFetchActivities } from './fetch.activities.js';
import { type FetchBench, createFetchBench } from './test-bench.js';
import { type LoopbackSite, MemoryJobLog, MemorySites, startLoopbackSite } from './test-ports.js';

let site: LoopbackSite;
let bench: FetchBench;
let memory: MemorySites;
let jobLog: MemoryJobLog;

beforeEach(async () => {
  site = await startLoopbackSite((request, response) => {
    if (request.url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello');
    else if (request.url !== '/silent') response.writeHead(404).end();
  });
  bench = createFetchBench([site.address]);
  memory = new MemorySites();
  jobLog = new MemoryJobLog();
});

afterEach(async () => {
  await bench.close();
  await site.close();
});

function input(path: string, extra: Partial<FetchPageInput> = {}): FetchPageInput {
  return { jobId: 'job_1', url: site.origin + path, fresh: false, render: 'auto', step: 'page', ...extra };
}

describe('fetchPage', () => {
  it('tells the story of the job once, and counts the page but not its samples', async () => {
    const activities = createFetchActivities({ fetcher: bench.fetcher, memory, jobLog });
    const environment = new MockActivityEnvironment();
    expect(await environment.run((given: FetchPageInput) => activities.fetchPage(given), input('/page'))).toMatchObject({
      kind: 'fetched',
    });
    await environment.run((given: FetchPageInput) => activities.fetchPage(given), input('/page', { step: 'sample-1' }));
    await environment.run((given: FetchPageInput) => activities.fetchPage(given), input('/gone', { step: 'gone' }));
    expect([...jobLog.entries].map(([key, { event, counts }]) => [key, event.type, event.stage, counts])).toEqual([
      ['page:fetched', 'job.progress', 'fetch', { fetched: 1 }],
      ['sample-1:fetched', 'job.progress', 'fetch', undefined],
    ]);
  });

  it('leaves a site that is empty without a browser to the browser', async () => {
    memory.sites.add(site.address);
    const activities = createFetchActivities({ fetcher: bench.fetcher, memory, jobLog });
    expect(await new MockActivityEnvironment().run((given: FetchPageInput) => activities.fetchPage(given), input('/page'))).toMatchObject({
      kind: 'needs_browser',
    });
    expect(site.hits).toEqual([]);
    expect(
      await new MockActivityEnvironment().run((given: FetchPageInput) => activities.fetchPage(given), input('/page', { render: 'never' })),
    ).toMatchObject({ kind: 'fetched' });
  });

  it('ends at once when the activity is cancelled', async () => {
    const activities = createFetchActivities({ fetcher: bench.fetcher, memory, jobLog });
    const environment = new MockActivityEnvironment();
    const running = environment.run((given: FetchPageInput) => activities.fetchPage(given), input('/silent'));
    await expect.poll(() => site.hits).toContain('/silent');
    environment.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });
});
