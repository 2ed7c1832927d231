/** What jobs ask for becomes rules of the template: the real learn activity, learning as in the threads. */
import {
  type CrawlLedger,
  type JobRecord,
  type SelectorProposer,
  type TemplateConfig,
  type TemplateDraft,
  type TemplateHealth,
  type TemplateState,
  type TemplateVersion,
} from '@gleaner/domain';
import { type CpuTasks, createLearnActivities } from '@gleaner/activities';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { completion, openAiError } from '../../../libs/models/src/test-support/openai-wire.js';
import { simulate } from '../../../libs/models/src/test-support/simulation.js';
import * as thread from './cpu-thread.js';
import { memoryBlobs, memoryLog, oneTemplate, storedPage } from './test-support/memory-stage.js';

const page = (
  n: number,
): string => `<html lang="en"><head><title>Lantern ${n} | Quay</title></head><body><main class="ware"><h1>Lantern ${n}</h1>
${Array.from({ length: 5 }, (_, p) => `<p>The lantern number ${n} keeps its light in wind ${p * n}, and harbors have trusted it for ${n + p} winters.</p>`).join('')}
<div class="facts"><div><b>Burns for</b><i>${40 + n} hours</i></div></div><em class="maker">Works of Lark Holm ${n}</em></main></body></html>`;

const emptyPage = (n: number): string => `<html><head><title>Empty ${n}</title></head><body></body></html>`;

const unused = (): never => {
  throw new Error('is not asked here');
};

interface BenchOptions {
  readonly pageOf?: (n: number) => string;
  readonly pinned?: boolean;
  /** Of what is saved beside the version that serves. */
  readonly savedAs?: TemplateVersion['state'];
}

function bench(
  fields: object | undefined,
  proposer: SelectorProposer | null = null,
  serving: TemplateConfig | null = null,
  { pageOf = page, pinned = false, savedAs = 'active' }: BenchOptions = {},
) {
  const blobs = memoryBlobs();
  const log = memoryLog();
  const released: number[] = [];
  const saved: { readonly draft: TemplateDraft; readonly promote: boolean }[] = [];
  const state =
    serving === null
      ? { kind: 'unknown' }
      : {
          kind: 'quarantined',
          version: { version: 1, config: serving, pinned, author: 'heuristic', model: null, sampleUrls: [], scores: { mean: 0.9 } },
        };
  const activities = createLearnActivities({
    blobs,
    proposer,
    jobLog: log.jobLog,
    cpu: { learn: async (task) => thread.learn(task), prune: async (task) => thread.prune(task) } as Partial<CpuTasks> as CpuTasks,
    jobs: {
      get: async (owner) =>
        owner === 'usr_1' ? ({ input: { url: 'u', ...(fields && { fields }) } } as Partial<JobRecord> as JobRecord) : null,
    },
    ledger: {} as CrawlLedger,
    health: { release: async (_key, version) => void released.push(version) } as Partial<TemplateHealth> as TemplateHealth,
    snapshots: { latestOf: async () => new Map() },
    now: () => new Date(0),
    pageTemplates: oneTemplate(unused),
    templates: {
      find: async () => state as unknown as TemplateState,
      markUnlearnable: unused,
      save: async (draft, promote = true) => {
        saved.push({ draft, promote });
        return { ...draft, version: 2, state: saved.length === 1 ? savedAs : 'active' } as Partial<TemplateVersion> as TemplateVersion;
      },
    },
  });
  return {
    ...log,
    saved,
    released,
    async run() {
      const samples = await Promise.all([1, 2, 3, 4].map((n) => storedPage(blobs, `https://quay.example/ware/${n}`, pageOf(n))));
      const template = { site: 'quay.example', templateId: 'tpl_1', shape: '/ware/*' };
      const learn = () => activities.learnTemplate({ jobId: 'job_1', ownerId: 'usr_1', template, samples });
      await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<[], unknown, typeof learn>(learn);
      return saved.at(-1)?.draft.config;
    },
  };
}

const BURNS = { burning: { description: 'Burns for' } };
const MODEL = { GLEANER_MODELS: 'learn=openai:gpt-4.1-mini|json;extract=none;answer=none;embed=none' };

