import type { Job, JobEvent } from '@gleaner/sdk';
import { type GeneratedSite, startGeneratedSite } from '@gleaner/site-generator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saysTheTruth } from '../support/generated-sites.js';
import { type Gleaner, startGleaner } from '../support/gleaner.js';

let gleaner: Gleaner;
let site: GeneratedSite;

beforeAll(async () => {
  site = await startGeneratedSite({ seed: 9, pages: 100, bytesPerPage: 10_000 });
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
  /** Share of the articles that a template served. */
  readonly byTemplate: number;
}

async function visit(): Promise<Visit> {
  const { id } = await gleaner.client.crawl({ url: `${site.url}/`, limit: 500, depth: 20, render: 'never', refresh: true });
  const job = await gleaner.client.wait(id, { signal: AbortSignal.timeout(120_000) });
  const wrong: string[] = [];
  const methods: string[] = [];
  for await (const document of gleaner.client.documents(id)) {
    const { pathname } = new URL(document.pageUrl);
    const truth = site.truthOf(pathname);
    if (truth === undefined) continue;
    if (!saysTheTruth(document, truth)) wrong.push(pathname);
    if (truth.template === 'article') methods.push(document.extraction.method);
  }
  expect(methods.length).toBeGreaterThan(20);
  const byTemplate = methods.filter((method) => method === 'template').length / methods.length;
  return { job, events: await Array.fromAsync(gleaner.client.watch(id)), wrong, byTemplate };
}

const typed = ({ events }: Visit, type: JobEvent['type']): readonly JobEvent[] => events.filter((event) => event.type === type);

it('a site is learned once, serves by its templates, and heals after a redesign with one learning; the old version can be put back', async () => {
  const cold = await visit();
  expect([cold.job.state, cold.wrong]).toEqual(['completed', []]);
  const templates = await gleaner.client.templates(site.address);
  expect(templates.filter(({ activeVersion }) => activeVersion !== null).length).toBeGreaterThanOrEqual(3);

  const warm = await visit();
  expect([warm.wrong, typed(warm, 'site.learned').length, warm.job.usage.modelCalls]).toEqual([[], 0, 0]);
  expect(warm.byTemplate).toBeGreaterThanOrEqual(0.9);

  site.redesign('article');
  const redesigned = await visit();
  expect(redesigned.wrong).toEqual([]);
  const healed = await visit();
  expect(healed.wrong).toEqual([]);
  expect(healed.byTemplate).toBeGreaterThanOrEqual(0.9);
  // Rules may survive a redesign; where they do not, one learning for all pages, in the visit that noticed.
  const learned = [...typed(redesigned, 'site.learned'), ...typed(healed, 'site.learned')];
  expect(learned.length).toBeLessThanOrEqual(1);
  expect(typed(redesigned, 'site.drifted').length + typed(healed, 'site.drifted').length).toBe(learned.length);

  const article = templates.find(({ shape }) => shape.startsWith('/news/'));
  const versions = await gleaner.client.versions(site.address, article?.templateId ?? '');
  expect(versions.length).toBe(1 + learned.length);
  const oldest = versions.at(-1)?.version ?? 0;
  const restored = await gleaner.client.activateVersion({ host: site.address, templateId: article?.templateId ?? '', version: oldest });
  expect(restored).toMatchObject({ version: oldest, state: 'active' });
});
