import {
  type BlobStore,
  type CrawlLedger,
  type JobLog,
  type LeasedPage,
  type PagePlace,
  type PageTemplates,
  type ShapeTemplate,
  type TemplateHealth,
  type TemplateObservation,
  type TemplateState,
  type TemplateVersion,
  crawlSettings,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { expect, it } from 'vitest';
import { extractBatch } from './extract-batch.js';
import { KnownUrls } from './known-urls.js';

const urlOf = (page: string): string => `https://quay.example/${page}`;
const shape = templateKeyOf(urlOf('a'));
const version = {
  ...shape,
  version: 1,
  scores: { mean: 1, min: 1, pagesLearned: 9, pagesHeldOut: 9 },
  config: { fingerprint: { minChars: 900, medianChars: 1_000, maxChars: 1_100 } },
} as unknown as TemplateVersion;
const known = (name: string, state: TemplateState = { kind: 'unknown' }, templateId = name): ShapeTemplate => ({
  ...shape,
  templateId,
  structure: [`type ${name}`],
  state,
});
/** Templates that nobody serves any more, and more that serve than one batch takes out of service. */
const many = Array.from({ length: 13 }, (_, number) =>
  known(`many-${number}`, number === 0 ? { kind: 'quarantined', version, reason: '', isOverdue: true } : { kind: 'active', version }),
);
const templates = [known('serves', { kind: 'active', version }, shape.templateId), known('unlearned')];
/** A page that the template does not serve at all. */
const failing: TemplateObservation = {
  ruleAnswered: false,
  alternativeUsed: false,
  fellBack: true,
  fieldsFilled: 0,
  contentChars: 3,
  agreement: 0,
};

/** One batch whose pages the threads placed so; what is asked of the memory of templates is noted. */
async function extracted(offline: boolean, places: Readonly<Record<string, PagePlace>>, shown = templates) {
  const asked: string[] = [];
  const quarantined: string[] = [];
  const note = (name: string) => asked.includes(name) || asked.push(name);
  const marks: Record<string, string | null> = {};
  const pages = Object.keys(places).map((key): LeasedPage => {
    const url = urlOf(key);
    const body = { hash: `sha256:${key}`, bytes: 1 };
    const snapshot = {
      body, url, finalUrl: url, status: 200, contentType: 'text/html', charset: 'utf-8', method: 'http', fetchedAt: '2026-10-01T12:00:00Z', redirects: [],
    } as const; // prettier-ignore
    return { key, url, depth: 1, attempts: 1, state: 'fetched', needsBrowser: false, snapshot, lastModified: null, fetchMs: 1 };
  });
  const pageTemplates: Partial<PageTemplates> = {
    ofShapes: async () => new Map([[shape.templateId, shown]]),
    add: async () => (note('add'), new Map([[shape.templateId, [...templates, known('strange')]]])),
    remember: async () => (note('remember'), { moves: [], ended: [] }),
  };
  const health: Partial<TemplateHealth> = {
    observe: async (_key, _version, observations) => (note('observe'), Array.from({ length: 12 }, () => observations[0] ?? failing)),
    quarantine: async ({ templateId }) => (note('quarantine'), quarantined.push(templateId) > 0),
  };
  const ledger: Partial<CrawlLedger> = {
    plan: async () => ({
      jobId: 'job_1',
      ownerId: 'usr_1',
      settings: { ...crawlSettings({ url: urlOf(''), render: 'never', embed: false }), offline },
      startUrls: [urlOf('')],
    }),
    pagesOf: async () => pages,
    extracted: async (_batch, batch) => {
      for (const { key, templateId } of batch.pages) marks[key] = templateId;
      return { queued: 0, newHosts: [] };
    },
  };
  const outcome = await extractBatch(
    {
      ledger: ledger as CrawlLedger,
      blobs: {} as BlobStore,
      cpu: {
        crawlPages: async (input) => ({
          lines: null,
          toAsk: null,
          pages: input.pages.map(({ key }) => {
            const place = places[key] ?? { structure: [] };
            const observation = 'templateId' in place && place.templateId !== 'unlearned' ? failing : null;
            return { key, kind: 'page', links: [], extractMs: 1, place, observation };
          }),
        }),
        acceptAnswers: async () => Promise.reject(new Error('is not asked here')),
      },
      known: new KnownUrls(),
      memory: { rememberBrowser: async () => {} },
      reader: null,
      hasEmbedder: false,
      health: health as TemplateHealth,
      jobLog: { append: async () => {} } as Partial<JobLog> as JobLog,
      pageTemplates: pageTemplates as PageTemplates,
    },
    { jobId: 'job_1', host: 'quay.example', batch: 'quay.example#1' },
    { number: 1, signal: new AbortController().signal },
  );
  return { outcome, asked, marks, quarantined };
}

const PLACES = {
  ...Object.fromEntries(Array.from({ length: 12 }, (_, page) => [`bad-${page}`, { templateId: shape.templateId }])),
  second: { templateId: 'unlearned' },
  strange: { structure: ['type strange'] },
};

it('pages of a crawl judge the templates that serve them', async () => {
  const { outcome, asked, marks } = await extracted(false, PLACES);
  expect(asked).toEqual(['add', 'remember', 'observe', 'quarantine']);
  expect(outcome.drifted.map(({ templateId }) => templateId)).toEqual([shape.templateId]);
  expect(outcome.unknownTemplates.map(({ templateId }) => templateId)).toEqual(['unlearned', 'strange']);
  expect(marks).toMatchObject({ 'bad-0': shape.templateId, second: 'unlearned', strange: 'strange' });
});

it('bodies of before only choose among the templates that are known', async () => {
  const { outcome, asked, marks } = await extracted(true, PLACES);
  expect([asked, outcome.drifted, outcome.unknownTemplates]).toEqual([[], [], []]);
  expect(marks).toMatchObject({ 'bad-0': shape.templateId, second: 'unlearned', strange: null });
});

it('every template that a batch takes out of service is told, before those that wait for their learning', async () => {
  const places = Object.fromEntries(many.map(({ templateId }) => [templateId, { templateId }]));
  const { outcome, quarantined } = await extracted(false, places, many);
  expect([outcome.drifted.length, outcome.drifted.map(({ templateId }) => templateId)]).toEqual([10, quarantined]);
  const few = await extracted(false, Object.fromEntries(Object.entries(places).slice(0, 3)), many);
  expect(few.outcome.drifted.map(({ templateId }) => templateId)).toEqual(['many-1', 'many-2', 'many-0']);
});
