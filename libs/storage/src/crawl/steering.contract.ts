import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { createJobLog } from '../job-log.js';
import { createJobReader } from '../job-reader.js';
import type { StorageServer } from '../samples.contract.js';
import { createLedgerReader } from './ledger-reader.js';
import {
  START,
  endedPage,
  everythingOf,
  expectLaws,
  extractPages,
  extractedBatch,
  extractedPage,
  fetchedPage,
  foundPage,
  keyOf,
  openCrawl,
  pageRow,
  pageRows,
  redirectedPage,
  standingOf,
  storePages,
  urlOf,
} from './samples.contract.js';

/** Changes of a crawl that runs, its end, and what is read of it. */
export function crawlSteeringContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });
  const exclude = (pattern: string) => () => (url: string) =>
    pattern !== '' && url.includes(pattern) ? ({ reason: 'out_of_scope', detail: `exclude ${pattern}` } as const) : null;

  describe('changes of a crawl', () => {
    it('raise and lower the limit', async () => {
      const crawl = await openCrawl(database, { limit: 2 });
      await crawl.ledger.found(
        crawl.jobId,
        ['/a', '/b', '/c'].map((name) => foundPage(name)),
      );
      expect(await crawl.ledger.lease(crawl.batch('1'), 9)).toMatchObject({ pages: [{}, {}], queued: 0 });
      await crawl.ledger.change(crawl.jobId, { limit: 1 }, exclude(''));
      expect(await crawl.ledger.lease(crawl.batch('2'), 9)).toMatchObject({ pages: [], queued: 0 });
      await crawl.ledger.change(crawl.jobId, { limit: 3 }, exclude(''));
      expect((await crawl.ledger.open(crawl.jobId)).hosts).toHaveLength(1);
      const before = await everythingOf(crawl);
      await crawl.ledger.change(crawl.jobId, { limit: 3 }, exclude(''));
      expect(await everythingOf(crawl)).toEqual(before);
      expect(await crawl.ledger.lease(crawl.batch('3'), 9)).toMatchObject({ pages: [{}], queued: 0 });
      expect((await crawl.ledger.plan(crawl.jobId)).settings).toMatchObject({ limit: 3, depth: 10 });
      await expectLaws(crawl);
    });

    it('take back what has no body while the job is paused, and give nothing out', async () => {
      const crawl = await openCrawl(database, { limit: 4 });
      const log = createJobLog(database);
      await crawl.ledger.found(
        crawl.jobId,
        ['/a', '/b', '/c', '/d', '/e'].map((name) => foundPage(name)),
      );
      const batch = crawl.batch('1');
      await crawl.ledger.lease(batch, 3);
      await crawl.ledger.fetched(batch, [fetchedPage('/')]);
      expect(await crawl.ledger.isPaused(crawl.jobId)).toBe(false);
      await log.paused(crawl.jobId, 'pause-1');
      expect(await crawl.ledger.isPaused(crawl.jobId)).toBe(true);
      expect(await crawl.ledger.lease(crawl.batch('2'), 9)).toMatchObject({ pages: [], queued: 1, dueInMs: null });
      for (let times = 0; times < 2; times++) {
        const { pages, queued } = await crawl.ledger.lease(batch, 3);
        expect([pages.map(({ url, state }) => `${state} ${url}`), queued]).toEqual([[`fetched ${START}`], 3]);
        await expectLaws(crawl);
      }
      expect(await pageRow(crawl, '/a')).toMatchObject({ state: 'queued', attempts: 0 });
      await log.resumed(crawl.jobId, 'resume-1');
      const again = crawl.batch('3');
      expect((await crawl.ledger.lease(again, 9)).pages.map(({ url, attempts }) => [url, attempts])).toEqual(
        ['/a', '/b', '/c'].map((name) => [urlOf(name), 1]),
      );
      // A batch that hears of it while it runs returns what it has not asked for, once.
      for (let times = 0; times < 2; times++) await crawl.ledger.fetched(again, [{ kind: 'returned', key: keyOf('/b') }]);
      expect(await pageRow(crawl, '/b')).toMatchObject({ state: 'queued', attempts: 0, batch: null });
      expect(await standingOf(crawl)).toMatchObject({ admitted: 3 });
      await expectLaws(crawl);
    });

    it('leave out what waits, and take in what was out of scope', async () => {
      const crawl = await openCrawl(database);
      const found = Array.from({ length: 1_100 }, (_, index) => foundPage(`/old/${index}`));
      const away = foundPage('/old/away', { verdict: { reason: 'out_of_scope', detail: 'x' }, source: 'redirect' });
      await crawl.ledger.found(crawl.jobId, [
        foundPage('/moved', { priority: 1 }),
        foundPage('/new', { verdict: { reason: 'out_of_scope', detail: 'x' } }),
        foundPage('https://b.example/new', { verdict: { reason: 'out_of_scope', detail: 'x' } }),
        foundPage('/trap', { verdict: { reason: 'trap', detail: 'x' } }),
        ...found,
      ]);
      expect((await crawl.ledger.lease(crawl.batch('1'), 2)).pages.map(({ url }) => url)).toEqual([START, urlOf('/moved')]);
      await crawl.ledger.fetched(crawl.batch('1'), [redirectedPage('/moved', away)]);
      await crawl.ledger.change(crawl.jobId, { exclude: ['/old'] }, exclude('/old'));
      await expectLaws(crawl);
      expect((await standingOf(crawl)).counts.skipped).toBe(1_102);
      expect(await pageRow(crawl, '/old/1099')).toMatchObject({ state: 'skipped', detail: 'exclude /old' });
      expect((await crawl.ledger.open(crawl.jobId)).hosts).toEqual(['a.example', 'b.example']);
      for (const name of ['/new', 'https://b.example/new'])
        expect(await pageRow(crawl, name)).toMatchObject({ state: 'queued', reason: null });
      for (const name of ['/trap', '/moved']) expect(await pageRow(crawl, name)).toMatchObject({ state: 'skipped' });
      await crawl.ledger.change(crawl.jobId, { exclude: [] }, exclude(''));
      expect((await standingOf(crawl)).counts.skipped).toBe(2);
      expect(await pageRow(crawl, '/')).toMatchObject({ state: 'leased' });
      await expectLaws(crawl);
    });
  });

  describe('the end of a crawl', () => {
    it('ends everything that is left with the reason, in turns, and gives its places back', async () => {
      const crawl = await openCrawl(database, { limit: 10 });
      const batch = await extractedBatch(crawl, ['/stored', '/extracted']);
      await storePages(crawl, batch, [extractedPage('/stored')]);
      await crawl.ledger.found(
        crawl.jobId,
        Array.from({ length: 1_200 }, (_, index) => foundPage(`/p${index}`)),
      );
      await crawl.ledger.lease(crawl.batch('2'), 3);
      expect(await crawl.ledger.finish(crawl.jobId, 'deadline')).toBe(false);
      await expectLaws(crawl);
      expect(await crawl.ledger.finish(crawl.jobId, 'deadline')).toBe(true);
      const before = await everythingOf(crawl);
      expect(await crawl.ledger.finish(crawl.jobId, 'deadline')).toBe(true);
      await extractPages(crawl, batch, ['/extracted']);
      expect(await everythingOf(crawl)).toEqual(before);
      const rows = await pageRows(crawl);
      expect(rows.filter(({ reason }) => reason === 'deadline')).toHaveLength(1_202);
      expect(await standingOf(crawl)).toMatchObject({ admitted: 1, counts: { stored: 1, skipped: 1_202 } });
      await expectLaws(crawl);
      expect(await crawl.ledger.outcome(crawl.jobId)).toEqual({ pages: 1, failure: null });
    });

    it('removes fingerprints in turns', async () => {
      const crawl = await openCrawl(database);
      const count = `select count(*)::integer as left from crawl_fingerprints join crawls on number = crawl_number where job_id = $1`;
      await database.dataSource.query(
        'insert into crawl_fingerprints select number, n, n from crawls, generate_series(1, 5500) as n where job_id = $1',
        [crawl.jobId],
      );
      expect(await crawl.ledger.finish(crawl.jobId, 'limit')).toBe(false);
      expect(await database.dataSource.query(count, [crawl.jobId])).toEqual([{ left: 500 }]);
      expect(await crawl.ledger.finish(crawl.jobId, 'limit')).toBe(true);
      expect(await database.dataSource.query(count, [crawl.jobId])).toEqual([{ left: 0 }]);
    });

    it('says what the start page met when nothing was stored, also behind a redirect', async () => {
      const crawl = await openCrawl(database);
      await crawl.ledger.lease(crawl.batch('1'), 1);
      await crawl.ledger.fetched(crawl.batch('1'), [redirectedPage('/', foundPage('/home', { depth: 0 }))]);
      await crawl.ledger.extracted(crawl.batch('1'), {
        pages: [],
        shells: [],
        found: [],
        ends: [{ ...(endedPage('/home') as { end: object }).end, detail: 'no text' } as never],
      });
      expect(await crawl.ledger.outcome(crawl.jobId)).toEqual({ pages: 0, failure: { code: 'CONNECT_FAILED', detail: 'no text' } });
      await expectLaws(crawl);
    });
  });

  describe('reading a ledger', () => {
    it('goes through it in the order of discovery, filtered, in pages', async () => {
      const crawl = await openCrawl(database);
      const names = ['/c', '/a', '/b'];
      const batch = await extractedBatch(crawl, names);
      await storePages(crawl, batch, [extractedPage('/b'), extractedPage('/c'), extractedPage('/a', { text: 'text of /b' })]);
      const reader = createLedgerReader(database);
      const urls: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await reader.pages(crawl.jobId, {}, { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        urls.push(...page.items.map(({ url }) => url));
        cursor = page.next;
      }
      expect(urls).toEqual([START, ...names.map(urlOf)]);
      const { items } = await reader.pages(crawl.jobId, { state: 'duplicate', reason: 'same_content' }, { limit: 10 });
      expect(items).toMatchObject([
        { url: urlOf('/a'), duplicateOf: urlOf('/b'), status: 200, bytes: 10, method: 'http', timingsMs: { fetch: 7, extract: 2 } },
      ]);
      expect((await reader.pages(crawl.jobId, { reason: 'n\0one' }, { limit: 10 })).items).toEqual([]);
      expect((await reader.pages('job_none', {}, { limit: 10 })).items).toEqual([]);
      for (const cursor of ['x', Buffer.from('job_1').toString('base64url'), Buffer.from('9'.repeat(19)).toString('base64url')])
        await expect(reader.pages(crawl.jobId, {}, { limit: 1, cursor })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      const [first] = await reader.exported(crawl.jobId, 0, 1);
      expect(first).toMatchObject({ url: urlOf('/c'), documentId: (await pageRow(crawl, '/c'))!.documentId });
      expect((await reader.exported(crawl.jobId, first!.id, 10)).map(({ url }) => url)).toEqual([urlOf('/b')]);
      const events = await createJobReader(database).events(crawl.jobId, 0, 100);
      expect(events.filter(({ type }) => type === 'page.stored').map(({ url }) => url)).toEqual(['/b', '/c'].map(urlOf));
    });
  });
}
