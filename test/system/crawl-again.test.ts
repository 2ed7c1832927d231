/** Crawls that do another one again, and pages that only a browser can read. */
import type { CrawlInput, Job, LedgerPage } from '@gleaner/sdk';
import type { GeneratedSite } from '@gleaner/site-generator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSites } from '../support/generated-sites.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const CRAWL_MS = 60_000;
const SITES = {
  scripted: { seed: 11, pages: 12, javascript: 1, bytesPerPage: 6_000 },
  grown: { seed: 13, pages: 40, bytesPerPage: 4_000 },
  steady: { seed: 14, pages: 40, duplicates: 0.2, bytesPerPage: 6_000 },
  slow: { seed: 12, pages: 40, latencyMs: 60, bytesPerPage: 4_000 },
};

let gleaner: Gleaner;
let sites: Record<keyof typeof SITES, GeneratedSite>;
beforeAll(async () => {
  sites = await startSites(SITES);
  gleaner = await startGleaner({ allow: Object.values(sites).map(({ address }) => address) });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  for (const site of Object.values(sites)) await site.close();
});

async function begin(site: GeneratedSite, input: Partial<CrawlInput> = {}): Promise<string> {
  const { id } = await gleaner.client.crawl({ url: `${site.url}/`, limit: 500, depth: 20, render: 'never', ...input });
  return id;
}

const ended = (id: string): Promise<Job> => gleaner.client.wait(id, { signal: AbortSignal.timeout(CRAWL_MS) });

async function ledgerOf(id: string): Promise<ReadonlyMap<string, LedgerPage>> {
  const pages = await Array.fromAsync(gleaner.client.pages(id));
  return new Map(pages.map((page) => [new URL(page.url).pathname, page]));
}

const inState = (pages: ReadonlyMap<string, LedgerPage>, ...states: readonly string[]): string[] =>
  [...pages].filter(([, { state }]) => states.includes(state)).map(([path]) => path);

describe('pages that a script builds between a navigation and a footer', () => {
  it('are opened in the browser, and stored with what it shows', async () => {
    const site = sites.scripted;
    const job = await ended(await begin(site, { render: 'auto' }));
    expect([job.state, job.error]).toEqual(['completed', null]);
    const documents = await Array.fromAsync(gleaner.client.documents(job.id));
    const texts = new Map(documents.map(({ pageUrl, text }) => [new URL(pageUrl).pathname, text.replaceAll(/\s+/g, ' ')]));
    const built = [...site.paths()].filter((path) => site.truthOf(path)?.scripted === true);
    expect(built.length).toBe(SITES.scripted.pages);
    const unread = built.filter((path) => !(site.truthOf(path)?.paragraphs ?? []).every((said) => texts.get(path)?.includes(said)));
    expect(unread).toEqual([]);
  });

  it('are no pages without one', async () => {
    const job = await ended(await begin(sites.scripted));
    const pages = await ledgerOf(job.id);
    const built = [...sites.scripted.paths()].filter((path) => sites.scripted.truthOf(path) !== undefined);
    expect(new Set(built.map((path) => `${pages.get(path)?.state} ${pages.get(path)?.reason}`))).toEqual(new Set(['skipped empty']));
  });
});

describe('a crawl that was cut off', () => {
  it('is done again from where it was, and what was done is not asked for again', async () => {
    const site = sites.slow;
    const id = await begin(site, { concurrency: 4 });
    await waitUntil(async () => (await gleaner.client.job(id)).counts.stored > 8, CRAWL_MS);
    await gleaner.client.cancel(id);
    await ended(id);
    const before = await ledgerOf(id);
    const done = inState(before, 'stored', 'duplicate');
    expect([done.length > 8, inState(before, 'skipped').length > 8]).toEqual([true, true]);
    site.resetCounts();
    const again = await ended((await gleaner.client.retry(id)).id);
    expect(again.state).toBe('completed');
    expect(done.filter((path) => site.servedOf(path) > 0)).toEqual([]);
    const pages = await ledgerOf(again.id);
    expect(done.filter((path) => pages.get(path)?.documentId !== before.get(path)?.documentId)).toEqual([]);
    expect([...site.paths()].filter((path) => pages.get(path)?.state !== 'stored')).toEqual([]);
    expect([...site.paths()].filter((path) => site.servedOf(path) > 1)).toEqual([]);
  });
});

describe('a site that is visited again', () => {
  it('is judged by what is wanted now: patterns, depth and limit', async () => {
    const site = sites.grown;
    const first = await ledgerOf((await ended(await begin(site, { sitemap: 'skip' }))).id);
    const known = inState(first, 'stored');
    site.resetCounts();
    const narrow = await ended(await begin(site, { refresh: true, exclude: ['/news/'], limit: 12, sitemap: 'skip' }));
    const pages = await ledgerOf(narrow.id);
    const news = known.filter((path) => path.startsWith('/news/'));
    expect([narrow.state, news.length > 5, known.length > 30]).toEqual(['completed', true, true]);
    expect(news.filter((path) => pages.get(path)?.reason !== 'out_of_scope' || site.servedOf(path) > 0)).toEqual([]);
    expect(inState(pages, 'stored', 'unchanged').length).toBe(12);
    expect(known.filter((path) => site.servedOf(path) > 0).length).toBe(12);
    site.resetCounts();
    await ended(await begin(site, { refresh: true, depth: 1, sitemap: 'skip' }));
    const deep = inState(pages, 'stored', 'unchanged').filter((path) => (first.get(path)?.depth ?? 0) > 1);
    expect([deep.length > 3, deep.filter((path) => site.servedOf(path) > 0)]).toEqual([true, []]);
  });

  it('makes pages anew once where a template has been learned since, and then keeps them as they are', async () => {
    const site = sites.steady;
    const options = { render: 'auto', sitemap: 'skip' } as const;
    const visit = async () => {
      const job = await ended(await begin(site, { ...options, refresh: true }));
      return { job, pages: await ledgerOf(job.id) };
    };
    const first = await visit();
    expect(inState(first.pages, 'stored').length).toBeGreaterThan(SITES.steady.pages);
    const templates = await gleaner.client.templates(site.address);
    expect(templates.filter(({ activeVersion }) => activeVersion !== null).length).toBeGreaterThan(0);
    const second = await visit();
    const made = (await Array.fromAsync(gleaner.client.documents(second.job.id))).map(({ extraction }) => extraction.method);
    expect(made.filter((method) => method === 'template').length).toBeGreaterThan(5);
    const kept = inState(second.pages, 'stored', 'unchanged');
    expect(kept.length).toBeGreaterThan(SITES.steady.pages);
    const third = await visit();
    expect(kept.filter((path) => third.pages.get(path)?.state !== 'unchanged')).toEqual([]);
    expect(kept.filter((path) => third.pages.get(path)?.documentId !== second.pages.get(path)?.documentId)).toEqual([]);
    // A twin that is met before its original has been looked at is a page of its own.
    expect(inState(third.pages, 'stored').filter((path) => !site.expected().duplicates.has(path))).toEqual([]);
  });
});
