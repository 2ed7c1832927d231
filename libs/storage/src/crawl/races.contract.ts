import type { LeasedPage } from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import { createDocumentWriter } from '../document-writer.js';
import { createJobReader } from '../job-reader.js';
import { chunkOf, createJob, documentOf, newOwner, type StorageServer } from '../samples.contract.js';
import {
  type SampleCrawl,
  crawlOf,
  endedPage,
  expectLaws,
  extractedPage,
  fetchedPage,
  foundPage,
  keyOf,
  openCrawl,
  standingOf,
  storePages,
  urlOf,
} from './samples.contract.js';

const WORKERS = 8;
const PAGES = 120;
const pathOf = ({ url }: LeasedPage): string => new URL(url).pathname;

/** Workers with a connection each, at the same pages of the same owner. Whatever a worker does must not fail. */
export function ledgerRaces(server: StorageServer): void {
  let clients: Database[] = [];
  beforeAll(async () => {
    clients = await Promise.all(Array.from({ length: WORKERS }, () => server.open(1)));
  });

  /** One batch from its lease to its end; with a worker that did not die beside it. */
  async function work(crawl: SampleCrawl, name: string, twin: SampleCrawl): Promise<number> {
    const batch = crawl.batch(name);
    const { pages } = await crawl.ledger.lease(batch, 6);
    const gone = pages.filter((page) => Number(pathOf(page).slice(2)) % 7 === 3);
    const there = pages.filter((page) => !gone.includes(page)).toReversed();
    const marks = there.map(({ key }) => ({ key, templateId: 't', extractMs: 1 }));
    const found = there.map((page) => foundPage(`${pathOf(page)}/more`));
    const texts = there.map((page, index) => extractedPage(pathOf(page), index === 0 ? { text: 'twin' } : {}));
    const both = (run: (one: SampleCrawl) => Promise<unknown>): Promise<unknown> => Promise.all([run(crawl), run(twin)]);
    await both((one) =>
      one.ledger.fetched(batch, [
        ...there.map((page) => fetchedPage(pathOf(page))),
        ...gone.map((page) => endedPage(pathOf(page), { reason: 'http_404', status: 404 })),
      ]),
    );
    await both((one) => one.ledger.extracted(batch, { pages: marks, ends: [], shells: [], found }));
    await both((one) => storePages(one, batch, texts));
    return pages.length;
  }

  describe('races of a crawl', () => {
    it('end with the ledger, the counters and the documents in agreement', async () => {
      const ownerId = newOwner();
      const names = Array.from({ length: PAGES }, (_, index) => foundPage(`/p${index}`));
      const crawls = [await openCrawl(clients[0]!, { limit: 90 }, ownerId), await openCrawl(clients[1]!, { limit: 90 }, ownerId)];
      for (const crawl of crawls) await crawl.ledger.found(crawl.jobId, crawl === crawls[0] ? names : names.toReversed());
      const workers = Array.from({ length: WORKERS }, async (_, index) => {
        const { jobId } = crawls[index % 2]!;
        const crawl = crawlOf(clients[index]!, jobId, ownerId);
        const twin = crawlOf(clients[(index + 2) % WORKERS]!, jobId, ownerId);
        for (let turn = 0; turn < 6; turn++) if ((await work(crawl, `${index}.${turn}`, twin)) === 0) return;
      });
      const beside = Array.from({ length: 40 }, async (_, index) => {
        const database = clients[index % WORKERS]!;
        const crawl = crawls[index % 2]!;
        const own = crawlOf(database, crawl.jobId, ownerId);
        if (index % 4 === 0) await own.ledger.change(crawl.jobId, { limit: 80 + index, exclude: [] }, () => () => null);
        if (index % 4 === 1) await own.ledger.abandon(own.batch(`${index % WORKERS}.1`), 'INTERNAL', 'x');
        if (index % 4 > 1) {
          const job = await createJob(database, ownerId);
          const url = urlOf(`/p${index}`);
          await createDocumentWriter(database).store(documentOf(job, { url, urlKey: url }), [chunkOf(0), chunkOf(1)]);
        }
      });
      await Promise.all([...workers, ...beside]);
      for (const crawl of crawls) await expectLaws(crawl);
      const ending = Array.from({ length: WORKERS }, (_, index) => crawlOf(clients[index]!, crawls[index % 2]!.jobId, ownerId));
      await Promise.all(
        ending.map((crawl, index) =>
          index < 4 ? crawl.ledger.finish(crawl.jobId, 'limit') : crawl.ledger.lease(crawl.batch(`late ${index}`), 5),
        ),
      );
      for (const crawl of crawls) {
        while (!(await crawl.ledger.finish(crawl.jobId, 'limit')));
        await expectLaws(crawl);
        expect((await standingOf(crawl)).counts.stored).toBeGreaterThan(0);
        expect((await createJobReader(clients[0]!).get(ownerId, crawl.jobId))?.counts).toEqual((await standingOf(crawl)).counts);
      }
      const [odd] = await clients[0]!.dataSource.query(
        `select (select count(*) from (select url_hash from documents where owner_id = $1 and is_current group by url_hash having count(*) > 1) as twice)::integer as twice,
           (select count(*) from chunks join documents on documents.id = document_id where documents.owner_id = $1 and not is_current)::integer as stale`,
        [ownerId],
      );
      expect(odd).toEqual({ twice: 0, stale: 0 });
    }, 120_000);

    it('store a page once when two workers have the same batch', async () => {
      const crawl = await openCrawl(clients[0]!);
      const batch = crawl.batch('1');
      await Promise.all(clients.map((client) => crawlOf(client, crawl.jobId, crawl.ownerId).ledger.lease(batch, 1)));
      const one = { pages: [{ key: keyOf('/'), templateId: 't', extractMs: 1 }], ends: [], shells: [], found: [foundPage('/x')] };
      const atOnce = <T>(run: (one: SampleCrawl) => Promise<T>) =>
        Promise.all(clients.map((client) => run(crawlOf(client, crawl.jobId, crawl.ownerId))));
      await atOnce(({ ledger }) => ledger.fetched(batch, [fetchedPage('/')]));
      const hosts = await atOnce(({ ledger }) => ledger.extracted(batch, one));
      expect(hosts.every(({ queued }) => queued === 1)).toBe(true);
      const stored = await atOnce((own) => storePages(own, batch, [extractedPage('/')]));
      expect(stored.filter((count) => count === 1)).toHaveLength(1);
      expect(stored.filter((count) => count === 0)).toHaveLength(WORKERS - 1);
      await expectLaws(crawl);
    });
  });
}
