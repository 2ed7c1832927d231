import { beforeAll, describe, expect, it } from 'vitest';
import { type RetryFrom, renderedBatch } from '@gleaner/domain';
import type { Database } from '../database.js';
import { createJobWriter } from '../job-writer.js';
import { createJobLog } from '../job-log.js';
import { jobDraft, newOwner, type StorageServer } from '../samples.contract.js';
import {
  START,
  type SampleCrawl,
  crawlOf,
  endJob,
  endedPage,
  everythingOf,
  expectLaws,
  extractPages,
  extractedPage,
  foundPage,
  keyOf,
  ledgerOf,
  openCrawl,
  pageRow,
  pageRows,
  redirectedPage,
  snapshotOf,
  standingOf,
  storePages,
  urlOf,
} from './samples.contract.js';

/** Crawls that do another one again, and visits of a site that was visited before. */
export function againContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  async function retry({ jobId, ownerId }: SampleCrawl, from?: RetryFrom): Promise<SampleCrawl> {
    const job = await createJobWriter(database).retry(ownerId, jobId, from);
    await ledgerOf(database).open(job.id);
    return crawlOf(database, job.id, ownerId);
  }

  /** Stored, twin, failed with and without a body, redirected, extracted, leased, waiting and out of scope. */
  async function mixedCrawl(): Promise<SampleCrawl> {
    const crawl = await openCrawl(database, { limit: 20 });
    const names = ['/stored', '/twin', '/failed', '/broken', '/moved', '/extracted', '/leased'];
    const out = foundPage('/out', { verdict: { reason: 'out_of_scope', detail: 'exclude /out' } });
    await crawl.ledger.found(crawl.jobId, [...names.map((name) => foundPage(name)), out]);
    const batch = crawl.batch('1');
    await crawl.ledger.lease(batch, 50);
    await crawl.ledger.found(crawl.jobId, [foundPage('/waiting')]);
    await crawl.ledger.fetched(batch, [endedPage('/failed'), redirectedPage('/moved', '/target')]);
    await extractPages(crawl, batch, ['/stored', '/twin', '/extracted']);
    await crawl.ledger.fetched(batch, [
      { kind: 'fetched', key: keyOf('/broken'), snapshot: snapshotOf('/broken'), notModified: false, fetchMs: 1 },
    ]);
    await crawl.ledger.extracted(batch, {
      pages: [],
      ends: [{ key: keyOf('/broken'), state: 'failed', reason: 'internal', detail: 'x', code: 'PARSE_TIMEOUT' }],
      shells: [],
      found: [],
    });
    await storePages(crawl, batch, [extractedPage('/stored'), extractedPage('/twin', { text: 'text of /stored' })]);
    return crawl;
  }

  describe('crawls done again', () => {
    it('open in the browser what was on its way there, and take no shell for its body', async () => {
      const first = await openCrawl(database);
      await first.ledger.found(first.jobId, [foundPage('/shell'), foundPage('/rendered')]);
      const batch = first.batch('1');
      await first.ledger.lease(batch, 50);
      await first.ledger.fetched(batch, [
        { kind: 'fetched', key: keyOf('/shell'), snapshot: snapshotOf('/shell'), notModified: false, fetchMs: 1 },
        { kind: 'fetched', key: keyOf('/rendered'), snapshot: snapshotOf('/rendered'), notModified: false, fetchMs: 1 },
      ]);
      await first.ledger.extracted(batch, { pages: [], ends: [], shells: [keyOf('/shell'), keyOf('/rendered')], found: [] });
      const browser = { ...snapshotOf('/rendered'), method: 'browser' as const };
      await first.ledger.fetched({ ...batch, batch: renderedBatch(batch.batch) }, [
        { kind: 'fetched', key: keyOf('/rendered'), snapshot: browser, notModified: false, fetchMs: 1 },
      ]);
      await first.ledger.finish(first.jobId, 'cancelled');
      await endJob(first, 'cancelled');
      const again = await retry(first);
      const rows = new Map((await pageRows(again)).map((row) => [row.url, `${row.state} ${row.reuse}`]));
      expect([rows.get(urlOf('/shell')), rows.get(urlOf('/rendered'))]).toEqual(['queued false', 'queued true']);
    });

    it('keep what was done, and go on from bodies that are there', async () => {
      const first = await mixedCrawl();
      expect(await first.ledger.finish(first.jobId, 'cancelled')).toBe(true);
      await expectLaws(first);
      await endJob(first, 'cancelled');
      const again = await retry(first);
      const before = await everythingOf(again);
      await again.ledger.open(again.jobId);
      expect(await everythingOf(again)).toEqual(before);
      const rows = new Map((await pageRows(again)).map((row) => [row.url, row]));
      const stateOf = (name: string): string => `${rows.get(urlOf(name))?.state} ${rows.get(urlOf(name))?.reuse}`;
      expect(
        Object.fromEntries(
          ['/', '/stored', '/twin', '/failed', '/broken', '/moved', '/target', '/extracted', '/leased', '/waiting', '/out'].map((name) => [
            name,
            stateOf(name),
          ]),
        ),
      ).toEqual({
        '/': 'queued false',
        '/stored': 'stored false',
        '/twin': 'duplicate false',
        '/failed': 'queued false',
        '/broken': 'queued true',
        '/moved': 'duplicate false',
        '/target': 'queued true',
        '/extracted': 'queued true',
        '/leased': 'queued false',
        '/waiting': 'queued false',
        '/out': 'skipped false',
      });
      // What was taken over as it was has been counted where it was done.
      expect((await again.ledger.tally(again.jobId)).filter(({ state }) => state !== 'queued')).toEqual([
        { state: 'skipped', reason: 'out_of_scope', pages: 1 },
      ]);
      expect(await first.ledger.tally(first.jobId)).toContainEqual({ state: 'duplicate', reason: 'same_content', pages: 1 });
      expect(await pageRow(again, '/stored')).toMatchObject({ documentId: (await pageRow(first, '/stored'))!.documentId });
      expect(await standingOf(again)).toMatchObject({
        admitted: 1,
        rowCount: 11,
        counts: { stored: 1, duplicate: 2, skipped: 1, failed: 0 },
      });
      const { pages } = await again.ledger.lease(again.batch('1'), 50);
      expect(
        pages
          .filter(({ snapshot }) => snapshot !== null)
          .map(({ url }) => url)
          .toSorted(),
      ).toEqual(['/broken', '/extracted', '/target'].map(urlOf));
      await expectLaws(again);
      // What the earlier crawl stored is not stored again under another URL.
      await extractPages(again, again.batch('1'), ['/waiting']);
      await storePages(again, again.batch('1'), [extractedPage('/waiting', { text: 'text of /stored' })]);
      expect(await pageRow(again, '/waiting')).toMatchObject({ state: 'duplicate', duplicateOf: urlOf('/stored') });
      await expectLaws(again);
    });

    it('may be completed ones of which pages failed, and no others', async () => {
      const first = await mixedCrawl();
      await expect(createJobWriter(database).retry(first.ownerId, first.jobId, 'extract')).rejects.toMatchObject({ code: 'CONFLICT' });
      await first.ledger.finish(first.jobId, 'limit');
      await endJob(first, 'completed');
      const again = await retry(first);
      expect(again.jobId).not.toBe(first.jobId);
      expect((await createJobWriter(database).retry(first.ownerId, first.jobId)).id).toBe(again.jobId);
      const whole = await openCrawl(database);
      await endJob(whole, 'completed');
      await expect(createJobWriter(database).retry(whole.ownerId, whole.jobId)).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('extract every stored body again, beside a crawl of the same request', async () => {
      const first = await mixedCrawl();
      await first.ledger.finish(first.jobId, 'limit');
      await endJob(first, 'completed');
      const writer = createJobWriter(database);
      const [{ dedupe }] = await database.dataSource.query('select dedupe_hash as dedupe from jobs where id = $1', [first.jobId]);
      const draft = jobDraft(first.ownerId, { kind: 'crawl', input: { url: START } });
      const live = await writer.create(draft);
      const liveId = live.kind === 'mismatch' ? '' : live.job.id;
      await database.dataSource.query('update jobs set dedupe_hash = $2 where id = $1', [liveId, dedupe]);
      const [one, two] = await Promise.all([
        writer.retry(first.ownerId, first.jobId, 'extract'),
        writer.retry(first.ownerId, first.jobId, 'extract'),
      ]);
      expect(one.id).toBe(two.id);
      expect(one.id).not.toBe(liveId);
      const again = crawlOf(database, one.id, first.ownerId);
      await again.ledger.open(one.id);
      const reused = (await pageRows(again)).filter(({ reuse }) => reuse);
      expect(reused.map(({ url }) => url).toSorted()).toEqual(['/broken', '/extracted', '/stored', '/target', '/twin'].map(urlOf));
      expect(reused.every(({ state }) => state === 'queued')).toBe(true);
      expect(await standingOf(again)).toMatchObject({ admitted: 0, rowCount: 11, counts: { stored: 0, duplicate: 1 } });
      await expectLaws(again);
      // Nothing is asked of the site: what has no body stays as it ended, and nothing new comes in.
      const { pages } = await again.ledger.lease(again.batch('all'), 50);
      expect(pages.filter(({ snapshot }) => snapshot === null)).toEqual([]);
      expect(await pageRow(again, '/failed')).toMatchObject({ state: 'failed', reason: 'http_error' });
      expect(await pageRow(again, '/waiting')).toMatchObject({ state: 'skipped', reason: 'limit' });
      expect((await again.ledger.plan(again.jobId)).settings).toMatchObject({ offline: true, sitemap: 'skip', refresh: false });
      await again.ledger.change(again.jobId, { exclude: [] }, () => () => null);
      expect(await pageRow(again, '/out')).toMatchObject({ state: 'skipped', reason: 'out_of_scope' });
      // One that fails is done again from its own states, not from the beginning.
      await extractPages(again, again.batch('all'), ['/stored']);
      await storePages(again, again.batch('all'), [extractedPage('/stored')]);
      await endJob(again, 'failed');
      await createJobLog(database).finish(liveId, { state: 'cancelled' });
      const third = await retry(again);
      expect(await pageRow(third, '/stored')).toMatchObject({ state: 'stored' });
      expect(await pageRow(third, '/twin')).toMatchObject({ state: 'queued', reuse: true });
      await expectLaws(third);
    });

    it('extract what a crawl that was cut off had, and leave the rest', async () => {
      const first = await mixedCrawl();
      await endJob(first, 'failed');
      const again = await retry(first, 'extract');
      expect(await pageRow(again, '/leased')).toMatchObject({ state: 'skipped', reason: 'cancelled' });
      expect(await pageRow(again, '/extracted')).toMatchObject({ state: 'queued', reuse: true });
      expect((await pageRows(again)).filter(({ state, reuse }) => state === 'queued' && !reuse)).toEqual([]);
      await expectLaws(again);
      // No ledger to copy from: no page is made up.
      const none = await openCrawl(database);
      await database.dataSource.query('delete from crawl_pages where job_id = $1', [none.jobId]);
      await endJob(none, 'failed');
      expect(await pageRows(await retry(none, 'extract'))).toEqual([]);
    });

    it('visit what was stored before when they refresh a site', async () => {
      const first = await mixedCrawl();
      await first.ledger.finish(first.jobId, 'limit');
      await endJob(first, 'completed');
      const other = await openCrawl(database, { refresh: true }, newOwner());
      expect(await standingOf(other)).toMatchObject({ rowCount: 1 });
      const second = await openCrawl(database, { refresh: true }, first.ownerId);
      expect((await pageRows(second)).map(({ url, state, reuse }) => ({ url, state, reuse }))).toEqual(
        ['/stored', '/'].map((name) => ({ url: urlOf(name), state: 'queued', reuse: false })),
      );
      const page = (await second.ledger.lease(second.batch('1'), 9)).pages.find(({ url }) => url === urlOf('/stored'));
      expect(page).toMatchObject({ snapshot: null, state: 'leased' });
      await expectLaws(second);
    });

    it('visit only what is wanted now, and know from the beginning where the site lives', async () => {
      const first = await openCrawl(database, { depth: 9 });
      await first.ledger.moveStart(first.jobId, 'https://b.example/');
      const moved = foundPage('https://b.example/page', { source: 'redirect' });
      const names = ['/', '/kept', '/private', '/deep'];
      await first.ledger.found(first.jobId, [foundPage('/kept'), foundPage('/private'), foundPage('/deep', { depth: 5 }), moved]);
      for (const host of ['a.example', 'b.example']) {
        const batch = first.batch(host, host);
        await first.ledger.lease(batch, 50);
        const pages = host === 'a.example' ? names : [moved.url];
        await extractPages(first, batch, pages);
        await storePages(
          first,
          batch,
          pages.map((name) => extractedPage(name)),
        );
      }
      await endJob(first, 'completed');
      const second = await openCrawl(database, { refresh: true, depth: 3, limit: 2, exclude: ['/private', '/'] }, first.ownerId);
      await second.ledger.open(second.jobId);
      const rows = (await pageRows(second)).map(({ url, state, reason, documentId }) => ({ url, state, reason, documentId }));
      expect(rows).toEqual([
        { url: START, state: 'queued', reason: null, documentId: null },
        { url: urlOf('/kept'), state: 'queued', reason: null, documentId: null },
        { url: urlOf('/private'), state: 'skipped', reason: 'out_of_scope', documentId: null },
        { url: moved.url, state: 'queued', reason: null, documentId: null },
      ]);
      await expectLaws(second);
      expect((await second.ledger.plan(second.jobId)).startUrls).toEqual([START, 'https://b.example/']);
      // A link to it that is short enough brings the page that was too deep.
      await second.ledger.found(second.jobId, [foundPage('/deep', { depth: 2 })]);
      expect(await pageRow(second, '/deep')).toMatchObject({ state: 'queued' });
      expect((await second.ledger.lease(second.batch('1'), 50)).pages).toHaveLength(2);
      await expectLaws(second);
    });

    it('copy thousands of pages in turns', async () => {
      const first = await openCrawl(database);
      await database.dataSource.query(
        `insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, state, snapshot)
         select $1, 'h' || n, 'https://a.example/' || n, 'a.example', '/*', 1, 100, 'link',
           case n % 3 when 0 then 'stored' when 1 then 'failed' else 'skipped' end, '{}' from generate_series(1, 4500) as n`,
        [first.jobId],
      );
      await endJob(first, 'failed');
      const again = await retry(first);
      expect(await standingOf(again)).toMatchObject({
        admitted: 1_500,
        rowCount: 4_501,
        counts: { stored: 1_500, skipped: 1_500, failed: 0, discovered: 4_501 },
      });
      const [pattern] = await database.dataSource.query(`select pages from crawl_patterns where job_id = $1 and pattern = '/*'`, [
        again.jobId,
      ]);
      expect(pattern).toEqual({ pages: 3_000 });
      await expectLaws(again);
    });
  });
}
