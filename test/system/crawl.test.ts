import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CrawlInput, Job, LedgerPage } from '@gleaner/sdk';
import { type GeneratedSite, startGeneratedSite } from '@gleaner/site-generator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gleaner, startGleaner, waitUntil } from '../support/gleaner.js';

const PAGES = 60;
const CRAWL_MS = 120_000;

let gleaner: Gleaner;
let site: GeneratedSite;
let patient: Awaited<ReturnType<typeof startPatient>>;

/** A site that lets its pages wait until it is told, and counts who is waiting. */
async function startPatient() {
  const open = new Set<object>();
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<h1>Start</h1>${Array.from({ length: 40 }, (_, index) => `<p><a href="/slow/${index}">page ${index}</a></p>`).join('')}`,
      );
    } else if (request.url === '/robots.txt' || request.url === '/sitemap.xml') response.writeHead(404).end();
    else {
      asked++;
      open.add(response);
      response.on('close', () => open.delete(response));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    url: `http://${address}/`,
    waiting: () => open.size,
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

beforeAll(async () => {
  site = await startGeneratedSite({ seed: 5, pages: PAGES, redirects: true, duplicates: 0.2, bytesPerPage: 8_000 });
  patient = await startPatient();
  gleaner = await startGleaner({ allow: [site.address, patient.address] });
});

afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  await site.close();
  patient.close();
});

async function crawled(input: Partial<CrawlInput> = {}): Promise<Job> {
  const { id } = await gleaner.client.crawl({ url: `${site.url}/`, limit: 500, depth: 20, render: 'never', ...input });
  return gleaner.client.wait(id, { signal: AbortSignal.timeout(CRAWL_MS) });
}

async function ledger(job: Job): Promise<ReadonlyMap<string, LedgerPage>> {
  const pages = await Array.fromAsync(gleaner.client.pages(job.id));
  return new Map(pages.map((page) => [new URL(page.url).pathname, page]));
}

describe('a crawl of a whole site', () => {
  it('stores every page once, says of every other URL why not, and asks for none twice', async () => {
    site.resetCounts();
    const job = await crawled();
    expect([job.state, job.error]).toEqual(['completed', null]);
    const pages = await ledger(job);
    const { stored, duplicates, skipped, redirects } = site.expected();
    const twins = new Map([...duplicates].flatMap(([path, { original }]) => [[path, original] as const, [original, path] as const]));
    const isKept = (path: string): boolean => pages.get(path)?.state === 'stored';
    expect(stored.filter((path) => !isKept(path) && !isKept(twins.get(path) ?? ''))).toEqual([]);
    for (const [path, reason] of skipped) expect([path, pages.get(path)?.reason]).toEqual([path, reason]);
    for (const [path] of redirects) expect([path, pages.get(path)?.reason]).toEqual([path, 'redirect']);
    const exact = [...duplicates].filter(([, { kind }]) => kind === 'exact');
    expect(exact.filter(([path, { original }]) => isKept(path) && isKept(original))).toEqual([]);
    expect([...pages.values()].filter(({ state }) => ['queued', 'leased', 'fetched', 'extracted'].includes(state))).toEqual([]);
    expect(stored.filter((path) => site.servedOf(path) > 1)).toEqual([]);
    const kept = [...pages.values()].filter(({ state }) => state === 'stored');
    expect(job.counts.stored).toBe(kept.length);
    expect((await Array.fromAsync(gleaner.client.documents(job.id))).map(({ pageUrl }) => pageUrl).toSorted()).toEqual(
      kept.map(({ url }) => url).toSorted(),
    );
    const archive = Buffer.from(await new Response(await gleaner.client.export(job.id, { format: 'zip' })).arrayBuffer());
    expect([archive.subarray(0, 2).toString(), archive.length > 10_000]).toEqual(['PK', true]);
  });

  it('is extracted again without asking the site for anything', async () => {
    const first = await crawled();
    site.resetCounts();
    const again = await gleaner.client.retry(first.id, { from: 'extract' });
    const job = await gleaner.client.wait(again.id, { signal: AbortSignal.timeout(CRAWL_MS) });
    expect([job.state, job.counts.stored + job.counts.duplicate + job.counts.unchanged]).toEqual([
      'completed',
      first.counts.stored + first.counts.duplicate,
    ]);
    expect(site.served().byPath).toEqual({});
    expect(new Set((await ledger(job)).keys())).toEqual(new Set((await ledger(first)).keys()));
  });

  it('is visited again: what has not changed stays, what changed is stored, what is gone is not current any more', async () => {
    await crawled();
    const settled = await ledger(await crawled({ refresh: true }));
    const changed = new Set(site.change(0.2));
    const removed = new Set(site.remove(0.25));
    const job = await crawled({ refresh: true });
    expect(job.state).toBe('completed');
    const pages = await ledger(job);
    const gone = [...pages].filter(([path]) => removed.has(path));
    expect(gone.filter(([, { reason }]) => reason !== 'http_404')).toEqual([]);
    const edited = [...pages].filter(([path]) => changed.has(path) && !removed.has(path));
    expect(edited.filter(([, { state }]) => state !== 'stored' && state !== 'duplicate')).toEqual([]);
    // Seed and shares decide how many these are; twins of other pages may not be asked for.
    expect([removed.size > 2, gone.length >= removed.size / 2, edited.length > 5]).toEqual([true, true, true]);
    const texts = site.expected().stored.filter((path) => site.truthOf(path) !== undefined && !changed.has(path));
    const unchanged = texts.filter((path) => pages.get(path)?.state === 'unchanged');
    expect(unchanged.length).toBeGreaterThan(texts.length / 2);
    expect(settled.size).toBeGreaterThan(PAGES);
  });
});

describe('a crawl that runs', () => {
  it('is cancelled within two seconds down to its sockets, and what is done stays', async () => {
    const { id } = await gleaner.client.crawl({ url: patient.url, limit: 100, render: 'never', sitemap: 'skip' });
    await waitUntil(async () => patient.waiting() > 3, 30_000);
    await gleaner.client.cancel(id);
    await waitUntil(async () => patient.waiting() === 0, 2_000);
    const job = await gleaner.client.wait(id);
    expect(job.state).toBe('cancelled');
    const pages = await Array.fromAsync(gleaner.client.pages(id));
    expect(new Set(pages.map(({ state, reason }) => `${state} ${reason}`))).toEqual(new Set(['stored null', 'skipped cancelled']));
    const asked = patient.asked();
    expect((await gleaner.client.job(id)).counts.stored).toBe(1);
    expect(patient.asked()).toBe(asked);
  });

  it('takes another limit and other patterns, and ends at its deadline', async () => {
    const { id } = await gleaner.client.crawl({
      url: patient.url,
      limit: 100,
      render: 'never',
      sitemap: 'skip',
      concurrency: 4,
      deadlineSeconds: 8,
    });
    await waitUntil(async () => patient.waiting() > 0, 30_000);
    await gleaner.client.change(id, { exclude: ['/slow/3'], limit: 50 });
    const excluded = await Array.fromAsync(gleaner.client.pages(id, { reason: 'out_of_scope' }));
    expect(excluded.every(({ url }) => new URL(url).pathname.startsWith('/slow/3'))).toBe(true);
    const job = await gleaner.client.wait(id);
    expect([job.state, job.error?.code]).toEqual(['failed', 'DEADLINE_EXCEEDED']);
    expect(patient.waiting()).toBe(0);
  });
});
