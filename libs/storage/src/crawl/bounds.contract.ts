import { CRAWL_LIMITS } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import type { StorageServer } from '../samples.contract.js';
import {
  expectLaws,
  extractedBatch,
  extractedPage,
  foundPage,
  openCrawl,
  pageRow,
  pageRows,
  standingOf,
  storePages,
  urlOf,
} from './samples.contract.js';

const words = (from: number, to: number): string => Array.from({ length: to - from }, (_, index) => `w${from + index}`).join(' ');

/** Pages that repeat others, and what ends a crawl that would not end by itself. */
export function boundsContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  describe('duplicates', () => {
    it.each(['one transaction', 'several transactions'])('are found in %s', async (how) => {
      const crawl = await openCrawl(database);
      const near = { bands: ['7'], signature: words(0, 100) };
      const pages = [
        extractedPage('/original', { text: 'same' }),
        extractedPage('/copy', { text: 'same' }),
        extractedPage('/near', near),
        extractedPage('/nearly', { bands: ['7', '-9'], signature: words(3, 100) }),
        extractedPage('/far', { bands: ['7'], signature: words(20, 100) }),
        extractedPage('/printed', { signature: words(40, 100), canonicalUrl: urlOf('/near?utm_source=x') }),
        extractedPage('/liar', { signature: words(60, 100), canonicalUrl: urlOf('/near') }),
        extractedPage('/short', { canonicalUrl: urlOf('/near') }),
        extractedPage('/self', { bands: ['-3'], signature: words(200, 210), canonicalUrl: urlOf('/self') }),
        extractedPage('/unknown', { signature: words(300, 310), canonicalUrl: 'http://[' }),
        extractedPage('/empty1', { text: '  ' }),
        extractedPage('/empty2', { text: '  ' }),
      ];
      const names = pages.map(({ url }) => new URL(url).pathname);
      const batch = await extractedBatch(crawl, names);
      for (const part of how === 'one transaction' ? [pages.slice(0, 10), pages.slice(10)] : pages.map((page) => [page]))
        await storePages(crawl, batch, part);
      const repeats = (await pageRows(crawl))
        .filter(({ state }) => state === 'duplicate')
        .map(({ url, reason, duplicateOf }) => ({ url, reason, duplicateOf }));
      expect(repeats).toEqual([
        { url: urlOf('/copy'), reason: 'same_content', duplicateOf: urlOf('/original') },
        { url: urlOf('/nearly'), reason: 'near_duplicate', duplicateOf: urlOf('/near') },
        { url: urlOf('/printed'), reason: 'canonical', duplicateOf: urlOf('/near') },
      ]);
      expect((await standingOf(crawl)).counts.stored).toBe(9);
      await expectLaws(crawl);
    });

    it('are not looked for in other crawls', async () => {
      const [one, two] = [await openCrawl(database), await openCrawl(database)];
      await storePages(one, await extractedBatch(one, ['/a']), [extractedPage('/a')]);
      expect(await storePages(two, await extractedBatch(two, ['/b']), [extractedPage('/b', { text: 'text of /a' })])).toBe(1);
    });
  });

  describe('bounds of a crawl', () => {
    it('close a pattern whose pages repeat each other', async () => {
      const crawl = await openCrawl(database, { limit: 200 });
      const names = Array.from({ length: CRAWL_LIMITS.trapSample }, (_, index) => `/day/${index}`);
      const like = (name: string) => foundPage(name, { pattern: '/day/*' });
      await crawl.ledger.found(crawl.jobId, names.map(like));
      const batch = await extractedBatch(crawl, names);
      await crawl.ledger.found(crawl.jobId, [
        ...Array.from({ length: 2_100 }, (_, index) => like(`/day/next${index}`)),
        foundPage('/other'),
      ]);
      await storePages(
        crawl,
        batch,
        names.slice(0, -1).map((name) => extractedPage(name, { text: 'no events' })),
      );
      expect(await pageRow(crawl, '/day/next0')).toMatchObject({ state: 'queued' });
      await storePages(crawl, batch, [extractedPage(names.at(-1)!, { text: 'no events' })]);
      expect(await pageRow(crawl, '/day/next0')).toMatchObject({ state: 'skipped', reason: 'trap' });
      expect((await standingOf(crawl)).counts).toMatchObject({ stored: 1, duplicate: 49, skipped: 2_000 });
      expect(await pageRow(crawl, '/other')).toMatchObject({ state: 'queued' });
      await crawl.ledger.found(crawl.jobId, [like('/day/late')]);
      expect(await pageRow(crawl, '/day/late')).toMatchObject({ state: 'skipped', reason: 'trap' });
      await expectLaws(crawl);
    });

    it('end endless queries, endless hosts and endless links', async () => {
      const crawl = await openCrawl(database, { limit: 1 });
      const query = (index: number) => foundPage(`/q?n=${index}`, { pattern: '/q?n' });
      await crawl.ledger.found(
        crawl.jobId,
        Array.from({ length: CRAWL_LIMITS.pagesPerQueryPattern - 10 }, (_, index) => query(index)),
      );
      await crawl.ledger.found(
        crawl.jobId,
        Array.from({ length: 20 }, (_, index) => query(index + 5_000)),
      );
      await crawl.ledger.found(crawl.jobId, [query(9_999)]);
      expect(await pageRow(crawl, '/q?n=9999')).toMatchObject({ state: 'skipped', reason: 'trap' });
      expect(await pageRow(crawl, `/q?n=${CRAWL_LIMITS.pagesPerQueryPattern - 11}`)).toMatchObject({ state: 'queued' });
      const hosts = Array.from({ length: CRAWL_LIMITS.hosts + 5 }, (_, index) => foundPage(`https://h${index}.a.example/`));
      const { newHosts } = await crawl.ledger.found(crawl.jobId, hosts);
      expect(newHosts).toHaveLength(CRAWL_LIMITS.hosts - 1);
      expect((await pageRows(crawl)).filter(({ detail }) => detail?.includes('hosts of one site'))).toHaveLength(6);
      await expectLaws(crawl);
      const most = CRAWL_LIMITS.rowsAtLeast + CRAWL_LIMITS.rowsPerPage;
      await database.dataSource.query('update crawls set row_count = $2 where job_id = $1', [crawl.jobId, most - 2]);
      expect(
        await crawl.ledger.found(
          crawl.jobId,
          ['/x', '/y', '/z'].map((name) => foundPage(name)),
        ),
      ).toMatchObject({ added: 2 });
      expect(await crawl.ledger.found(crawl.jobId, [foundPage('/never')])).toEqual({ added: 0, newHosts: [] });
    });
  });
}
