/** Asked fields through the real extract stage of a crawl: parsing as in the threads, models against providers on loopback. */
import {
  type CrawlInput,
  type CrawlLedger,
  type ExtractBatchOutcome,
  type ExtractedBatchPage,
  type FieldReader,
  type KnownDocument,
  type LeasedPage,
  type TemplateHealth,
  type TemplateState,
  crawlSettings,
} from '@gleaner/domain';
import { type CpuTasks, KnownUrls, createCrawlExtractActivities } from '@gleaner/activities';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { completion, openAiError } from '../../../libs/models/src/test-support/openai-wire.js';
import { simulate } from '../../../libs/models/src/test-support/simulation.js';
import type { WireRequest } from '../../../libs/models/src/test-support/wire-server.js';
import { crawlPages } from './crawl-thread.js';
import * as thread from './cpu-thread.js';
import { memoryBlobs, memoryLog, oneTemplate, storedPage } from './test-support/memory-stage.js';

const page = (n: number): string => `<html lang="en"><head><title>Lantern ${n} | Quay</title></head><body><main><h1>Lantern ${n}</h1>
${`<p>The lantern number ${n} keeps its light in every wind, and harbors have trusted it for a hundred years of winters.</p>`.repeat(4)}
<table><tr><th>Height</th><td>${200 + n} mm</td></tr></table>
<p>It burns forty hours on one filling. <a href="/ware/${n + 1}">Next</a></p></main></body></html>`;

/** Attempts that ended with no fault of their own. */
const WAITS = 6;

const unused = (): never => {
  throw new Error('is not asked here');
};

interface BenchOptions {
  readonly input?: Partial<CrawlInput>;
  readonly pages?: number;
  /** Number of a page without text. */
  readonly blank?: number;
  readonly known?: readonly KnownDocument[];
  readonly template?: () => TemplateState;
}

/** One batch of a crawl with its ledger; `run` is an attempt of its activity. */
function bench(reader: FieldReader | null, { input, pages = 3, blank, known = [], template }: BenchOptions = {}) {
  const blobs = memoryBlobs();
  const log = memoryLog();
  const recorded: Parameters<CrawlLedger['extracted']>[1][] = [];
  const parsed: number[] = [];
  let leased: readonly LeasedPage[] = [];
  const ledger = {
    plan: async () => ({
      jobId: 'job_1',
      ownerId: 'usr_1',
      settings: crawlSettings({ url: 'https://quay.example/', embed: false, ...input }),
      startUrls: ['https://quay.example/'],
    }),
    // What ended is not there any more for the next attempt.
    pagesOf: async () => leased.filter(({ key }) => !recorded.some(({ ends }) => ends.some((end) => end.key === key))),
    known: async () => known,
    extracted: async (_batch, extracted) => {
      recorded.push(extracted);
      return { queued: 0, newHosts: [] };
    },
  } as Partial<CrawlLedger> as CrawlLedger;
  const cpu: Pick<CpuTasks, 'crawlPages' | 'acceptAnswers'> = {
    crawlPages: async (task) => {
      parsed.push(task.pages.length);
      return crawlPages(task, () => blobs);
    },
    acceptAnswers: async (task) => thread.acceptAnswers(task, () => blobs),
  };
  const activities = createCrawlExtractActivities({
    blobs,
    cpu,
    ledger,
    reader,
    jobLog: log.jobLog,
    known: new KnownUrls(),
    memory: { rememberBrowser: unused },
    health: { observe: async () => [] } as Partial<TemplateHealth> as TemplateHealth,
    hasEmbedder: false,
    pageTemplates: oneTemplate(() => template?.() ?? { kind: 'unlearnable', until: '', reason: '' }),
  });
  return {
    ...log,
    recorded,
    parsed,
    blobs,
    /** `attempt` of those that count, from 1; Temporal has counted waits for a worker besides. `saved`: what an earlier attempt told with its heartbeats. `first`: number of the first page. */
    async run(attempt = 1, saved?: object, first = 0) {
      leased = await Promise.all(
        Array.from({ length: pages }, async (_, index): Promise<LeasedPage> => {
          const n = first + index;
          const url = `https://quay.example/ware/${n}`;
          const snapshot = await storedPage(blobs, url, n === blank ? '<html><body></body></html>' : page(n));
          return {
            key: `key-${n}`,
            url,
            depth: 1,
            attempts: 1,
            state: 'fetched',
            needsBrowser: false,
            snapshot,
            lastModified: null,
            fetchMs: 1,
          };
        }),
      );
      const heartbeatDetails = attempt === 1 ? saved : { ...saved, counted: attempt - 1 };
      const environment = new MockActivityEnvironment(
        { attempt: attempt + WAITS, heartbeatDetails },
        { logger: new DefaultLogger('ERROR') },
      );
      const beats: object[] = [];
      environment.on('heartbeat', (details: object) => void beats.push(details));
      const extract = () => activities.extractBatch({ jobId: 'job_1', host: 'quay.example', batch: 'quay.example#1' });
      const outcome = await environment.run<[], ExtractBatchOutcome, typeof extract>(extract).catch((error: unknown) => error as Error);
      return { outcome, beats, documents: outcome instanceof Error ? [] : await documentsOf(outcome) };
    },
  };

  async function documentsOf({ pages: refs }: ExtractBatchOutcome): Promise<readonly ExtractedBatchPage[]> {
    const texts = await Promise.all(refs.map(async ({ hash }) => Buffer.from(await blobs.get(hash)).toString()));
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
    return lines.map((line) => JSON.parse(line) as ExtractedBatchPage).toSorted((a, b) => a.key.localeCompare(b.key));
  }
}

