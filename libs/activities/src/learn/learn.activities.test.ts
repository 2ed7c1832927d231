import {
  type BlobStore,
  type JobLog,
  type PageTemplates,
  type Snapshot,
  type TemplateDraft,
  type TemplateHealth,
  type TemplateStore,
  type TemplateVersion,
} from '@gleaner/domain';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import type { CpuTasks, LearnInput } from '../cpu/cpu-tasks.js';
import { createLearnActivities } from './learn.activities.js';

const template = { site: 'quay.example', templateId: 'tpl_a', shape: '/*' };
const config = {
  content: [],
  exclude: [],
  fields: {},
  type: 'article',
  fingerprint: { minChars: 1, medianChars: 1, maxChars: 1 },
} as const;
const scores = { mean: 1, min: 1, pagesLearned: 3, pagesHeldOut: 3 };
const urlOf = (page: number): string => `https://quay.example/${page}`;
const samples = [1, 2, 3].map((page): Snapshot => ({
  body: { hash: `sha256:${page}`, bytes: 1 }, url: urlOf(page), finalUrl: urlOf(page), status: 200, contentType: 'text/html', charset: 'utf-8',
  method: 'http', fetchedAt: '2026-10-01T12:00:00Z', redirects: [],
})); // prettier-ignore

type Claimed = Awaited<ReturnType<PageTemplates['claim']>>;

/** What is claimed first, and later. */
function bench(
  claimed: Claimed,
  { later = claimed, state = 'active' }: { readonly later?: Claimed; readonly state?: TemplateVersion['state'] } = {},
) {
  const claims = [claimed];
  const learned: LearnInput[] = [];
  const saved: TemplateDraft[] = [];
  const told: string[] = [];
  const activities = createLearnActivities({
    blobs: { get: async () => new Uint8Array() } as Partial<BlobStore> as BlobStore,
    templates: {
      find: async () => ({ kind: 'unknown' }),
      save: async (draft) => {
        saved.push(draft);
        return { ...draft, version: 1, state } as TemplateVersion;
      },
      markUnlearnable: async (_key, reason) => void told.push(reason),
    } satisfies TemplateStore,
    pageTemplates: { claim: async () => (claims.length > 0 ? claims.pop() : later) ?? null } as Partial<PageTemplates> as PageTemplates,
    jobLog: { append: async (_job, key) => void told.push(key) } as Partial<JobLog> as JobLog,
    health: {} as TemplateHealth,
    ledger: { samples: async () => [] },
    snapshots: { latestOf: async () => new Map() },
    cpu: {
      learn: async (input) => {
        learned.push(input);
        return { kind: 'learned', config, scores, winner: 'new', isAided: false, misses: [], setAside: [urlOf(2)] };
      },
    } as Partial<CpuTasks> as CpuTasks,
    proposer: null,
    jobs: { get: async () => null },
    now: () => new Date(),
  });
  const run = () =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<
      [],
      Awaited<ReturnType<typeof activities.learnTemplate>>,
      () => ReturnType<typeof activities.learnTemplate>
    >(() => activities.learnTemplate({ jobId: 'job_1', template, samples }));
  return { run, learned, saved, told };
}

it('learns from pages that are built as the template is, and names no others as its samples', async () => {
  const { run, learned, saved, told } = bench({ structure: ['main'], design: '1' });
  expect(await run()).toMatchObject({ kind: 'learned', version: 1 });
  expect(learned).toMatchObject([{ structure: ['main'], rival: null }]);
  expect(saved.map(({ sampleUrls }) => sampleUrls)).toEqual([[urlOf(1), urlOf(3)]]);
  expect(told).toEqual(['learned-1:tpl_a']);
});

it('says of what design it learned, and that nothing serves where the template has another one by now', async () => {
  const of = (design: string) => ({ structure: ['main'], design });
  const { run, saved, told } = bench(of('1'), { later: of('2'), state: 'candidate' });
  expect(await run()).toMatchObject({ kind: 'unlearnable', reason: expect.stringContaining('new design') });
  expect([saved.map(({ design }) => design), told]).toEqual([['1'], []]);
  // A version that is pinned keeps its place: that is no other design.
  expect(await bench(of('1'), { state: 'candidate' }).run()).toMatchObject({ kind: 'learned', version: 1 });
});

it('learns nothing of what has become the design of another template, and remembers nothing against it', async () => {
  const { run, learned, saved, told } = bench(null);
  expect(await run()).toMatchObject({ kind: 'unlearnable', reason: 'its pages turned out to be a new design of another template' });
  expect([learned, saved, told]).toEqual([[], [], []]);
});
