import type { ExtractedBatchPage, FieldReport } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { createDocumentReader } from '../document-reader.js';
import type { StorageServer } from '../samples.contract.js';
import {
  type SampleCrawl,
  endJob,
  extractedBatch,
  extractedPage,
  keyOf,
  openCrawl,
  pageRow,
  pageRows,
  storePages,
} from './samples.contract.js';

const FIELDS = { height: { type: 'number' } } as const;
const report = (change: Partial<FieldReport> = {}): FieldReport => ({
  asked: 'key-1',
  methods: { height: 'general' },
  missing: [],
  valid: true,
  modelCalls: 0,
  modelCallsAvoided: 1,
  model: null,
  tokens: 0,
  costUsd: 0,
  ...change,
});
const missing = [{ path: 'height', required: true, reason: 'not_found' }] as const;

function answered(name: string, fields: ExtractedBatchPage['page']['fields'], fieldReport = report()): ExtractedBatchPage {
  const page = extractedPage(name);
  return { ...page, page: { ...page.page, fields, fieldReport } };
}

/** What a crawl asks its pages for, and what became of the answers. */
export function askedContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  async function stored(crawl: SampleCrawl, pages: readonly ExtractedBatchPage[]): Promise<void> {
    const batch = await extractedBatch(
      crawl,
      pages.map(({ url }) => new URL(url).pathname),
    );
    await storePages(crawl, batch, pages);
  }

  describe('fields that a crawl asks for', () => {
    it('are settings of the crawl, and of one that asks for nothing there are none', async () => {
      const asking = await openCrawl(database, { fields: FIELDS });
      expect((await asking.ledger.plan(asking.jobId)).settings.asked).toEqual(FIELDS);
      await asking.ledger.change(asking.jobId, { limit: 7 }, () => () => null);
      expect((await asking.ledger.plan(asking.jobId)).settings).toMatchObject({ limit: 7, asked: FIELDS });
      const plain = await openCrawl(database);
      expect((await plain.ledger.plan(plain.jobId)).settings).not.toHaveProperty('asked');
    });

    it('are kept with each document, and pages that lack one are counted at the end', async () => {
      const crawl = await openCrawl(database, { fields: FIELDS });
      await stored(crawl, [answered('/a', { height: 20.5 }), answered('/b', {}, report({ missing, valid: false })), extractedPage('/c')]);
      expect(await crawl.ledger.outcome(crawl.jobId)).toEqual({ pages: 3, failure: null, incomplete: 1 });
      const { documentId } = (await pageRow(crawl, '/b')) ?? {};
      expect((await createDocumentReader(database).get(crawl.ownerId, documentId ?? ''))?.page).toMatchObject({
        fields: {},
        fieldReport: { missing, valid: false },
      });
      const plain = await openCrawl(database);
      await stored(plain, [extractedPage('/a')]);
      expect(await plain.ledger.outcome(plain.jobId)).toEqual({ pages: 1, failure: null });
    });

    it('tell of a document whether it answers the same question', async () => {
      const crawl = await openCrawl(database, { fields: FIELDS });
      const problem = { code: 'MODEL_FAILED', detail: 'no' } as const;
      const { asked: _asked, ...old } = report();
      await stored(crawl, [
        answered('/full', { height: 1 }),
        answered('/empty', {}, report({ missing })),
        answered('/declined', {}, report({ missing, model: 'p:m' })),
        answered('/unanswered', {}, report({ missing, model: 'p:m', problem })),
        answered('/old', { height: 2 }, old),
        extractedPage('/plain'),
      ]);
      const names = ['/full', '/empty', '/declined', '/unanswered', '/old', '/plain'];
      const known = new Map((await crawl.ledger.known(crawl.ownerId, names.map(keyOf))).map(({ key, asked }) => [key, asked]));
      expect(names.map((name) => known.get(keyOf(name)))).toEqual([
        { key: 'key-1', isSettled: true },
        { key: 'key-1', isSettled: false },
        { key: 'key-1', isSettled: true },
        { key: 'key-1', isSettled: false },
        { key: null, isSettled: true },
        null,
      ]);
    });

    it('keep a page unchanged only where the same question has the same answer', async () => {
      const first = await openCrawl(database, { fields: FIELDS });
      const pages = ['/same', '/other-value', '/other-question', '/unasked'].map((name) => answered(name, { height: 1, b: [1, { c: 2 }] }));
      await stored(first, [...pages, extractedPage('/plain'), extractedPage('/newly-asked')]);
      await endJob(first, 'completed');
      const again = await openCrawl(database, { fields: FIELDS, refresh: true }, first.ownerId);
      await stored(again, [
        answered('/same', { b: [1, { c: 2 }], height: 1 }, report({ model: 'p:m' })),
        answered('/other-value', { height: 2, b: [1, { c: 2 }] }),
        answered('/other-question', { height: 1, b: [1, { c: 2 }] }, report({ asked: 'key-2' })),
        extractedPage('/unasked'),
        extractedPage('/plain'),
        answered('/newly-asked', {}),
      ]);
      const rows = new Map((await pageRows(again)).map(({ url, state }) => [new URL(url).pathname, state]));
      const states = ['/same', '/other-value', '/other-question', '/unasked', '/plain', '/newly-asked'].map((name) => rows.get(name));
      expect(states).toEqual(['unchanged', 'stored', 'stored', 'stored', 'unchanged', 'stored']);
    });
  });
}
