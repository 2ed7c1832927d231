import {
  type FailureReport,
  type JobRecord,
  type RenderMode,
  type Snapshot,
  ZERO_COUNTS,
  ZERO_USAGE,
  failureReport,
} from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { MemoryJobLog } from '../fetch/test-ports.js';
import { createJobActivities } from './job.activities.js';

const URL_1 = 'https://example.com/a?utm_source=x';

const failed = (fetched: number, error: FailureReport | null): JobRecord => ({
  id: 'job_before',
  ownerId: 'usr_1',
  kind: 'extract',
  state: 'failed',
  input: { url: URL_1 },
  options: {},
  priority: 3,
  labels: [],
  counts: { ...ZERO_COUNTS, fetched },
  usage: ZERO_USAGE,
  error,
  result: null,
  workflowId: 'w',
  runId: null,
  createdAt: '2026-11-21T10:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  retryOf: null,
  retriedAs: 'job_again',
});

const snapshot: Snapshot = {
  body: { hash: 'sha256:aa', bytes: 1 },
  url: URL_1,
  finalUrl: URL_1,
  status: 200,
  contentType: 'text/html',
  charset: 'utf-8',
  method: 'http',
  fetchedAt: '2026-11-21T10:00:00.000Z',
  redirects: [],
};

interface Situation {
  readonly before?: JobRecord | null;
  readonly stored?: Snapshot | null;
  readonly isThere?: boolean;
  readonly render?: RenderMode;
}

async function resume({ before = failed(1, null), stored = snapshot, isThere = true, render = 'auto' }: Situation) {
  const jobLog = new MemoryJobLog();
  const activities = createJobActivities({
    jobLog,
    jobs: { get: async (ownerId) => (ownerId === 'usr_1' ? before : null) },
    snapshots: { latest: async (key) => (key === 'https://example.com/a' ? stored : null) },
    blobs: { has: async () => isThere },
  });
  const found = await activities.findResumePoint({ jobId: 'job_again', ownerId: 'usr_1', retryOf: 'job_before', url: URL_1, render });
  return { found, told: [...jobLog.entries.values()] };
}

describe('findResumePoint', () => {
  it('is the stored page when something after the fetch failed, and tells so', async () => {
    for (const before of [failed(1, failureReport('STORAGE_FULL', 'x')), failed(1, null)]) {
      const { found, told } = await resume({ before });
      expect(found).toEqual(snapshot);
      expect(told).toMatchObject([{ event: { type: 'job.progress', stage: 'fetch' }, counts: { fetched: 1 } }]);
    }
  });

  it.each<[string, Situation]>([
    ['the fetch was what failed', { before: failed(0, failureReport('FETCH_TIMEOUT', 'x')) }],
    ['the page itself was what failed', { before: failed(1, failureReport('EMPTY_CONTENT', 'x')) }],
    ['its body was missing', { before: failed(1, failureReport('BLOB_MISSING', 'x')) }],
    ['the job is not there any more', { before: null }],
    ['no page is stored', { stored: null }],
    ['the body is not there any more', { isThere: false }],
    ['it has to be rendered and was not', { render: 'always' }],
    ['it must not be rendered and was', { render: 'never', stored: { ...snapshot, method: 'browser' } }],
  ])('is nothing when %s', async (_, situation) => {
    expect(await resume(situation)).toEqual({ found: null, told: [] });
  });
});