describe('fields that a job asks for', () => {
  it('are learned with the template, by their names and what their caller says of them', async () => {
    const config = await bench(BURNS).run();
    expect(config?.fields['burning']).toContainEqual(expect.objectContaining({ label: 'burns for', evidence: 'label' }));
    expect(config?.asked).toEqual({ burning: 'string' });
    const plain = await bench(undefined).run();
    expect(plain).not.toHaveProperty('asked');
    expect(plain?.fields).not.toHaveProperty('burning');
  });

  it('stay in a template that is learned again by a job that asks for nothing', async () => {
    const before = await bench(BURNS).run();
    expect(await bench(undefined, null, before ?? null).run()).toMatchObject({ asked: { burning: 'string' } });
  });

  it('are added to rules that serve well, which stay; what no rule was found for is not looked for again', async () => {
    const before = await bench(undefined).run();
    const again = bench({ ...BURNS, warranty: {}, title: {} }, null, before ?? null);
    const extended = await again.run();
    expect(extended).toEqual({
      ...before,
      fields: { ...before?.fields, burning: expect.any(Array) },
      asked: { burning: 'string' },
      unlearned: ['warranty'],
    });
    expect(again.saved).toMatchObject([{ promote: true, draft: { sampleUrls: [], scores: { mean: 0.9 } } }]);
    for (const fields of [undefined, { warranty: {} }, BURNS]) {
      const nothingNew = bench(fields, null, extended ?? null);
      await nothingNew.run();
      expect(nothingNew.saved).toMatchObject([{ promote: false }]);
    }
  });

  it('are tried thirty at a time: more than that are left to the next learning, and not called unlearnable', async () => {
    const absent = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`absent ${n}`, {}]));
    const first = await bench({ ...absent, ...BURNS }).run();
    expect(first?.unlearned).toHaveLength(30);
    expect(first?.fields).not.toHaveProperty('burning');
    const beside = await bench({ ...absent, ...BURNS }, null, (await bench(undefined).run()) ?? null).run();
    expect(beside?.unlearned).toEqual(first?.unlearned);
    for (const before of [first, beside]) {
      const next = await bench({ ...absent, ...BURNS }, null, before ?? null).run();
      expect(next).toMatchObject({ asked: { burning: 'string' }, unlearned: Object.keys(absent) });
    }
  });

  it('stay in a template that is learned again for many others', async () => {
    const before = await bench(BURNS).run();
    const absent = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`absent ${n}`, {}]));
    expect(await bench(absent, null, before ?? null).run()).toMatchObject({ asked: { burning: 'string' } });
  });

  it('are not looked for again where learning found no template for them: rules that serve go on', async () => {
    const before = (await bench(undefined).run()) ?? null;
    const inVain = bench({ ...BURNS, title: {} }, null, before, { pageOf: emptyPage });
    expect(await inVain.run()).toEqual({ ...before, unlearned: ['burning'] });
    expect(inVain.saved).toMatchObject([{ promote: true, draft: { author: 'heuristic', sampleUrls: [], scores: { mean: 0.9 } } }]);
    const rejected = bench(BURNS, null, before, { savedAs: 'rejected' });
    expect(await rejected.run()).toEqual({ ...before, unlearned: ['burning'] });
    expect(rejected.saved).toHaveLength(2);
  });

  it('change nothing of rules that serve where nothing was tried, or where a person pinned them', async () => {
    const before = (await bench(undefined).run()) ?? null;
    const known = before && { ...before, unlearned: ['burning'] };
    for (const kept of [
      bench(BURNS, null, before, { pageOf: () => page(1) }),
      bench(BURNS, null, before, { pageOf: emptyPage, pinned: true }),
      bench(BURNS, null, known, { pageOf: emptyPage }),
    ]) {
      await kept.run();
      expect([kept.saved, kept.released]).toEqual([[], [1]]);
    }
  });

  it('are told to a model, whose selectors are tried like all others', async () => {
    const proposals = [
      { field: 'made by', selector: '.maker', attribute: null },
      { field: 'burning', selector: '.nowhere', attribute: null },
    ];
    await using simulation = await simulate({ openai: completion(JSON.stringify({ proposals })) }, MODEL);
    const job = bench({ 'made by': { description: 'The workshop' }, burning: {} }, simulation.models.selectorProposer);
    const config = await job.run();
    expect(JSON.stringify(simulation.wire('openai').requests[0]?.body)).toContain('\\"made by\\" (The workshop)');
    expect(config?.fields['made by']).toMatchObject([{ selector: '.maker', evidence: 'name' }]);
    expect(config?.fields).not.toHaveProperty('burning');
    expect(job.saved[0]?.draft).toMatchObject({ author: 'model', model: 'openai:gpt-4.1-mini' });
  });

  it('count the calls of a model that did not answer', async () => {
    await using simulation = await simulate({ openai: openAiError(500) }, MODEL);
    const job = bench(BURNS, simulation.models.selectorProposer);
    expect(await job.run()).toMatchObject({ asked: { burning: 'string' } });
    expect([...job.usage.values()]).toEqual([expect.objectContaining({ modelCalls: 1, tokens: 0 })]);
    expect(job.messages).toEqual([expect.stringContaining('no model proposed: MODEL_FAILED')]);
  });
});
