import type {
  JoinOutcome,
  PageTemplates,
  ShapeFindings,
  ShapeTemplate,
  TemplateDraft,
  TemplateKey,
  TemplateMove,
  TemplateVersion,
} from '@gleaner/domain';
import { beforeAll, describe, expect, it } from 'vitest';
import { HOST, extractedBatch, openCrawl } from './crawl/samples.contract.js';
import type { Database } from './database.js';
import { digest } from './digest.js';
import { TemplateStructures1700000009000 } from './migrations/template-structures-1700000009000.js';
import { createPageTemplates } from './page-templates.js';
import { newOwner, type StorageServer, templateDraft } from './samples.contract.js';
import { createSnapshotIndex } from './snapshot-index.js';
import { createTemplateHealth } from './template-health.js';
import { createTemplateStore } from './template-store.js';
import { createTemplateWriter } from './template-writer.js';
import { inTransaction } from './transaction.js';

interface SampleShape {
  readonly site: string;
  readonly shape: TemplateKey;
  readonly pageTemplates: PageTemplates;
  key(name: string): TemplateKey;
  /** Adds templates whose structure is their name. */
  add(names: readonly string[], among?: readonly string[]): Promise<readonly ShapeTemplate[]>;
  names(): Promise<readonly string[]>;
  states(): Promise<Readonly<Record<string, string>>>;
  /** A version that serves. */
  learn(name: string, structure?: readonly string[], change?: Partial<TemplateDraft>): Promise<TemplateVersion>;
  join(jobId?: string): Promise<JoinOutcome>;
  /** Pages as they are fetched and seen now, named `p1`, `p2` …, with the template of each. */
  see(pages: Readonly<Record<string, string>>): Promise<readonly TemplateMove[]>;
  /** Looks at what was fetched already. */
  look(pages: Readonly<Record<string, string>>): Promise<readonly TemplateMove[]>;
}

function sampleShape(database: Database): SampleShape {
  const pageTemplates = createPageTemplates(database);
  const site = `${newOwner()}.example`;
  const key = (templateId: string): TemplateKey => ({ site, templateId, shape: '/*' });
  const shape = key('tpl_first');
  const urlOf = (page: string): string => `https://${site}/${page}`;
  const known = async (): Promise<readonly ShapeTemplate[]> => (await pageTemplates.ofShapes([shape])).get(shape.templateId) ?? [];
  let fetches = Date.parse('2026-01-02T03:04:05.000Z');
  const look: SampleShape['look'] = async (pages) => {
    const seen = Object.entries(pages).map(([page, templateId]) => ({ key: digest(urlOf(page)), templateId }));
    return (await pageTemplates.remember(site, seen)).moves;
  };
  return {
    site,
    shape,
    look,
    pageTemplates,
    key,
    async add(names, among) {
      const found = names.map((name) => ({ ...key(name), structure: [name] }));
      const finding: ShapeFindings = { shape, among: among ?? (await known()).map(({ templateId }) => templateId), found };
      return (await pageTemplates.add([finding])).get(shape.templateId) ?? [];
    },
    names: async () => (await known()).map(({ templateId }) => templateId),
    states: async () => Object.fromEntries((await known()).map(({ templateId, state }) => [templateId, state.kind])),
    async learn(name, structure = [name], change = {}) {
      const draft = templateDraft(site, key(name));
      return createTemplateStore(database).save({
        ...draft,
        config: { ...draft.config, fingerprint: { ...draft.config.fingerprint, structure } },
        ...change,
      });
    },
    join: (jobId = 'job_none') => pageTemplates.join(site, { from: 'tpl_first', to: 'tpl_new' }, jobId, 'redesigned'),
    async see(pages) {
      const snapshots = createSnapshotIndex(database);
      const fetchedAt = new Date((fetches += 1_000)).toISOString();
      for (const page of Object.keys(pages)) {
        const url = urlOf(page);
        const body = { hash: `sha256:${digest(url)}`, bytes: 1 };
        await snapshots.save(url, {
          body, url, finalUrl: url, status: 200, contentType: 'text/html', charset: 'utf-8', method: 'http', fetchedAt, redirects: [],
        }); // prettier-ignore
      }
      return look(pages);
    },
  };
}

