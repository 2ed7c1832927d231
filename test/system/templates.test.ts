/** One address shape, several structures: a template for each, and a new design of one of them is no further one. */
import type { Job, JobEvent, TemplateSummary, TemplateVersion } from '@gleaner/sdk';
import { type GeneratedSite, startGeneratedSite } from '@gleaner/site-generator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saysTheTruth } from '../support/generated-sites.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

let gleaner: Gleaner;
let site: GeneratedSite;

beforeAll(async () => {
  site = await startGeneratedSite({ seed: 9, pages: 120, bytesPerPage: 8_000, oneShape: true });
  gleaner = await startGleaner({ allow: [site.address] });
});

afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site.close();
});

interface Visit {
  readonly job: Job;
  readonly events: readonly JobEvent[];
  /** Paths of content pages whose document is not what the page says. */
  readonly wrong: readonly string[];
  /** Of the content pages: share that the template served, by kind. */
  readonly byTemplate: Readonly<Record<string, number>>;
}

async function visit(): Promise<Visit> {
  const { id } = await gleaner.client.crawl({ url: `${site.url}/`, limit: 500, depth: 20, render: 'never', refresh: true });
  const job = await gleaner.client.wait(id, { signal: AbortSignal.timeout(120_000) });
  const wrong: string[] = [];
  const methods: Record<string, string[]> = {};
  for await (const document of gleaner.client.documents(id)) {
    const { pathname } = new URL(document.pageUrl);
    const truth = site.truthOf(pathname);
    if (truth === undefined) continue;
    if (!saysTheTruth(document, truth)) wrong.push(pathname);
    (methods[truth.template] ??= []).push(document.extraction.method);
  }
  const byTemplate = Object.fromEntries(
    Object.entries(methods).map(([kind, all]) => [kind, all.filter((method) => method === 'template').length / all.length]),
  );
  expect(Object.values(methods).map(({ length }) => length)).toEqual([30, 30, 30, 30]);
  return { job, events: await Array.fromAsync(gleaner.client.watch(id)), wrong, byTemplate };
}

const typed = ({ events }: Visit, type: JobEvent['type']): readonly JobEvent[] => events.filter((event) => event.type === type);

/** Templates of the shape that all content pages share. */
async function templates(): Promise<readonly TemplateSummary[]> {
  return (await gleaner.client.templates(site.address)).filter(({ shape }) => shape === '/read/*');
}

it('a site with one address shape has a template for each structure, and a rebuilt one is learned again, once', async () => {
  const cold = await visit();
  expect([cold.job.state, cold.wrong]).toEqual(['completed', []]);
  const learned = await templates();
  expect(learned.map(({ activeVersion, versions }) => [activeVersion, versions])).toEqual(Array.from({ length: 4 }, () => [1, 1]));
  for (const type of ['forum', 'product'] as const)
    expect([type, learned.filter((template) => template.type === type).length]).toEqual([type, 1]);

  const warm = await visit();
  expect([warm.wrong, typed(warm, 'site.learned'), warm.job.usage.modelCalls]).toEqual([[], [], 0]);
  expect(Object.values(warm.byTemplate)).toEqual([1, 1, 1, 1]);

  site.rebuild('thread');
  const rebuilt = await visit();
  const healed = await visit();
  expect([rebuilt.wrong, healed.wrong]).toEqual([[], []]);
  expect(Object.values(healed.byTemplate)).toEqual([1, 1, 1, 1]);
  for (const type of ['site.drifted', 'site.learned'] as const)
    expect([type, typed(rebuilt, type).length, typed(healed, type).length]).toEqual([type, 1, 0]);
  expect(typed(rebuilt, 'site.drifted')[0]?.message).toMatch(/of its pages came built otherwise, 0 as before/);

  const after = await templates();
  expect(after.map(({ templateId }) => templateId)).toEqual(learned.map(({ templateId }) => templateId));
  const again = after.filter(({ versions }) => versions > 1);
  expect(again).toMatchObject([{ type: 'forum', versions: 2, activeVersion: 2, quarantineReason: null }]);
  const templateId = again[0]?.templateId ?? '';
  expect(await gleaner.client.activateVersion({ host: site.address, templateId, version: 1 })).toMatchObject({
    version: 1,
    state: 'active',
  });
});

it('single pages tell of a new design too: the third one has the template learned again', async () => {
  site.rebuild('article');
  const articles = [...site.paths()].filter((path) => site.truthOf(path)?.template === 'article');
  const siblings = (path: string): number => site.truthOf(path)?.links.filter((link) => articles.includes(link)).length ?? 0;
  // The third one is what learning starts from: it should link to others of its kind.
  const [third = '', ...others] = articles.toSorted((a, b) => siblings(b) - siblings(a));
  const before = await templates();
  const methods: string[] = [];
  const extract = async (path: string): Promise<readonly JobEvent[]> => {
    const { id } = await gleaner.client.startJob({ kind: 'extract', input: { url: site.url + path, render: 'never' } });
    await gleaner.client.wait(id, { signal: AbortSignal.timeout(60_000) });
    const document = await gleaner.client.result(id);
    expect([path, document.title]).toEqual([path, site.truthOf(path)?.title]);
    methods.push(document.extraction.method);
    return Array.fromAsync(gleaner.client.watch(id));
  };
  const drifted: number[] = [];
  for (const path of [...others.slice(0, 2), third])
    drifted.push((await extract(path)).filter(({ type }) => type === 'site.drifted').length);
  expect([methods, drifted]).toEqual([
    ['general', 'general', 'general'],
    [0, 0, 1],
  ]);
  const relearned = await waitUntil(async () => {
    const now = await templates();
    return now.every(({ quarantineReason }) => quarantineReason === null) && now;
  }, 60_000);
  const changed = relearned.filter(
    (template) => !before.some(({ templateId, versions }) => templateId === template.templateId && versions === template.versions),
  );
  expect(changed).toMatchObject([{ versions: 2, activeVersion: 2 }]);
  expect(relearned.length).toBe(before.length);
  await extract(others[2] ?? '');
  expect(methods.at(-1)).toBe('template');
});

it('a learn job learns the template of its page, and no other of the shape', async () => {
  const before = await templates();
  const product = [...site.paths()].find((path) => site.truthOf(path)?.template === 'product') ?? '';
  const { id } = await gleaner.client.startJob({ kind: 'learn', input: { url: site.url + product, fresh: true, render: 'never' } });
  expect(await gleaner.client.wait(id, { signal: AbortSignal.timeout(60_000) })).toMatchObject({ state: 'completed' });
  const { templateId, config } = await gleaner.client.result<TemplateVersion>(id);
  expect([config.type, before.find(({ type }) => type === 'product')?.templateId]).toEqual(['product', templateId]);
  const others = (all: readonly TemplateSummary[]): readonly TemplateSummary[] =>
    all.filter((template) => template.templateId !== templateId);
  expect(others(await templates())).toEqual(others(before));
});
