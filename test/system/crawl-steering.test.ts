/** What callers do to a crawl while it runs, on the running system. */
import type { CrawlInput, Job, LedgerPage } from '@gleaner/sdk';
import { type GeneratedSite, startGeneratedSite } from '@gleaner/site-generator';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const SOON_MS = 60_000;
const SITES = {
  strict: { seed: 21, pages: 30, bytesPerPage: 3_000, throttle: { maxPerSecond: 4, retryAfterSeconds: 3 } },
  slow: { seed: 22, pages: 120, bytesPerPage: 3_000, latencyMs: 150 },
};

let gleaner: Gleaner;
let sites: Record<keyof typeof SITES, GeneratedSite>;
beforeAll(async () => {
  const started = Object.entries(SITES).map(async ([name, options]) => [name, await startGeneratedSite(options)] as const);
  sites = Object.fromEntries(await Promise.all(started)) as typeof sites;
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
