import fc from 'fast-check';
import { beforeAll, describe, it } from 'vitest';
import type { JudgedPage } from '@gleaner/domain';
import type { Database } from '../database.js';
import type { StorageServer } from '../samples.contract.js';
import {
  type SampleCrawl,
  againPage,
  endOf,
  endedPage,
  expectLaws,
  extractedPage,
  fetchedPage,
  foundPage,
  keyOf,
  openCrawl,
  redirectedPage,
  storePages,
} from './samples.contract.js';

const RUNS = 25;
const NAMES = ['/', '/a', '/b', '/c', '/d', '/e', '/f', '/g'];
const OUT: JudgedPage['verdict'] = { reason: 'out_of_scope', detail: 'out' };

type Step = (crawl: SampleCrawl) => Promise<unknown>;

/** What workers do, in any order, with any pages, of the right batch and of wrong ones: each step may come too early, too late or again. */
function steps(): fc.Arbitrary<Step> {
  const name = fc.constantFrom(...NAMES);
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 5 });
  const batch = fc.constantFrom('1', '2', '1r');
  const found = fc.record({ name, isOut: fc.boolean() }).map(({ name: page, isOut }) => foundPage(page, isOut ? { verdict: OUT } : {}));
  const gave = name.chain((page) =>
    fc.oneof(
      fc.constant(fetchedPage(page)),
      fc.constant(fetchedPage(page)),
      fc.constantFrom(endedPage(page), endedPage(page, { state: 'skipped', reason: 'robots' }), endedPage(page, { reason: 'http_404' })),
      fc.constant(againPage(page, 0)),
      fc.constant({ kind: 'to_render', key: keyOf(page) } as const),
      found.map((target) => redirectedPage(page, target)),
    ),
  );
  const step = fc.oneof(
    fc.array(found, { maxLength: 5 }).map(
      (pages): Step =>
        (crawl) =>
          crawl.ledger.found(crawl.jobId, pages),
    ),
    fc.record({ batch, size: fc.integer({ min: 1, max: 4 }) }).map(
      (did): Step =>
        (crawl) =>
          crawl.ledger.lease(crawl.batch(did.batch), did.size),
    ),
    fc.record({ batch, gave: fc.array(gave, { maxLength: 5 }) }).map(
      (did): Step =>
        (crawl) =>
          crawl.ledger.fetched(crawl.batch(did.batch), did.gave),
    ),
    fc
      .record({
        batch,
        names,
        ended: fc.subarray(NAMES, { maxLength: 2 }),
        shells: fc.subarray(NAMES, { maxLength: 2 }),
        found: fc.array(found, { maxLength: 3 }),
      })
      .map(
        (did): Step =>
          (crawl) =>
            crawl.ledger.extracted(crawl.batch(did.batch), {
              pages: did.names.map((page) => ({ key: keyOf(page), templateId: 'tpl_a', extractMs: 1 })),
              ends: did.ended.map((page) => endOf(page, { state: 'skipped', reason: 'noindex' })),
              shells: did.shells,
              found: did.found,
            }),
      ),
    fc.record({ batch, names, texts: fc.integer({ min: 1, max: 8 }) }).map(
      (did): Step =>
        (crawl) =>
          storePages(
            crawl,
            crawl.batch(did.batch),
            did.names.map((page) => extractedPage(page, { text: `text ${NAMES.indexOf(page) % did.texts}` })),
          ),
    ),
    batch.map(
      (did): Step =>
        (crawl) =>
          crawl.ledger.abandon(crawl.batch(did), 'INTERNAL', 'x'),
    ),
    fc.constant<Step>((crawl) => crawl.ledger.open(crawl.jobId)),
    fc.record({ limit: fc.integer({ min: 1, max: 8 }), out: fc.subarray(NAMES) }).map(
      ({ limit, out }): Step =>
        (crawl) =>
          crawl.ledger.change(crawl.jobId, { limit, exclude: out }, () => (url) => (out.includes(new URL(url).pathname) ? OUT : null)),
    ),
    fc.constant<Step>((crawl) => crawl.ledger.finish(crawl.jobId, 'limit')),
  );
  // A worker that dies after a transaction does it again, at once or later.
  return step.chain((one) => fc.constantFrom<Step>(one, async (crawl) => (await one(crawl), one(crawl))));
}

/** The counters, the events, the limit and the documents agree with the ledger after every step. */
export function ledgerLaws(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open();
  });

  describe('laws of the ledger', () => {
    it('hold after every step of any sequence of steps and repeats', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps(), { minLength: 4, maxLength: 14 }), async (sequence) => {
          const crawl = await openCrawl(database, { limit: 5 });
          for (const step of sequence) {
            await step(crawl);
            await expectLaws(crawl);
          }
        }),
        { numRuns: RUNS, seed: 20_260_102, endOnFailure: true },
      );
    }, 120_000);

    it('hold for crawls that go their way to the end, with every step twice', async () => {
      const outcome = fc.constantFrom('fetched', 'failed', 'again', 'redirected', 'browser');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ outcome, text: fc.integer({ min: 0, max: 9 }) }), { minLength: 1, maxLength: 24 }),
          async (plan) => {
            const crawl = await openCrawl(database, { limit: 12 });
            const twice = async <T>(work: () => Promise<T>): Promise<T> => (await work(), await expectLaws(crawl), work());
            await twice(() =>
              crawl.ledger.found(
                crawl.jobId,
                plan.map((_, index) => foundPage(`/p${index}`)),
              ),
            );
            for (let turn = 0; turn < 4; turn++) {
              const batch = crawl.batch(`${turn}`);
              const { pages } = await twice(() => crawl.ledger.lease(batch, 7));
              const paths = pages.map(({ url }) => new URL(url).pathname);
              const planOf = (path: string) => plan[Number(path.slice(2))] ?? { outcome: 'fetched', text: 99 };
              await twice(() =>
                crawl.ledger.fetched(
                  batch,
                  paths.map((path) => {
                    const { outcome: what } = planOf(path);
                    if (what === 'failed') return endedPage(path);
                    if (what === 'again') return againPage(path, 0);
                    if (what === 'redirected') return redirectedPage(path, `/p${planOf(path).text}`);
                    return what === 'browser' ? { kind: 'to_render', key: keyOf(path) } : fetchedPage(path);
                  }),
                ),
              );
              const rendered = crawl.batch(`${turn}r`);
              for (const part of [batch, rendered]) {
                const left = await crawl.ledger.pagesOf(part, ['leased']);
                await twice(() =>
                  crawl.ledger.fetched(
                    part,
                    left.map(({ url }) => fetchedPage(new URL(url).pathname)),
                  ),
                );
                const bodies = await crawl.ledger.pagesOf(part, ['fetched']);
                await twice(() =>
                  crawl.ledger.extracted(part, {
                    pages: bodies.map(({ key }) => ({ key, templateId: 't', extractMs: 1 })),
                    ends: [],
                    shells: [],
                    found: [],
                  }),
                );
                const texts = bodies.map(({ url }) =>
                  extractedPage(new URL(url).pathname, { text: `${planOf(new URL(url).pathname).text}` }),
                );
                await twice(() => storePages(crawl, part, texts));
                await expectLaws(crawl);
              }
            }
            await twice(() => crawl.ledger.finish(crawl.jobId, 'limit'));
            await expectLaws(crawl);
          },
        ),
        { numRuns: 12, seed: 20_260_103, endOnFailure: true },
      );
    }, 120_000);
  });
}