const HOURS = { type: 'integer', description: 'Hours on one filling' } as const;
const MODEL = { GLEANER_MODELS: 'extract=openai:gpt-4.1-mini|json;learn=none;answer=none;embed=none' };
const ANSWER = completion(JSON.stringify({ hours: 40 }));
/** Which page a request shows. */
const numberIn = ({ body }: WireRequest): string => /lantern number (\d+)/.exec(JSON.stringify(body))?.[1] ?? '';

describe('fields that a crawl asks its pages for', () => {
  it('come from the pages without a model, with evidence, and count as calls that were avoided', async () => {
    await using simulation = await simulate({ openai: ANSWER }, MODEL);
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { height: {}, title: {} } } });
    const { documents, beats } = await crawl.run();
    expect(documents.map(({ page: { fields } }) => fields)).toEqual(
      [0, 1, 2].map((n) => ({ height: `${200 + n} mm`, title: `Lantern ${n}` })),
    );
    for (const { page: document } of documents) {
      expect(document.evidence).toMatchObject({ height: { source: 'text', verbatim: true }, 'fields.title': { verbatim: true } });
      expect(document.fieldReport).toMatchObject({ valid: true, missing: [], modelCalls: 0, modelCallsAvoided: 1, model: null });
    }
    expect(simulation.wire('openai').requests).toEqual([]);
    expect([...crawl.usage.values()][0]).toEqual({ modelCalls: 0, modelCallsAvoided: 3, tokens: 0, costUsd: 0 });
    expect(crawl.messages).toEqual(['3 of 3 pages have every required field, with 0 model calls']);
    // There is nothing that another attempt would ask twice.
    expect(beats).toEqual([]);
  });

  it('count in every pass of a batch: shells follow to the browser under the name of the pages that went there at once', async () => {
    await using simulation = await simulate({ openai: ANSWER }, MODEL);
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { hours: HOURS } }, pages: 3, blank: 3 });
    await crawl.run();
    await crawl.run(1, undefined, 3);
    // An attempt that was done, and whose end nobody heard of: a page ended with it.
    await crawl.run(2, undefined, 3);
    expect(crawl.recorded.map(({ ends }) => ends.length)).toEqual([0, 1, 0]);
    expect([...crawl.usage.values()]).toMatchObject([
      { modelCalls: 3, tokens: 54 },
      { modelCalls: 2, tokens: 36 },
    ]);
  });

  it('leave a plain crawl as it was', async () => {
    const crawl = bench(null);
    const { documents } = await crawl.run();
    expect(documents.map(({ page: { fieldReport } }) => fieldReport)).toEqual([undefined, undefined, undefined]);
    expect(crawl.usage.size).toBe(0);
  });

  it('come from a model where pages do not say them by name: one call a page, only for what is missing', async () => {
    await using simulation = await simulate({ openai: ANSWER }, MODEL);
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { height: {}, hours: HOURS } } });
    const { documents } = await crawl.run();
    expect(documents.map(({ page: { fields } }) => fields)).toEqual([0, 1, 2].map((n) => ({ height: `${200 + n} mm`, hours: 40 })));
    expect(documents[0]?.page.fieldReport).toMatchObject({ methods: { height: 'general', hours: 'model' }, model: 'openai:gpt-4.1-mini' });
    expect(documents[0]).not.toHaveProperty('answer');
    expect(simulation.wire('openai').requests.map(numberIn).toSorted()).toEqual(['0', '1', '2']);
    expect(JSON.stringify(simulation.wire('openai').requests[0]?.body)).not.toContain('\\"height\\"');
    expect([...crawl.usage.values()][0]).toMatchObject({ modelCalls: 3, modelCallsAvoided: 0, tokens: 54 });
  });

  it('that are required and not found are named in the page and counted in the batch, which goes on', async () => {
    const schema = { type: 'object', required: ['hours'], properties: { height: {}, hours: { type: 'integer' } } };
    const crawl = bench(null, { input: { schema } });
    const { documents } = await crawl.run();
    expect(documents[0]?.page.fieldReport).toMatchObject({
      missing: [{ path: 'hours', required: true, reason: 'not_found' }],
      valid: false,
      modelCallsAvoided: 0,
    });
    expect(crawl.messages).toEqual(['0 of 3 pages have every required field, with 0 model calls']);
    expect(crawl.recorded[0]?.pages).toHaveLength(3);
  });

  it('are asked and charged once when an attempt dies after some answers', async () => {
    let dies = true;
    await using simulation = await simulate(
      { openai: (request) => (dies && numberIn(request) === '2' ? openAiError(500) : ANSWER) },
      MODEL,
    );
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { hours: HOURS } } });
    const first = await crawl.run(1);
    expect(first.outcome).toMatchObject({ code: 'MODEL_FAILED' });
    // What was parsed outlives the attempt by a reference alone.
    expect(first.beats).toEqual([{ made: { hash: expect.stringMatching(/^sha256:/), bytes: expect.any(Number) } }]);
    // Nothing is written before every page has its answer.
    expect([crawl.recorded.length, crawl.usage.size]).toEqual([0, 0]);
    dies = false;
    const again = await crawl.run(2, first.beats.at(-1));
    expect(again.documents.map(({ page: { fields } }) => fields)).toEqual([{ hours: 40 }, { hours: 40 }, { hours: 40 }]);
    expect(simulation.wire('openai').requests.map(numberIn).toSorted()).toEqual(['0', '1', '2', '2']);
    expect(simulation.budget.used('job:job_1')).toMatchObject({ calls: 3, tokens: 54 });
    // An attempt that was done, and whose end nobody heard of.
    const third = await crawl.run(3, again.beats.at(-1) ?? first.beats.at(-1));
    expect(third.documents.map(({ page: document }) => document)).toEqual(again.documents.map(({ page: document }) => document));
    expect(simulation.wire('openai').requests).toHaveLength(4);
    expect([...crawl.usage.values()]).toEqual([expect.objectContaining({ modelCalls: 3, tokens: 54 })]);
    expect(crawl.parsed).toEqual([3]);
  });

  it('are not asked anew because a template was learned between two attempts', async () => {
    const warranty = [{ selector: 'h1', evidence: 'structure' as const }];
    const config = {
      content: [{ selector: 'main', evidence: 'structure' as const }],
      exclude: [],
      fields: { warranty },
      asked: { warranty: 'string' as const },
      type: 'product' as const,
      fingerprint: { minChars: 1, medianChars: 1, maxChars: 9_000 },
    };
    let state: TemplateState = { kind: 'unknown' };
    const both = completion(JSON.stringify({ hours: 40, warranty: null }));
    await using simulation = await simulate({ openai: ({ body }) => (JSON.stringify(body).includes('warranty') ? both : ANSWER) }, MODEL);
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { hours: HOURS, warranty: {} } }, template: () => state });
    const first = await crawl.run(1);
    state = { kind: 'active', version: { version: 1, config, scores: { mean: 1 } } } as unknown as TemplateState;
    const again = await crawl.run(2, first.beats.at(-1));
    expect(again.documents.map(({ page: { fields } }) => fields)).toEqual(first.documents.map(({ page: { fields } }) => fields));
    expect(simulation.wire('openai').requests).toHaveLength(3);
    // The next page of the template has less to ask.
    const next = bench(simulation.models.fieldReader, {
      input: { fields: { hours: HOURS, warranty: {} } },
      template: () => state,
      pages: 1,
    });
    const served = await next.run();
    // Nobody has tried yet to learn a rule for the hours.
    expect(served.outcome).toMatchObject({ unknownTemplates: [{ pages: 1 }] });
    expect(served.documents[0]?.page).toMatchObject({
      method: 'template',
      fields: { hours: 40, warranty: 'Lantern 0' },
      evidence: { warranty: { method: 'template', version: 1, selector: 'h1' } },
    });
    for (const change of [{ pinned: true }, { config: { ...config, unlearned: ['hours'] } }]) {
      state = { kind: 'active', version: { version: 1, config, scores: { mean: 1 }, ...change } } as unknown as TemplateState;
      expect((await next.run()).outcome).toMatchObject({ unknownTemplates: [] });
    }
  });

  it('are left empty where the budget of the job is used up, in pages that are stored', async () => {
    await using simulation = await simulate({ openai: ANSWER }, { ...MODEL, GLEANER_MODEL_CALLS_PER_JOB: '2' });
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { hours: HOURS } }, pages: 8 });
    const { documents } = await crawl.run();
    expect(documents).toHaveLength(8);
    expect(documents.filter(({ page: { fields } }) => fields['hours'] === 40)).toHaveLength(2);
    expect(documents.filter(({ page: { fieldReport } }) => fieldReport?.problem?.code === 'MODEL_BUDGET_REACHED')).toHaveLength(6);
    expect(simulation.wire('openai').requests).toHaveLength(2);
    expect(crawl.messages).toEqual([expect.stringContaining('no model answered for 6: MODEL_BUDGET_REACHED')]);
  });

  it('are left empty after three attempts, and calls that failed count', async () => {
    await using simulation = await simulate({ openai: openAiError(500) }, MODEL);
    const crawl = bench(simulation.models.fieldReader, { input: { fields: { hours: HOURS } }, pages: 1 });
    expect((await crawl.run(1)).outcome).toMatchObject({ code: 'MODEL_FAILED' });
    const { documents } = await crawl.run(3);
    expect(documents[0]?.page.fieldReport).toMatchObject({ problem: { code: 'MODEL_FAILED' }, modelCalls: 1 });
    expect([...crawl.usage.values()][0]).toMatchObject({ modelCalls: 1, tokens: 0 });
  });

  it('are not asked again on a visit that finds the page as it was, unless something else is asked', async () => {
    const crawl = bench(null, { input: { fields: { height: {} } }, pages: 1 });
    const { fieldReport } = (await crawl.run()).documents[0]?.page ?? {};
    const snapshot = await storedPage(crawl.blobs, '', page(0));
    const document = {
      key: 'key-0',
      documentId: 'doc_1',
      snapshotHash: snapshot.body.hash,
      contentHash: '',
      title: '',
      templateVersion: null,
      embedding: 'none',
    } as const;
    const known = [{ ...document, asked: { key: fieldReport?.asked ?? '', isSettled: true } }];
    const revisit = async (change: BenchOptions, reader: FieldReader | null = null) => {
      const visit = bench(reader, { pages: 1, known, ...change, input: { refresh: true, ...change.input } });
      await visit.run();
      return visit.recorded[0]?.ends.map(({ state }) => state);
    };
    expect(await revisit({ input: { fields: { height: {} } } })).toEqual(['unchanged']);
    expect(await revisit({ input: { fields: { height: { type: 'number' } } } })).toEqual([]);
    expect(await revisit({})).toEqual([]);
    expect(await revisit({ known: [{ ...document, asked: null }], input: { fields: { height: {} } } })).toEqual([]);
    expect(await revisit({ known: [{ ...document, asked: null }] })).toEqual(['unchanged']);
    await using simulation = await simulate({ openai: ANSWER }, MODEL);
    const unsettled = [{ ...document, asked: { key: fieldReport?.asked ?? '', isSettled: false } }];
    const reader = simulation.models.fieldReader;
    expect(await revisit({ known: unsettled, input: { fields: { height: {} } } }, reader)).toEqual([]);
    expect(await revisit({ known, input: { fields: { height: {} } } }, reader)).toEqual(['unchanged']);
  });
});
