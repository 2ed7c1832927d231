/**
 * Replays recorded histories against the workflows of today: a change that would break running jobs fails here. A history
 * is recorded once per scenario and kept; `RECORD_HISTORIES=1 npm test -- replay` adds those that are missing.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { PAUSE_JOB, RESUME_JOB, STEER_JOB } from '@gleaner/workflows/contract';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE_PATH, withWorkers } from '../support/stage-workers.js';
import { CRAWL_SCENARIOS } from '../support/crawl-scenarios.js';
import { waitUntil } from '../support/gleaner.js';
import { hostRuns, runCrawl } from '../support/run-crawl.js';
import { type StartOptions, startJob } from '../support/start-job.js';
import { type StageCalls, TEMPLATE, snapshotOf, stubStages } from '../support/stub-stages.js';
import { startTemporal } from '../support/temporal-server.js';

const FOLDER = new URL('../histories/', import.meta.url);
const PAGE = 'https://example.com/news/1';

const unknownThenKnown = (templateId: string): Partial<StageCalls> => {
  let asked = 0;
  return {
    extractDocument: async ({ unknownTemplate }) =>
      asked++ > 0 || unknownTemplate === 'general'
        ? { kind: 'extracted', page: snapshotOf(PAGE).body, method: 'template', version: 1, characters: 500, durationMs: 1 }
        : { kind: 'unknown_template', template: { ...TEMPLATE, templateId }, durationMs: 1 },
  };
};

interface Scenario {
  readonly kind: 'extract' | 'learn';
  readonly answers: Partial<StageCalls>;
  readonly start?: StartOptions;
  /** What happens while it runs. */
  readonly during?: (handle: WorkflowHandle) => Promise<unknown>;
}

const isPaused = async (handle: WorkflowHandle): Promise<boolean> =>
  ((await handle.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes);

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'extract-known': { kind: 'extract', answers: {} },
  'extract-learned': { kind: 'extract', answers: unknownThenKnown('tpl_replay') },
  'extract-shell': {
    kind: 'extract',
    answers: {
      extractDocument: async ({ snapshot }) =>
        snapshot.method === 'http'
          ? { kind: 'shell', durationMs: 1 }
          : { kind: 'extracted', page: snapshot.body, method: 'general', version: null, characters: 500, durationMs: 1 },
    },
  },
  'extract-refused': {
    kind: 'extract',
    answers: {
      fetchPage: async () => ({
        kind: 'refused',
        reason: 'http_404',
        code: 'HTTP_404',
        detail: 'answered 404',
        status: 404,
        durationMs: 1,
      }),
    },
  },
  'extract-paused': {
    kind: 'extract',
    answers: {},
    start: { signal: PAUSE_JOB },
    during: async (handle) => {
      await waitUntil(() => isPaused(handle), 10_000);
      await handle.signal(STEER_JOB, { priority: 1 });
      await handle.signal(RESUME_JOB);
    },
  },
  'extract-retried': { kind: 'extract', answers: { findResumePoint: async () => snapshotOf(PAGE) }, start: { retryOf: 'job_before' } },
  'learn-new': { kind: 'learn', answers: {} },
};

const hostOf = (name: string): string => name.replace(/^crawl/, 'crawl-host');
const NAMES: readonly string[] = [
  ...Object.keys(SCENARIOS),
  'learn-site',
  ...Object.keys(CRAWL_SCENARIOS).flatMap((name) => [name, hostOf(name)]),
];

/** What says where it was recorded is left out. */
function anonymous(history: Parameters<typeof historyToJSON>[0]): string {
  const blank: Record<string, string> = { stackTrace: '', identity: 'recorder' };
  // The queue that a worker keeps for itself is named after its process and its machine.
  const isOwnQueue = (key: string, value: unknown): boolean => key === 'name' && typeof value === 'string' && /^\d+@/.test(value);
  const kept = (key: string, value: unknown): unknown => blank[key] ?? (isOwnQueue(key, value) ? 'recorder' : value);
  return JSON.stringify(JSON.parse(historyToJSON(history)), kept, 1);
}

async function recordMissing(): Promise<void> {
  const recorded = await readdir(FOLDER);
  const missing = Object.entries(SCENARIOS).filter(([name]) => !recorded.includes(`${name}.json`));
  if (NAMES.every((name) => recorded.includes(`${name}.json`))) return;
  await using temporal = await startTemporal();
  for (const [name, make] of Object.entries(CRAWL_SCENARIOS).filter(([one]) => !recorded.includes(`${one}.json`))) {
    const { stub, during } = make();
    const { handle } = await runCrawl(temporal, stub, during === undefined ? {} : { during });
    const [host] = await hostRuns(temporal.client, handle);
    if (host === undefined) throw new Error(`${name} has no host`);
    await writeFile(new URL(`${name}.json`, FOLDER), anonymous(await handle.fetchHistory()));
    await writeFile(new URL(`${hostOf(name)}.json`, FOLDER), anonymous(await host.fetchHistory()));
  }
  for (const [name, { kind, answers, start = {}, during }] of missing) {
    await withWorkers(temporal.address, stubStages(answers), async () => {
      const handle = await startJob(temporal.client, kind, { url: PAGE }, start);
      await during?.(handle);
      await handle.result().catch(() => {}); // a refused page fails its workflow, and that is the history wanted
      await writeFile(new URL(`${name}.json`, FOLDER), anonymous(await handle.fetchHistory()));
      if (name !== 'extract-learned') return;
      const learning = temporal.client.workflow.getHandle(`learn/${TEMPLATE.site}/tpl_replay`);
      await writeFile(new URL('learn-site.json', FOLDER), anonymous(await learning.fetchHistory()));
    });
  }
}

const histories = async (): Promise<readonly (readonly [string, unknown])[]> => {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  return Promise.all(names.map(async (name) => [name, JSON.parse(await readFile(new URL(name, FOLDER), 'utf8'))] as const));
};

describe('replay', () => {
  beforeAll(async () => {
    if (process.env.RECORD_HISTORIES === '1') await recordMissing();
  });

  it('has a history of every scenario', async () => {
    const names = (await histories()).map(([name]) => name);
    expect(names.toSorted()).toEqual(NAMES.map((name) => `${name}.json`).toSorted());
  });

  it('replays every golden history', async () => {
    const workflowBundle = { code: await readFile(BUNDLE_PATH, 'utf8') };
    for (const [name, history] of await histories()) {
      await expect(Worker.runReplayHistory({ workflowBundle }, history), name).resolves.toBeUndefined();
    }
  });

  it('catches a workflow that was changed without care', async () => {
    const workflowsPath = fileURLToPath(new URL('../support/broken-workflows.mjs', import.meta.url));
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    const known = (await histories()).find(([name]) => name === 'extract-known.json');
    await expect(Worker.runReplayHistory({ workflowBundle }, known?.[1])).rejects.toThrow(/TMPRL1100/);
  });
});
