import type {
  ApiKeyRecord,
  DocumentRecord,
  SiteReader,
  SiteSummary,
  Snapshot,
  TemplateSummary,
  TemplateVersion,
  TemplateWriter,
} from '@gleaner/domain';
import { Fault } from '@gleaner/domain';

export const KEYS = { admin: 'glk_admin', reader: 'glk_reader', jobs: 'glk_jobs', foreign: 'glk_foreign' } as const;

const key = (id: string, ownerId: string, scopes: ApiKeyRecord['scopes']): ApiKeyRecord => ({
  id,
  ownerId,
  name: id,
  scopes,
  createdAt: '2026-11-21T00:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
});

export const ADMIN_RECORD = key('key_1', 'usr_1', ['admin']);

export const KEY_RECORDS: Readonly<Record<string, ApiKeyRecord>> = {
  [KEYS.admin]: ADMIN_RECORD,
  [KEYS.reader]: key('key_2', 'usr_1', ['read']),
  [KEYS.jobs]: key('key_3', 'usr_1', ['jobs']),
  [KEYS.foreign]: key('key_4', 'usr_2', ['admin']),
};

/** "Forêt" in windows-1252, which is not UTF-8. */
export const PAGE_BYTES = Buffer.from('<html><h1>For\u00eat</h1></html>', 'latin1');

export const DOCUMENT: DocumentRecord = {
  id: 'doc_1',
  ownerId: 'usr_1',
  jobId: 'job_1',
  url: 'https://example.com/a',
  urlKey: 'https://example.com/a',
  finalUrl: 'https://example.com/a',
  canonicalUrl: null,
  status: 200,
  fetchedAt: '2026-11-21T10:00:00.000Z',
  snapshotHash: 'sha256:aa',
  contentHash: 'sha256:bb',
  fetchMethod: 'http',
  embedding: { mode: 'lexical' },
  timingsMs: { fetch: 12, learn: 0, extract: 3, embed: 1, store: 4, analyze: 1 },
  analysis: { language: 'en', wordCount: 4, tokenCount: 6, keywords: ['forest'] },
  page: {
    type: 'article',
    title: 'Forêt',
    author: ['A. Writer'],
    publishedAt: '2026-11-20',
    modifiedAt: null,
    language: 'fr',
    siteName: null,
    description: null,
    canonicalUrl: null,
    markdown: '# Forêt\n\nA text.',
    text: 'Forêt A text.',
    links: [{ url: 'https://example.com/b', text: 'b' }],
    images: [],
    fields: { price: 3 },
    evidence: { title: { source: 'dom', selector: 'h1', verbatim: true } },
    method: 'template',
    version: 2,
    confidence: 0.9,
  },
};

export const SNAPSHOT: Snapshot = {
  body: { hash: 'sha256:aa', bytes: PAGE_BYTES.length },
  url: DOCUMENT.url,
  finalUrl: DOCUMENT.url,
  status: 200,
  contentType: 'text/html',
  charset: 'windows-1252',
  method: 'http',
  fetchedAt: DOCUMENT.fetchedAt,
  redirects: [],
};

const TEMPLATE_KEY = { site: '127.0.0.1:8080', templateId: 'tpl_1', shape: '/news/*' };

export const VERSION: TemplateVersion = {
  ...TEMPLATE_KEY,
  version: 2,
  state: 'active',
  pinned: false,
  author: 'heuristic',
  model: null,
  costUsd: 0,
  sampleUrls: ['http://127.0.0.1:8080/news/1'],
  createdAt: '2026-11-21T10:00:00.000Z',
  config: {
    content: [{ selector: 'article', evidence: 'structure' }],
    exclude: ['nav'],
    fields: { title: [{ selector: 'h1', evidence: 'name' }] },
    type: 'article',
    fingerprint: { minChars: 10, medianChars: 20, maxChars: 30 },
  },
  scores: { mean: 0.95, min: 0.9, pagesLearned: 3, pagesHeldOut: 2 },
};

const TEMPLATE: TemplateSummary = {
  ...TEMPLATE_KEY,
  type: 'article',
  activeVersion: 2,
  versions: 2,
  unlearnableReason: null,
  quarantineReason: null,
  updatedAt: '2026-11-21T10:00:00.000Z',
};
const SITE: SiteSummary = { host: TEMPLATE_KEY.site, templates: 1, needsBrowser: false, updatedAt: '2026-11-21T10:00:00.000Z' };

export const SITES: SiteReader = {
  list: async () => ({ items: [SITE], next: null }),
  get: async (host) => (host === SITE.host ? SITE : null),
  templates: async () => [TEMPLATE],
  versions: async (host, templateId) => (host === SITE.host && templateId === VERSION.templateId ? [VERSION] : []),
};

export const VERDICTS: TemplateWriter = {
  decide: async ({ site, templateId, version }, verdict) => {
    if (site !== VERSION.site || templateId !== VERSION.templateId || version !== VERSION.version)
      throw new Fault('NOT_FOUND', { detail: `There is no version ${version}.` });
    return { ...VERSION, state: verdict === 'reject' ? 'rejected' : 'active', pinned: verdict === 'pin' };
  },
};
