import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import type { StorageServer } from '../samples.contract.js';
import {
  HOST,
  START,
  againPage,
  crawlOf,
  endedPage,
  expectLaws,
  extractedBatch,
  extractedPage,
  foundPage,
  ledgerOf,
  openCrawl,
  pageRow,
  pageRows,
  standingOf,
  storePages,
  urlOf,
} from './samples.contract.js';

/** Who gets which pages, and how many. */
export function leaseContract(server: StorageServer): void {
  let clients: Database[] = [];
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: 8 }, () => server.open(1)));
  });
  const database = (): Database => clients[0]!;

  describe('frontier', () => {
    it('gives the start page first, then shallow pages, then what a sitemap calls important', async () => {
      const crawl = await openCrawl(database());
      await crawl.ledger.found(crawl.jobId, [
        foundPage('/deep', { depth: 2 }),
        foundPage('/minor', { priority: 0.1 }),
        foundPage('/plain'),
        foundPage('/major', { priority: 0.9 }),
        foundPage('/odd', { priority: Number.NaN }),
        foundPage('/out', { verdict: { reason: 'out_of_scope', detail: 'exclude /out' } }),
      ]);
      const { pages, queued, dueInMs } = await crawl.ledger.lease(crawl.batch('1'), 5);
      expect(pages.map(({ url }) => url)).toEqual([START, ...['/major', '/plain', '/odd', '/minor'].map(urlOf)]);
      expect({ queued, dueInMs }).toEqual({ queued: 1, dueInMs: null });
      expect((await crawl.ledger.lease(crawl.batch('2'), 5)).pages).toMatchObject([{ url: urlOf('/deep'), attempts: 1, state: 'leased' }]);
      expect(await pageRow(crawl, '/out')).toMatchObject({ state: 'skipped', detail: 'exclude /out' });
      await expectLaws(crawl);
    });

    it('never gives more than the limit, however many ask at once', async () => {
      const crawl = await openCrawl(database(), { limit: 23 });
      await crawl.ledger.found(
        crawl.jobId,
        Array.from({ length: 90 }, (_, index) => foundPage(`/p${index}`)),
      );
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, index) => ledgerOf(clients[index % 8]!).lease(crawl.batch(`${index}`), 5)),
      );
      const urls = answers.flatMap(({ pages }) => pages.map(({ url }) => url));
      expect(urls).toHaveLength(23);
      expect(new Set(urls).size).toBe(23);
      expect(answers.filter(({ pages }) => pages.length === 0).every(({ queued }) => queued === 0)).toBe(true);
      await expectLaws(crawl);
    });

    it('counts what may still be taken, not what waits', async () => {
      const crawl = await openCrawl(database(), { limit: 4 });
      await crawl.ledger.found(
        crawl.jobId,
        Array.from({ length: 9 }, (_, index) => foundPage(`/p${index}`)),
      );
      expect(await crawl.ledger.lease(crawl.batch('1'), 3)).toMatchObject({ queued: 1, dueInMs: null });
      expect(await crawl.ledger.lease(crawl.batch('2'), 3)).toMatchObject({ pages: [{}], queued: 0 });
      expect((await crawl.ledger.open(crawl.jobId)).hosts).toEqual([]);
    });

    it('gives a batch whose worker died its pages again, and no others', async () => {
      const crawl = await openCrawl(database());
      await crawl.ledger.found(
        crawl.jobId,
        ['/a', '/b', '/c'].map((name) => foundPage(name)),
      );
      const first = await crawl.ledger.lease(crawl.batch('1'), 3);
      const other = crawlOf(clients[1]!, crawl.jobId, crawl.ownerId);
      const again = await other.ledger.lease(crawl.batch('1'), 100);
      expect(again).toEqual(first);
      await crawl.ledger.fetched(crawl.batch('1'), [endedPage('/a')]);
      expect((await other.ledger.lease(crawl.batch('1'), 100)).pages.map(({ url }) => url)).toEqual([START, urlOf('/b')]);
      await expectLaws(crawl);
    });

    it('keeps a page until it is due, and says when that is', async () => {
      const crawl = await openCrawl(database(), { limit: 2 });
      await crawl.ledger.lease(crawl.batch('1'), 1);
      await crawl.ledger.fetched(crawl.batch('1'), [againPage('/', 3_600_000)]);
      const none = await crawl.ledger.lease(crawl.batch('2'), 5);
      expect(none).toMatchObject({ pages: [], queued: 1 });
      expect(none.dueInMs).toBeGreaterThan(3_500_000);
      expect(none.dueInMs).toBeLessThanOrEqual(3_600_000);
      // The best pages wait, and one behind them does not.
      await crawl.ledger.found(
        crawl.jobId,
        ['/b', '/c', '/d'].map((name) => foundPage(name)),
      );
      await crawl.ledger.lease(crawl.batch('3'), 2);
      await crawl.ledger.fetched(crawl.batch('3'), [againPage('/b', 3_600_000), againPage('/c', 1_800_000)]);
      expect(await crawl.ledger.lease(crawl.batch('4'), 0)).toMatchObject({ pages: [], queued: 2, dueInMs: null });
      expect((await crawl.ledger.lease(crawl.batch('5'), 5)).pages.map(({ url }) => url)).toEqual([urlOf('/d')]);
      await crawl.ledger.abandon(crawl.batch('5'), 'INTERNAL', 'x');
      expect((await crawl.ledger.lease(crawl.batch('6'), 5)).dueInMs).toBeLessThanOrEqual(1_800_000);
      await database().dataSource.query(`update crawl_pages set due_at = now() - interval '1 second' where job_id = $1 and url = $2`, [
        crawl.jobId,
        START,
      ]);
      expect((await crawl.ledger.lease(crawl.batch('7'), 5)).pages).toMatchObject([{ url: START, attempts: 2 }]);
      await expectLaws(crawl);
    });

    it('gives the places of pages that are not kept back', async () => {
      const crawl = await openCrawl(database(), { limit: 6 });
      const names = ['/failed', '/skipped', '/again', '/twin', '/kept'];
      await crawl.ledger.found(
        crawl.jobId,
        [...names, '/next1', '/next2'].map((name, index) => foundPage(name, { priority: 1 - index / 10 })),
      );
      expect((await crawl.ledger.lease(crawl.batch('1'), 9)).pages).toHaveLength(6);
      expect((await standingOf(crawl)).admitted).toBe(6);
      const skipped = endedPage('/skipped', { state: 'skipped', reason: 'robots', detail: 'Disallow: /' });
      await crawl.ledger.fetched(crawl.batch('1'), [endedPage('/failed'), skipped, againPage('/again', 60_000), endedPage('/')]);
      expect((await standingOf(crawl)).admitted).toBe(2);
      const batch = await extractedBatch(crawl, ['/twin', '/kept'], '1');
      expect(await storePages(crawl, batch, [extractedPage('/kept', { text: 'x' }), extractedPage('/twin', { text: 'x' })])).toBe(1);
      expect(await standingOf(crawl)).toMatchObject({ admitted: 1, counts: { stored: 1, duplicate: 1, failed: 2, skipped: 1 } });
      await expectLaws(crawl);
      expect((await crawl.ledger.lease(crawl.batch('2'), 9)).pages).toHaveLength(2);
    });

    it('moves pages for the browser to their own batch, also those that were there before', async () => {
      const crawl = await openCrawl(database());
      await crawl.ledger.lease(crawl.batch('1'), 1);
      const toRender = [{ kind: 'to_render', key: (await crawl.ledger.pagesOf(crawl.batch('1'), ['leased']))[0]!.key }] as const;
      await crawl.ledger.fetched(crawl.batch('1'), toRender);
      expect(await crawl.ledger.pagesOf(crawl.batch('1r'), ['leased'])).toMatchObject([{ url: START, needsBrowser: true }]);
      await crawl.ledger.fetched(crawl.batch('1r'), [againPage('/', 0)]);
      expect((await crawl.ledger.lease(crawl.batch('2'), 1)).pages).toMatchObject([{ needsBrowser: true }]);
      await crawl.ledger.fetched(crawl.batch('2'), toRender);
      await crawl.ledger.fetched(crawl.batch('2'), toRender);
      expect(await pageRow(crawl, '/')).toMatchObject({ batch: '2r', state: 'leased' });
      await expectLaws(crawl);
      await crawl.ledger.abandon(crawl.batch('2'), 'INTERNAL', 'the worker ran out of memory');
      expect(await pageRow(crawl, '/')).toMatchObject({ state: 'failed', reason: 'internal', batch: null });
      await expectLaws(crawl);
      expect((await crawl.ledger.outcome(crawl.jobId)).failure).toMatchObject({ code: 'INTERNAL' });
    });

    it('knows no crawl that is not there', async () => {
      await expect(ledgerOf(database()).plan('job_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(ledgerOf(database()).open('job_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(ledgerOf(database()).lease({ jobId: 'job_none', host: HOST, batch: '1' }, 1)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('begins once with the start page', async () => {
      const crawl = await openCrawl(database());
      await Promise.all(clients.map((client) => ledgerOf(client).open(crawl.jobId)));
      expect(await crawl.ledger.open(crawl.jobId)).toEqual({ hosts: [HOST] });
      expect(await pageRows(crawl)).toMatchObject([{ url: START, state: 'queued' }]);
      expect(await standingOf(crawl)).toMatchObject({ admitted: 0, rowCount: 1, counts: { discovered: 1 } });
      for (const url of ['https://b.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/'])
        await crawl.ledger.moveStart(crawl.jobId, url);
      expect((await crawl.ledger.plan(crawl.jobId)).startUrls).toEqual([START, 'https://b.example/', 'https://c.example/']);
    });
  });
}
