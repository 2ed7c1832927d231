import { failureReport } from '@gleaner/domain';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withWorkers } from '../support/stage-workers.js';
import { startJob } from '../support/start-job.js';
import { type StageCalls, TEMPLATE, snapshotOf, stubStages } from '../support/stub-stages.js';
import { type TestTemporal, startTemporal } from '../support/temporal-server.js';

const URL_1 = 'https://example.com/news/1';
const refused = (reason: 'robots' | 'http_error', code: 'ROBOTS_DISALLOWED' | 'HTTP_CLIENT_ERROR', status?: number) => ({
  kind: 'refused' as const,
  reason,
  code,
  detail: `refused with ${status ?? reason}`,
  durationMs: 1,
  ...(status === undefined ? {} : { status }),
});

let temporal: TestTemporal;
beforeAll(async () => void (temporal = await startTemporal()));
afterAll(() => temporal[Symbol.asyncDispose]());

async function run(answers: Partial<StageCalls>, input: { render?: 'auto' | 'never' | 'always'; embed?: boolean } = {}) {
  const stages = stubStages(answers);
  const outcome = await withWorkers(temporal.address, stages, async () => {
    const handle = await startJob(temporal.client, 'extract', { url: URL_1, ...input });
    return handle.result().catch((error: unknown) => error);
  });
  return { stages, outcome, finished: stages.finished[0] };
}