const all = (count: number, template: string, from = 1): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, page) => [`p${page + from}`, template]));

export function pageTemplatesContract(server: StorageServer): void {
  let database: Database;
  beforeAll(async () => {
    database = await server.open(6);
  });

  describe('templates of a shape', () => {
    it('are known with structure and state, learned ones first', async () => {
      const sample = sampleShape(database);
      expect(await sample.names()).toEqual([]);
      expect(await sample.add(['tpl_first', 'tpl_b'])).toEqual(
        ['tpl_first', 'tpl_b'].map((name) => ({ ...sample.key(name), structure: [name], state: { kind: 'unknown' } })).toSorted(byId),
      );
      await sample.learn('tpl_b', ['common']);
      const [learned, other] = (await sample.pageTemplates.ofShapes([sample.shape])).get('tpl_first') ?? [];
      expect(learned).toMatchObject({ templateId: 'tpl_b', structure: ['common'], state: { kind: 'active', version: { version: 1 } } });
      expect(other).toMatchObject({ templateId: 'tpl_first', structure: ['tpl_first'], state: { kind: 'unknown' } });
      expect(await sampleShape(database).names()).toEqual([]);
    });

    it('come one after the other: who knew less is shown what is there', async () => {
      const sample = sampleShape(database);
      const added = await Promise.all(['tpl_a', 'tpl_b', 'tpl_c', 'tpl_d'].map((name) => sample.add([name], [])));
      const names = await sample.names();
      expect(names).toHaveLength(1);
      for (const shown of added) expect(shown.map(({ templateId }) => templateId)).toEqual(names);
    });

    it('are bounded, and one that was never learned is forgotten after a week', async () => {
      const sample = sampleShape(database);
      await sample.add(Array.from({ length: 20 }, (_, number) => `tpl_${number}`));
      expect(await sample.names()).toHaveLength(12);
      await sample.learn('tpl_3');
      await database.dataSource.query(`update template_structures set founded_at = now() - interval '8 days' where site = $1`, [
        sample.site,
      ]);
      expect(await sample.names()).toEqual(['tpl_3']);
      await sample.add(['tpl_first']);
      expect(await sample.names()).toEqual(['tpl_3', 'tpl_first']);
    });

    it('make room again when nothing was learned of them in a week, though it was tried', async () => {
      const sample = sampleShape(database);
      const age = async (interval: string) => {
        const sql = 'update template_structures set founded_at = now() - $2::interval where site = $1';
        await database.dataSource.query(sql, [sample.site, interval]);
      };
      const tried = Array.from({ length: 12 }, (_, number) => `tpl_${number}`);
      await sample.add(tried);
      for (const name of tried) await sample.pageTemplates.claim(sample.key(name));
      await sample.learn('tpl_3');
      await age('6 days');
      expect(await sample.names()).toHaveLength(12);
      await age('8 days');
      expect(await sample.names()).toEqual(['tpl_3']);
      // What is being learned just then is not taken away.
      await sample.pageTemplates.claim(sample.key('tpl_5'));
      expect((await sample.add(['tpl_first'])).map(({ templateId }) => templateId)).toEqual(['tpl_3', 'tpl_5', 'tpl_first']);
      expect(await sample.pageTemplates.claim(sample.key('tpl_6'))).toBeNull();
      await age('8 days');
      const { design } = (await sample.pageTemplates.claim(sample.key('tpl_3'))) ?? {};
      expect(await sample.pageTemplates.claim(sample.key('tpl_3'))).toMatchObject({ design });
    });

    it('of which no structure is known take the whole shape, until they are learned again', async () => {
      const sample = sampleShape(database);
      await createTemplateStore(database).save(templateDraft(sample.site, sample.shape));
      expect((await sample.pageTemplates.ofShapes([sample.shape])).get('tpl_first')).toMatchObject([
        { structure: null, state: { kind: 'active' } },
      ]);
      expect(await sample.pageTemplates.claim(sample.shape)).toEqual({ structure: null, design: null });
      await sample.learn('tpl_first', ['main']);
      expect((await sample.pageTemplates.ofShapes([sample.shape])).get('tpl_first')).toMatchObject([{ structure: ['main'] }]);
    });

    it('get the structure of their version when the schema grows', async () => {
      const sample = sampleShape(database);
      await sample.learn('tpl_first', ['main', 'main>h1']);
      const other = sampleShape(database);
      await createTemplateStore(database).save(templateDraft(other.site, other.shape));
      const migration = new TemplateStructures1700000009000();
      // In one transaction, so that nobody sees the schema of before.
      await inTransaction(database, async ({ queryRunner }) => {
        if (queryRunner === undefined) throw new Error('a transaction has a runner');
        await migration.down(queryRunner);
        await migration.up(queryRunner);
      });
      expect((await sample.pageTemplates.ofShapes([sample.shape])).get('tpl_first')).toMatchObject([{ structure: ['main', 'main>h1'] }]);
      expect((await other.pageTemplates.ofShapes([other.shape])).get('tpl_first')).toMatchObject([{ structure: null }]);
      expect(await sample.see({ p1: 'tpl_first' })).toEqual([]);
    });
  });

  describe('pages that come with another template', () => {
    const withTwo = async (): Promise<SampleShape> => {
      const sample = sampleShape(database);
      await sample.add(['tpl_first', 'tpl_new']);
      await sample.learn('tpl_first');
      expect(await sample.see(all(6, 'tpl_first'))).toEqual([]);
      return sample;
    };

    it('are counted once, against those that stay', async () => {
      const sample = await withTwo();
      expect(await sample.see(all(2, 'tpl_new'))).toEqual([{ from: 'tpl_first', to: 'tpl_new', moved: 2, stayed: 0 }]);
      expect(await sample.see(all(2, 'tpl_new'))).toEqual([{ from: 'tpl_first', to: 'tpl_new', moved: 2, stayed: 0 }]);
      expect(await sample.see({ ...all(1, 'tpl_new', 3), ...all(2, 'tpl_first', 4), new: 'tpl_new' })).toEqual([
        { from: 'tpl_first', to: 'tpl_new', moved: 3, stayed: 2 },
      ]);
      expect(await sample.see(all(1, 'tpl_first', 5))).toEqual([]);
    });

    it('are not outweighed by looks at what was fetched before, or by pages that are new', async () => {
      const sample = await withTwo();
      await sample.see(all(2, 'tpl_new'));
      const stayed = { ...all(1, 'tpl_first', 3), ...all(3, 'tpl_first', 20) };
      await sample.see(stayed);
      for (let attempt = 0; attempt < 3; attempt++) await sample.look({ ...stayed, ...all(3, 'tpl_first', 4) });
      await sample.look(all(3, 'tpl_first', 40));
      expect(await sample.look(all(2, 'tpl_new'))).toEqual([{ from: 'tpl_first', to: 'tpl_new', moved: 2, stayed: 1 }]);
      await sample.see(stayed);
      expect(await sample.see(all(2, 'tpl_new'))).toEqual([{ from: 'tpl_first', to: 'tpl_new', moved: 2, stayed: 5 }]);
    });

    it('are no evidence when the template is nobody’s, or the new one is learned', async () => {
      const sample = sampleShape(database);
      await sample.add(['tpl_first', 'tpl_new']);
      await sample.see(all(4, 'tpl_first'));
      expect(await sample.see(all(2, 'tpl_new'))).toEqual([]);
      await sample.learn('tpl_first');
      expect(await sample.pageTemplates.claim(sample.key('tpl_new'))).toMatchObject({ structure: ['tpl_new'] });
      expect(await sample.see(all(2, 'tpl_new', 3))).toEqual([]);
    });

    it('begin anew when many pages have stayed meanwhile', async () => {
      const sample = await withTwo();
      await sample.see(all(25, 'tpl_first', 2));
      await sample.see(all(1, 'tpl_new'));
      await sample.see(all(25, 'tpl_first', 2));
      expect(await sample.see(all(2, 'tpl_new', 2))).toEqual([{ from: 'tpl_first', to: 'tpl_new', moved: 2, stayed: 0 }]);
    });

    it('give the template their structure when it is redesigned, and their place in the ledger', async () => {
      const sample = await withTwo();
      await sample.see(all(3, 'tpl_new'));
      const crawl = await openCrawl(database);
      await extractedBatch(crawl, ['a', 'b'], `${HOST}#1`);
      await database.dataSource.query(`update crawl_pages set template_id = 'tpl_new' where job_id = $1`, [crawl.jobId]);
      const joined = await Promise.all([1, 2, 3].map(() => sample.join(crawl.jobId)));
      expect(joined.filter(({ kind }) => kind !== 'apart')).toEqual([{ kind: 'joined', version: 1 }]);
      expect((await sample.pageTemplates.ofShapes([sample.shape])).get('tpl_first')).toMatchObject([
        { templateId: 'tpl_first', structure: ['tpl_new'], state: { kind: 'quarantined', reason: 'redesigned' } },
      ]);
      expect(await crawl.ledger.samples(crawl.jobId, 'tpl_first', 9)).toHaveLength(2);
      expect(await sample.pageTemplates.claim(sample.key('tpl_new'))).toBeNull();
      const late = ['tpl_new', 'tpl_first'].map((templateId) => ({ key: digest('late'), templateId }));
      expect(await sample.pageTemplates.remember(sample.site, late)).toEqual({ moves: [], ended: ['tpl_new'] });
      expect(await sample.see(all(6, 'tpl_first'))).toEqual([]);
    });

    it('do not take away what is being learned', async () => {
      const sample = await withTwo();
      await sample.see(all(3, 'tpl_new'));
      await sample.pageTemplates.claim(sample.key('tpl_new'));
      expect(await sample.join()).toEqual({ kind: 'apart' });
      expect(await sample.states()).toEqual({ tpl_first: 'active', tpl_new: 'unknown' });
    });

    it('leave structures alone while the version cannot be taken out of service', async () => {
      const sample = await withTwo();
      const health = createTemplateHealth(database);
      await sample.see(all(3, 'tpl_new'));
      const untouched = { tpl_first: 'active', tpl_new: 'unknown' };
      await health.quarantine(sample.shape, 1, 'fill');
      expect(await sample.join()).toEqual({ kind: 'waiting' });
      await health.release(sample.shape, 1, null);
      expect([await sample.join(), await sample.states()]).toEqual([{ kind: 'waiting' }, untouched]);
      const version = { ...sample.shape, version: 1 };
      await createTemplateWriter(database).decide(version, 'pin');
      expect([await sample.join(), await sample.states()]).toEqual([{ kind: 'apart' }, untouched]);
      await createTemplateWriter(database).decide(version, 'activate');
      expect([await sample.join(), await sample.states()]).toEqual([{ kind: 'joined', version: 1 }, { tpl_first: 'quarantined' }]);
    });

    it('are not undone by who was learning the design of before', async () => {
      const sample = await withTwo();
      await sample.see(all(3, 'tpl_new'));
      const claim = () => sample.pageTemplates.claim(sample.shape);
      const design = (await claim())?.design ?? null;
      expect(await claim()).toEqual({ structure: ['tpl_first'], design });
      await sample.join();
      const late = await sample.learn('tpl_first', ['tpl_first', 'more'], { design });
      expect([late.version, late.state, await sample.states()]).toEqual([2, 'candidate', { tpl_first: 'quarantined' }]);
      await createTemplateHealth(database).release(sample.shape, 1, design);
      const now = await claim();
      expect([now?.structure, await sample.states()]).toEqual([['tpl_new'], { tpl_first: 'quarantined' }]);
      const next = await sample.learn('tpl_first', ['tpl_new', 'more'], { design: now?.design ?? null });
      expect([next.state, await claim()]).toEqual(['active', { structure: ['tpl_new', 'more'], design: now?.design }]);
    });
  });
}

function byId(a: TemplateKey, b: TemplateKey): number {
  return a.templateId < b.templateId ? -1 : 1;
}
