import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../database.js';
import type { StorageServer } from '../samples.contract.js';
import { copyPages } from './copy-pages.js';
import { inTransaction } from '../transaction.js';
import {
  HOST,
  START,
  type SampleCrawl,
  bandsOf,
  extractedBatch,
  extractedPage,
  foundPage,
  judge,
  openCrawl,
  storePages,
} from './samples.contract.js';

const ROWS = 50_000;
/** auto_explain is not there on PGlite, so the statements that a call makes are asked for their plans while it runs. */
type Explained = { readonly sql: string; readonly plan: string };

async function plansOf(database: Database, work: () => Promise<unknown>): Promise<readonly Explained[]> {
  const plans: Explained[] = [];
  const { dataSource } = database;
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner) as (sql: string, parameters?: unknown[]) => Promise<unknown>;
    const asked = async (sql: string, parameters?: unknown[]): Promise<unknown> => {
      if (sql.includes('crawl_')) {
        const lines = (await query(`explain ${sql}`, parameters)) as { 'QUERY PLAN': string }[];
        plans.push({ sql, plan: lines.map((line) => line['QUERY PLAN']).join('\n') });
      }
      return query(sql, parameters);
    };
    runner.query = asked as typeof runner.query;
    return runner;
  };
  try {
    await work();
  } finally {
    dataSource.createQueryRunner = create;
  }
  return plans;
}

/** The statements of a batch find their rows by an index when the ledger is large. */
export function ledgerPlans(server: StorageServer): void {
  let database: Database;
  let crawl: SampleCrawl;
  beforeAll(async () => {
    database = await server.open();
    crawl = await openCrawl(database, { limit: 10_000 });
    const values = `select $1, encode(sha256(convert_to('k' || n, 'UTF8')), 'hex'), 'https://a.example/' || n, 'a.example', '/*', 1, 100 + n % 99, 'link', jsonb_build_object('redirects', (select array_agg(md5(n::text || m)) from generate_series(1, 20) as m)), `;
    const columns = 'insert into crawl_pages (job_id, url_hash, url, host, pattern, depth, rank, source, snapshot, state, due_at)';
    await database.dataSource.query(
      `${columns} ${values} case when n % 2 = 0 then 'queued' else 'skipped' end, case when n % 50 = 0 then now() + interval '1 hour' end from generate_series(1, ${ROWS}) as n`,
      [crawl.jobId],
    );
    await database.dataSource.query(
      'insert into crawl_fingerprints select number, n / 50, n from crawls, generate_series(1, $2::integer) as n where job_id = $1',
      [crawl.jobId, ROWS],
    );
    for (const table of ['crawl_pages', 'crawl_fingerprints']) await database.dataSource.query(`analyze ${table}`);
  });

  const expectIndexes = (plans: readonly Explained[]): void => {
    expect(plans.length).toBeGreaterThan(0);
    for (const { sql, plan } of plans) expect(plan, sql).not.toMatch(/Seq Scan on crawl_(pages|fingerprints)/);
  };

  describe('a ledger of 50,000 pages', () => {
    it('leases, and tells what waits, from an index', async () => {
      const plans = await plansOf(database, () => crawl.ledger.lease(crawl.batch('1'), 50));
      expectIndexes(plans);
      expect(plans.filter(({ plan }) => plan.includes('crawl_pages_frontier'))).toHaveLength(2);
    });

    it('adds links, marks pages and finds originals by indexes', async () => {
      const found = Array.from({ length: 600 }, (_, index) => foundPage(`/found${index}`));
      expectIndexes(await plansOf(database, () => crawl.ledger.found(crawl.jobId, found)));
      const pages = Array.from({ length: 10 }, (_, index) =>
        extractedPage(`/e${index}`, { bands: ['1', '2', '3'], signature: `w${index}`, canonicalUrl: START }),
      );
      let batch = crawl.batch('2');
      expectIndexes(
        await plansOf(
          database,
          async () =>
            (batch = await extractedBatch(
              crawl,
              pages.map(({ url }) => new URL(url).pathname),
              '2',
            )),
        ),
      );
      const plans = await plansOf(database, () => storePages(crawl, batch, pages));
      expectIndexes(plans);
      expect(plans.filter(({ plan }) => plan.includes('crawl_fingerprints_pkey')).length).toBeGreaterThan(0);
    });

    it('is copied from an index', async () => {
      const other = await openCrawl(database, {}, crawl.ownerId);
      const plan = await other.ledger.plan(other.jobId);
      const copy = (mode: 'again' | 'known') => () =>
        inTransaction(database, (manager) => copyPages(manager, plan, { jobId: crawl.jobId, mode }, { afterId: '0', judge, bandsOf }));
      expectIndexes(await plansOf(database, copy('known')));
      expectIndexes(await plansOf(database, copy('again')));
      expect((await other.ledger.lease({ jobId: other.jobId, host: HOST, batch: '1' }, 1)).pages).toHaveLength(1);
    });
  });
}
