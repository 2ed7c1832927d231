/** What callers do to a crawl while it runs, on the running system. */
import type { CrawlInput, Job, LedgerPage } from '@gleaner/sdk';
import type { GeneratedSite } from '@gleaner/site-generator';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSites } from '../support/generated-sites.js';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const SOON_MS = 60_000;
const SITES = {
  strict: { seed: 21, pages: 30, bytesPerPage: 3_000, throttle: { maxPerSecond: 4, retryAfterSeconds: 3 } },
  slow: { seed: 22, pages: 120, bytesPerPage: 3_000, latencyMs: 150 },
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

const ended = (id: string): Promise<Job> => gleaner.client.wait(id, { signal: AbortSignal.timeout(SOON_MS) });
const until = (id: string, holds: (job: Job) => boolean): Promise<Job> =>
  waitUntil(async () => {
    const job = await gleaner.client.job(id);
    return holds(job) ? job : null;
  }, SOON_MS);
const pagesOf = (id: string): Promise<LedgerPage[]> => Array.fromAsync(gleaner.client.pages(id));

describe('a crawl that is paused', () => {
  it('asks a host for nothing that wants pauses itself, until it is resumed', async () => {
    const site = sites.strict;
    const id = await begin(site);
    await waitUntil(async () => (site.served().byStatus[429] ?? 0) > 0, SOON_MS);
    await gleaner.client.pause(id);
    await until(id, ({ state }) => state === 'paused');
    site.resetCounts();
    // Longer than the host's own pause: whoever waits for its end would come back.
    await delay(5_000);
    expect(site.served().byPath).toEqual({});
    const waiting = (await pagesOf(id)).filter(({ state }) => state === 'queued');
    expect(waiting.length).toBeGreaterThan(0);
    await gleaner.client.resume(id);
    await waitUntil(async () => site.served().requests > 0, SOON_MS);
    await gleaner.client.cancel(id);
    await ended(id);
  });
});

describe('a crawl that runs', () => {
  const stored = ({ counts }: Job): number => counts.stored;
  /** Links alone, and one page after the other: most of the site has not been taken yet when a change comes. */
  const GRADUALLY = { sitemap: 'skip', concurrency: 1 } as const;

  it('keeps no more than a limit that is lowered, and goes on where it is raised', async () => {
    const id = await begin(sites.slow, { limit: 100, ...GRADUALLY });
    await until(id, (job) => stored(job) >= 1);
    await gleaner.client.change(id, { limit: 3 });
    const held = (await pagesOf(id)).filter(({ state }) => ['leased', 'fetched', 'extracted', 'stored'].includes(state)).length;
    const job = await ended(id);
    // What was under way when it was lowered may be kept; nothing is taken after that.
    expect([job.state, held < 90, stored(job) <= Math.max(3, held)]).toEqual(['completed', true, true]);
    const raised = await begin(sites.slow, { limit: 10, ...GRADUALLY, exclude: ['/docs/'] });
    await until(raised, (crawl) => stored(crawl) >= 2);
    await gleaner.client.change(raised, { limit: 20 });
    expect(stored(await ended(raised))).toBe(20);
    const left = (await pagesOf(raised)).filter(({ reason }) => reason === 'limit');
    expect(left.length).toBeGreaterThan(0);
  });

  it('leaves out what is excluded from now on, and takes in again what was left out', async () => {
    const site = sites.slow;
    const id = await begin(site, { ...GRADUALLY, exclude: ['/shop/'] });
    await until(id, (job) => stored(job) >= 1);
    await gleaner.client.change(id, { exclude: ['/forum/'], concurrency: 16 });
    const before = new Map((await pagesOf(id)).map((page) => [page.url, page]));
    const pages = ((await ended(id)).state, await pagesOf(id));
    const under = (folder: string): LedgerPage[] =>
      pages.filter(({ url }) => new URL(url).pathname.startsWith(folder) && new URL(url).pathname !== folder);
    expect(new Set(under('/shop/').map(({ state }) => state))).toEqual(new Set(['stored']));
    // What was stored or under way before the change stays.
    const forum = under('/forum/').filter(
      ({ url }) => !['stored', 'leased', 'fetched', 'extracted'].includes(before.get(url)?.state ?? ''),
    );
    expect([forum.length > 5, new Set(forum.map(({ reason }) => reason))]).toEqual([true, new Set(['out_of_scope'])]);
    expect(pages.length).toBeGreaterThan(SITES.slow.pages);
  });

  it('fetches more pages at once when it is told so', async () => {
    const site = sites.slow;
    const peak = (): number => Object.values(site.served().byHost)[0]?.peakConcurrency ?? 0;
    site.resetCounts();
    const id = await begin(site, { ...GRADUALLY, exclude: ['/nowhere/'] });
    await until(id, (job) => job.counts.fetched >= 4);
    const before = peak();
    await gleaner.client.change(id, { concurrency: 32 });
    site.resetCounts();
    const job = await ended(id);
    expect([job.state, before, peak() > 6]).toEqual(['completed', 1, true]);
  });

  it('ends at its deadline, also while it is paused, and keeps what is done', async () => {
    const id = await begin(sites.slow, { concurrency: 2, deadlineSeconds: 6, exclude: ['/never/'] });
    await until(id, (job) => stored(job) >= 3);
    await gleaner.client.pause(id);
    const job = await ended(id);
    expect([job.state, job.error?.code]).toEqual(['failed', 'DEADLINE_EXCEEDED']);
    const pages = await pagesOf(id);
    expect(pages.filter(({ state }) => state === 'stored').length).toBe(stored(job));
    expect(new Set(pages.filter(({ state }) => state === 'skipped').map(({ reason }) => reason))).toContain('deadline');
    expect(await Array.fromAsync(gleaner.client.documents(id))).toHaveLength(stored(job));
    await expect(gleaner.client.pause(id)).rejects.toMatchObject({ status: 409, code: 'CONFLICT' });
    await expect(gleaner.client.change(id, { limit: 5 })).rejects.toMatchObject({ status: 409, code: 'CONFLICT' });
  });

  it('asks for nothing two seconds after it was cancelled in full run, and what is stored can be read', async () => {
    const site = sites.slow;
    const id = await begin(site, { exclude: ['/not/here/'] });
    await until(id, (job) => stored(job) >= 10);
    await gleaner.client.cancel(id);
    await delay(2_000);
    site.resetCounts();
    const job = await until(id, ({ state }) => state === 'cancelled');
    const documents = await Array.fromAsync(gleaner.client.documents(id));
    expect([documents.length, documents.every(({ markdown }) => markdown !== '')]).toEqual([stored(job), true]);
    await delay(1_000);
    expect([site.served().byPath, (await gleaner.client.job(id)).counts]).toEqual([{}, job.counts]);
  });
});
