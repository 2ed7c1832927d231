import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { createDocumentReader } from '../document-reader.js';
import type { StorageServer } from '../samples.contract.js';
import { createSnapshotIndex } from '../snapshot-index.js';
import {
  type SampleCrawl,
  bandsOf,
  crawlOf,
  endJob,
  endOf,
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

/** What the stages of a batch write, and that a repeat of it writes nothing. */
export function stagesContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  async function leased(names: readonly string[], limit = 50): Promise<SampleCrawl> {
    const crawl = await openCrawl(database, { limit });
    await crawl.ledger.found(
      crawl.jobId,
      names.map((name) => foundPage(name)),
    );
    await crawl.ledger.lease(crawl.batch('1'), names.length + 1);
    return crawl;
  }

  describe('stages of a batch', () => {
    it('changes nothing by repeating any stage after any other', async () => {
      const crawl = await leased(['/a', '/b', '/c']);
      const batch = crawl.batch('1');
      const steps: (() => Promise<unknown>)[] = [
        () =>
          crawl.ledger.fetched(batch, [
            fetchedPage('/'),
            fetchedPage('/a'),
            endedPage('/b'),
            endedPage('/b', { state: 'skipped' }),
            redirectedPage('/c', '/d'),
          ]),
        () =>
          crawl.ledger.extracted(batch, {
            pages: ['/', '/a', '/d'].map((name) => ({ key: keyOf(name), templateId: 'tpl_a', extractMs: 1 })),
            ends: [endOf('/b')],
            shells: [],
            found: [foundPage('/e'), foundPage('/e'), foundPage('/out', { verdict: { reason: 'out_of_scope', detail: 'no' } })],
          }),
        () =>
          storePages(
            crawl,
            batch,
            ['/', '/a', '/d', '/a'].map((name) => extractedPage(name)),
          ),
      ];
      for (const [index, step] of steps.entries()) {
        await step();
        await expectLaws(crawl);
        const before = await everythingOf(crawl);
        for (const earlier of steps.slice(0, index + 1)) await earlier();
        await crawl.ledger.abandon(crawl.batch('none'), 'INTERNAL', 'x');
        await crawl.ledger.open(crawl.jobId);
        expect(await everythingOf(crawl)).toEqual(before);
      }
      expect((await standingOf(crawl)).counts).toMatchObject({ fetched: 3, extracted: 3, stored: 3, duplicate: 1, skipped: 2, failed: 0 });
      expect(await createSnapshotIndex(database).latest(urlOf('/a'))).toMatchObject({ url: urlOf('/a') });
    });

    it('opens shells in the browser once', async () => {
      const crawl = await leased([]);
      const shells = { pages: [], ends: [], shells: [keyOf('/')], found: [] };
      await crawl.ledger.fetched(crawl.batch('1'), [fetchedPage('/')]);
      await crawl.ledger.extracted(crawl.batch('1'), shells);
      await crawl.ledger.extracted(crawl.batch('1'), shells);
      expect(await standingOf(crawl)).toMatchObject({ admitted: 1, counts: { fetched: 0 } });
      await crawl.ledger.fetched(crawl.batch('1r'), [fetchedPage('/')]);
      await crawl.ledger.extracted(crawl.batch('1r'), shells);
      expect(await pageRow(crawl, '/')).toMatchObject({ state: 'fetched', batch: '1r' });
      expect((await standingOf(crawl)).counts.fetched).toBe(1);
      await expectLaws(crawl);
    });

    it('adopts the target of redirects once', async () => {
      const crawl = await leased(['/a', '/b', '/c', '/e', '/known']);
      await crawl.ledger.found(crawl.jobId, [foundPage('/waiting')]);
      const out = foundPage('https://other.example/', { verdict: { reason: 'out_of_scope', detail: 'host other.example' } });
      const gave = [
        redirectedPage('/a', '/t'),
        redirectedPage('/b', '/t'),
        redirectedPage('/c', '/known'),
        redirectedPage('/e', '/waiting'),
        redirectedPage('/', out),
      ];
      await crawl.ledger.fetched(crawl.batch('1'), gave);
      await expectLaws(crawl);
      const before = await everythingOf(crawl);
      await crawl.ledger.fetched(crawl.batch('1'), gave);
      await crawl.ledger.fetched(crawl.batch('1'), [redirectedPage('/a', '/elsewhere')]);
      expect(await everythingOf(crawl)).toEqual(before);
      expect(await pageRow(crawl, '/t')).toMatchObject({ state: 'fetched', batch: '1', attempts: 1, hasSnapshot: true });
      expect(await pageRow(crawl, '/waiting')).toMatchObject({ state: 'fetched', batch: '1' });
      expect(await pageRow(crawl, '/known')).toMatchObject({ state: 'leased' });
      for (const name of ['/a', '/b'])
        expect(await pageRow(crawl, name)).toMatchObject({ state: 'duplicate', reason: 'redirect', duplicateOf: urlOf('/t') });
      expect(await pageRow(crawl, '/')).toMatchObject({ state: 'skipped', reason: 'out_of_scope' });
      expect((await pageRows(crawl)).some(({ url }) => url === out.url)).toBe(false);
      expect((await standingOf(crawl)).counts).toMatchObject({ fetched: 2, duplicate: 4, skipped: 1, discovered: 8 });
      expect(await createSnapshotIndex(database).latest(urlOf('/t'))).toMatchObject({ url: urlOf('/t') });
    });

    it('takes what the site says is gone out of the knowledge', async () => {
      const first = await openCrawl(database);
      await storePages(first, await extractedBatch(first, ['/a', '/b']), [extractedPage('/a'), extractedPage('/b')]);
      const [a, b] = [(await pageRow(first, '/a'))!.documentId!, (await pageRow(first, '/b'))!.documentId!];
      await endJob(first, 'completed');
      const second = await openCrawl(database, {}, first.ownerId);
      const stranger = await openCrawl(database);
      await storePages(stranger, await extractedBatch(stranger, ['/a']), [extractedPage('/a')]);
      await second.ledger.found(second.jobId, [foundPage('/a'), foundPage('/b')]);
      await second.ledger.lease(second.batch('1'), 9);
      await second.ledger.fetched(second.batch('1'), [endedPage('/a', { reason: 'http_404', status: 404 }), endedPage('/b')]);
      const reader = createDocumentReader(database);
      expect(await reader.chunks(first.ownerId, a)).toEqual([]);
      expect(await reader.chunks(first.ownerId, b)).toHaveLength(1);
      expect(await reader.chunks(stranger.ownerId, (await pageRow(stranger, '/a'))!.documentId!)).toHaveLength(1);
      expect(await second.ledger.known(first.ownerId, [keyOf('/a'), keyOf('/b')])).toMatchObject([{ documentId: b }]);
      await expectLaws(second);
    });

    it('keeps unchanged pages of a refresh, and replaces those that changed', async () => {
      const first = await openCrawl(database);
      const names = ['/a', '/b', '/c'];
      await storePages(
        first,
        await extractedBatch(first, names),
        names.map((name) => extractedPage(name)),
      );
      await endJob(first, 'completed');
      const second = await openCrawl(database, { refresh: true }, first.ownerId);
      const batch = await extractedBatch(second, names);
      const later = '2026-02-01T00:00:00.000Z';
      const pages = [
        extractedPage('/a'),
        extractedPage('/b', { text: 'new', fetchedAt: later }),
        extractedPage('/c', { title: 'Another', fetchedAt: later }),
      ];
      expect(await storePages(second, batch, pages)).toBe(2);
      expect(await pageRow(second, '/a')).toMatchObject({ state: 'unchanged', documentId: (await pageRow(first, '/a'))!.documentId });
      expect(await createDocumentReader(database).chunks(first.ownerId, (await pageRow(first, '/b'))!.documentId!)).toEqual([]);
      await expectLaws(second);
      const twin = await extractedBatch(second, ['/twin'], '2');
      await storePages(second, twin, [extractedPage('/twin', { text: 'text of /a' })]);
      expect(await pageRow(second, '/twin')).toMatchObject({ state: 'duplicate', duplicateOf: urlOf('/a') });
      await expectLaws(second);
    });

    it('keeps unchanged pages that would be made in the same way today, unless more is wanted of them', async () => {
      const first = await openCrawl(database);
      const names = ['/a', '/b', '/c', '/d'];
      const embedding = { mode: 'none' } as const;
      await storePages(first, await extractedBatch(first, names), [
        extractedPage('/a', { signature: 'some words of this page' }),
        extractedPage('/b'),
        { ...extractedPage('/c'), embedding },
        { ...extractedPage('/d'), embedding: { mode: 'vector', model: 'm', dimensions: 3 } },
      ]);
      await endJob(first, 'completed');
      const second = await openCrawl(database, { refresh: true }, first.ownerId);
      const batch = await extractedBatch(second, ['/b', '/c', '/d']);
      const general = { ...extractedPage('/b').page, method: 'general', version: null } as const;
      expect(await storePages(second, batch, [{ ...extractedPage('/b'), page: general }, extractedPage('/c'), extractedPage('/d')])).toBe(
        2,
      );
      const stateOf = async (name: string) => (await pageRow(second, name))?.state;
      expect([await stateOf('/b'), await stateOf('/c'), await stateOf('/d')]).toEqual(['stored', 'stored', 'unchanged']);
      // Its body was the same: nothing was extracted. It is repeated by others all the same, word for word and nearly.
      const documentId = (await pageRow(first, '/a'))?.documentId ?? '';
      await second.ledger.fetched(batch, [fetchedPage('/a')]);
      const end = { key: keyOf('/a'), state: 'unchanged', reason: null, detail: null, documentId } as const;
      await second.ledger.extracted(batch, { pages: [], ends: [end], shells: [], found: [] });
      const bands = bandsOf('some words of this page');
      await storePages(second, await extractedBatch(second, ['/twin', '/near'], '3'), [
        extractedPage('/twin', { text: 'text of /a' }),
        extractedPage('/near', { bands: [bands[2] ?? ''], signature: 'some words of this page' }),
      ]);
      for (const name of ['/twin', '/near'])
        expect(await pageRow(second, name)).toMatchObject({ state: 'duplicate', duplicateOf: urlOf('/a') });
      await expectLaws(second);
    });

    it('changes nothing of a job that is final', async () => {
      const crawl = await leased(['/a', '/b']);
      const batch = crawl.batch('1');
      await extractPages(crawl, batch, ['/a']);
      await endJob(crawl, 'cancelled');
      const before = await everythingOf(crawl);
      expect(await crawl.ledger.lease(batch, 9)).toEqual({ pages: [], queued: 0, dueInMs: null });
      await crawl.ledger.fetched(batch, [fetchedPage('/b'), redirectedPage('/', '/t')]);
      await crawl.ledger.extracted(batch, { pages: [], ends: [endOf('/b')], shells: [], found: [foundPage('/n')] });
      expect(await crawl.ledger.found(crawl.jobId, [foundPage('/n')])).toEqual({ added: 0, newHosts: [] });
      await crawl.ledger.abandon(batch, 'INTERNAL', 'x');
      await crawl.ledger.moveStart(crawl.jobId, 'https://b.example/');
      await crawl.ledger.change(crawl.jobId, { limit: 1, exclude: ['/'] }, () => () => ({ reason: 'out_of_scope', detail: 'x' }));
      await crawl.ledger.open(crawl.jobId);
      await expect(storePages(crawl, batch, [extractedPage('/a')])).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await crawl.ledger.finish(crawl.jobId, 'cancelled')).toBe(true);
      expect(await everythingOf(crawl)).toEqual(before);
      const late = await openCrawl(database);
      await endJob(late, 'cancelled');
      await late.ledger.open(late.jobId);
      expect(await standingOf(late)).toMatchObject({ rowCount: 1 });
    });

    it('takes hostile text', async () => {
      const crawl = await openCrawl(database);
      const odd = 'n\0ul \ud800 end';
      const found = [0, 1].map((index) =>
        foundPage(`/odd${index}`, {
          url: `https://a.example/odd${index}\0\udc00`,
          pattern: index === 0 ? '/o\0' : '/o',
          lastModified: ['+010000-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z'][index]!,
        }),
      );
      expect(
        (
          await crawl.ledger.found(crawl.jobId, [
            ...found,
            foundPage('/x', { lastModified: 'soon', verdict: { reason: 'trap', detail: odd.repeat(200) } }),
          ])
        ).added,
      ).toBe(3);
      await crawl.ledger.lease(crawl.batch('1'), 9);
      await crawl.ledger.fetched(crawl.batch('1'), [
        fetchedPage('/odd0'),
        endedPage('/odd1', { detail: odd.repeat(100) }),
        { kind: 'again', key: keyOf('/'), code: 'FETCH_TIMEOUT', detail: odd, afterMs: 1 },
      ]);
      await crawl.ledger.extracted(crawl.batch('1'), {
        pages: [{ key: keyOf('/odd0'), templateId: odd, extractMs: 1 }],
        ends: [],
        shells: [],
        found: [],
      });
      expect(await storePages(crawl, crawl.batch('1'), [extractedPage('/odd0', { title: odd, text: odd })])).toBe(1);
      await expectLaws(crawl);
      expect(await crawlOf(database, crawl.jobId, crawl.ownerId).ledger.samples(crawl.jobId, odd, 5)).toHaveLength(1);
    });
  });
}