describe('extractPage', () => {
  it('goes straight through for a known template, and says completed last', async () => {
    const { stages, outcome } = await run({});
    expect(outcome).toEqual({ documentId: 'doc_1' });
    expect(stages.called.slice(0, 3)).toEqual(['startJob', 'fetchPage', 'extractDocument']);
    expect(stages.called.slice(3, 5).toSorted()).toEqual(['analyzeDocument', 'embedDocument']);
    expect(stages.called.slice(5)).toEqual(['storeDocument', 'finishJob']);
    expect(stages.finished).toMatchObject([{ state: 'completed', result: { documentId: 'doc_1' } }]);
  });

  it('learns an unknown template on further pages, then extracts', async () => {
    let known = false;
    const { stages } = await run({
      learnTemplate: async () => {
        known = true;
        return { kind: 'learned', version: 1, scores: { mean: 1, min: 1, pagesLearned: 2, pagesHeldOut: 1 }, durationMs: 1 };
      },
      extractDocument: async ({ unknownTemplate }) =>
        known || unknownTemplate === 'general'
          ? { kind: 'extracted', page: snapshotOf(URL_1).body, method: 'template', version: 1, characters: 500, durationMs: 1 }
          : { kind: 'unknown_template', template: TEMPLATE, durationMs: 1 },
    });
    expect(stages.called.filter((name) => name === 'fetchPage')).toHaveLength(3);
    expect(stages.called.filter((name) => ['planSamples', 'learnTemplate', 'extractDocument'].includes(name))).toEqual([
      'extractDocument',
      'planSamples',
      'learnTemplate',
      'extractDocument',
    ]);
  });

  it('learns once when many pages of a template arrive together', async () => {
    let learned = 0;
    let known = false;
    const stages = stubStages({
      learnTemplate: async () => {
        learned++;
        known = true;
        return { kind: 'learned', version: 1, scores: { mean: 1, min: 1, pagesLearned: 2, pagesHeldOut: 1 }, durationMs: 1 };
      },
      extractDocument: async ({ unknownTemplate }) =>
        known || unknownTemplate === 'general'
          ? { kind: 'extracted', page: snapshotOf(URL_1).body, method: 'template', version: 1, characters: 500, durationMs: 1 }
          : { kind: 'unknown_template', template: { ...TEMPLATE, templateId: 'tpl_shared' }, durationMs: 1 },
    });
    const results = await withWorkers(temporal.address, stages, async () => {
      const handles = await Promise.all(
        Array.from({ length: 8 }, (_, page) => startJob(temporal.client, 'extract', { url: `https://example.com/news/${page}` })),
      );
      return Promise.all(handles.map((handle) => handle.result()));
    });
    expect(results).toHaveLength(8);
    // Who asks after the first learning ended learns nothing new; the ids keep two from running at once.
    expect(learned).toBe(1);
  });

  it('uses the general extractor when learning fails', async () => {
    const { outcome } = await run({
      learnTemplate: () => Promise.reject(ApplicationFailure.nonRetryable('broken', 'INTERNAL')),
      extractDocument: async ({ unknownTemplate }) =>
        unknownTemplate === 'general'
          ? { kind: 'extracted', page: snapshotOf(URL_1).body, method: 'general', version: null, characters: 500, durationMs: 1 }
          : { kind: 'unknown_template', template: { ...TEMPLATE, templateId: 'tpl_broken' }, durationMs: 1 },
    });
    expect(outcome).toEqual({ documentId: 'doc_1' });
  });

  it('renders an empty shell in the browser and remembers the site', async () => {
    const { stages, outcome } = await run({
      extractDocument: async ({ snapshot }) =>
        snapshot.method === 'http'
          ? { kind: 'shell', durationMs: 1 }
          : { kind: 'extracted', page: snapshot.body, method: 'general', version: null, characters: 500, durationMs: 1 },
    });
    expect(outcome).toEqual({ documentId: 'doc_1' });
    expect(stages.called).toEqual(expect.arrayContaining(['fetchPage', 'renderPage', 'rememberBrowser']));
  });

  it('renders at once where the site is known to need it', async () => {
    const { stages } = await run({ fetchPage: async () => ({ kind: 'needs_browser', durationMs: 1 }) });
    expect(stages.called.slice(0, 4)).toEqual(['startJob', 'fetchPage', 'renderPage', 'extractDocument']);
  });

  it('never renders when told not to', async () => {
    const { stages, finished } = await run({ extractDocument: async () => ({ kind: 'shell', durationMs: 1 }) }, { render: 'never' });
    expect(stages.called).not.toContain('renderPage');
    expect(finished).toMatchObject({ state: 'failed', error: { code: 'EMPTY_CONTENT' } });
  });

  it('tries the browser where a site turns plain clients away, and keeps what HTTP said when that fails too', async () => {
    const { stages, finished } = await run({
      fetchPage: async () => refused('http_error', 'HTTP_CLIENT_ERROR', 403),
      renderPage: async () => ({
        kind: 'refused',
        reason: 'browser_unavailable',
        code: 'BROWSER_UNAVAILABLE',
        detail: 'none',
        durationMs: 1,
      }),
    });
    expect(stages.called).toContain('renderPage');
    expect(finished?.error).toEqual(failureReport('HTTP_CLIENT_ERROR', 'refused with 403'));
  });

  it('fails with the code of the refusal, and so does its workflow', async () => {
    const { stages, outcome, finished } = await run({ fetchPage: async () => refused('robots', 'ROBOTS_DISALLOWED') });
    expect(stages.called).toEqual(['startJob', 'fetchPage', 'finishJob']);
    expect(finished).toMatchObject({ state: 'failed', error: { code: 'ROBOTS_DISALLOWED', retryable: false } });
    expect(outcome).toBeInstanceOf(WorkflowFailedError);
    expect(outcome).toMatchObject({ cause: { type: 'ROBOTS_DISALLOWED' } });
  });

  it('does nothing for a job that ended before its workflow began', async () => {
    const { stages, outcome } = await run({ startJob: async () => false, finishJob: async () => 'cancelled' });
    expect(stages.called).toEqual(['startJob', 'finishJob']);
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
  });

  it('ends as the row says when a cancellation comes while the end is written', async () => {
    let writing: () => void = () => {};
    const atTheEnd = new Promise<void>((resolve) => void (writing = resolve));
    let goOn: () => void = () => {};
    const cancelled = new Promise<void>((resolve) => void (goOn = resolve));
    const written = new Set<string>();
    const stages = stubStages({
      finishJob: async ({ state }) => {
        written.add(state);
        writing();
        await cancelled;
        return state;
      },
    });
    const outcome = await withWorkers(temporal.address, stages, async () => {
      const handle = await startJob(temporal.client, 'extract', { url: URL_1 });
      await atTheEnd;
      await handle.cancel();
      goOn();
      return handle.result();
    });
    expect(outcome).toEqual({ documentId: 'doc_1' });
    // At least once, like every activity; and it never says anything else.
    expect([...written]).toEqual(['completed']);
  });

  it('leaves out the embedding stage when asked', async () => {
    const { stages } = await run({}, { embed: false });
    expect(stages.called).not.toContain('embedDocument');
    expect(stages.called).toContain('storeDocument');
  });

  it('says cancelled once, after the cancellation reached the stage', async () => {
    let reached: () => void = () => {};
    const fetching = new Promise<void>((resolve) => void (reached = resolve));
    const { Context } = await import('@temporalio/activity');
    const stages = stubStages({
      fetchPage: async () => {
        reached();
        const beat = setInterval(() => Context.current().heartbeat(), 100);
        return Context.current().cancelled.finally(() => clearInterval(beat));
      },
    });
    const outcome = await withWorkers(temporal.address, stages, async () => {
      const handle = await startJob(temporal.client, 'extract', { url: URL_1 });
      await fetching;
      await handle.cancel();
      return handle.result().catch((error: unknown) => error);
    });
    expect(stages.finished).toMatchObject([{ state: 'cancelled' }]);
    expect(outcome).toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});

describe('learnJob', () => {
  it('reports the version that was learned, and the one that is known already', async () => {
    const learn = async (activeVersion: number | null) => {
      const stages = stubStages({
        planSamples: async () => ({
          template: TEMPLATE,
          state: activeVersion === null ? 'unknown' : 'active',
          activeVersion,
          candidates: [],
        }),
      });
      const result = await withWorkers(temporal.address, stages, async () =>
        (await startJob(temporal.client, 'learn', { url: URL_1 })).result(),
      );
      return { result, learned: stages.called.includes('learnTemplate') };
    };
    expect(await learn(null)).toEqual({ result: { template: { site: 'example.com', templateId: 'tpl_news', version: 1 } }, learned: true });
    expect(await learn(4)).toEqual({ result: { template: { site: 'example.com', templateId: 'tpl_news', version: 4 } }, learned: false });
  });

  it('fails as not learnable with the reason', async () => {
    const stages = stubStages({
      learnTemplate: async () => ({ kind: 'unlearnable', reason: 'the page links to no further page of its kind', durationMs: 1 }),
    });
    await withWorkers(temporal.address, stages, async () =>
      (await startJob(temporal.client, 'learn', { url: URL_1 })).result().catch(() => {}),
    );
    expect(stages.finished).toMatchObject([
      { state: 'failed', error: { code: 'NOT_LEARNABLE', detail: 'the page links to no further page of its kind' } },
    ]);
  });
});
