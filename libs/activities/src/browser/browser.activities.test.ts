import type { FetchPageInput, Snapshot } from '@gleaner/domain';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { MemoryJobLog } from '../fetch/test-ports.js';
import { createBrowserActivities } from './browser.activities.js';

const snapshot: Snapshot = {
  body: { hash: 'sha256:0', bytes: 12 },
  url: 'https://example.com/',
  finalUrl: 'https://example.com/',
  status: 200,
  contentType: 'text/html',
  charset: 'utf-8',
  method: 'browser',
  fetchedAt: '2026-11-21T12:00:00.000Z',
  redirects: [],
};
const input: FetchPageInput = { jobId: 'job_1', url: 'https://example.com/', fresh: false, render: 'always', step: 'page' };

it('counts a rendered page once, also when it was fetched by HTTP before', async () => {
  const jobLog = new MemoryJobLog();
  const activities = createBrowserActivities({
    jobLog,
    renderer: { render: async () => ({ kind: 'fetched', snapshot, notModified: false, durationMs: 5 }) },
  });
  await new MockActivityEnvironment().run((given: FetchPageInput) => activities.renderPage(given), input);
  await new MockActivityEnvironment().run((given: FetchPageInput) => activities.renderPage(given), input);
  expect([...jobLog.entries].map(([key, { event, counts }]) => [key, event.stage, counts])).toEqual([
    ['page:fetched', 'browser', { fetched: 1 }],
    ['page:rendered', 'browser', undefined],
  ]);
});
