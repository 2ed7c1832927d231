import { afterAll, beforeAll, expect, it } from 'vitest';
import { KEYS, SNAPSHOT, VERSION } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { SiteDetailSchema, SiteListSchema, TemplateListSchema, VersionListSchema } from '../sites/site.dto.js';
import { DocumentSchema } from './document.dto.js';
import { pageSource } from './page-source.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

it('shows a document to its owner, with its evidence', async () => {
  const answer = await api.call('/api/v1/documents/doc_1', { key: KEYS.reader });
  expect(DocumentSchema.strict().parse(answer.json)).toMatchObject({
    id: 'doc_1',
    language: 'en',
    fields: { price: 3 },
    evidence: { title: { source: 'dom' } },
  });
  expect((await api.call('/api/v1/documents/doc_1', { key: KEYS.foreign })).status).toBe(404);
  expect((await api.call('/api/v1/documents/doc_2')).status).toBe(404);
});

it('adds the page source in its own charset, and the snapshot', async () => {
  const { json } = await api.call('/api/v1/documents/doc_1?include=html,snapshot');
  expect(DocumentSchema.strict().parse(json)).toMatchObject({
    html: '<html><h1>Forêt</h1></html>',
    htmlTruncated: false,
    snapshot: { hash: SNAPSHOT.body.hash, charset: 'windows-1252', bytes: SNAPSHOT.body.bytes },
  });
});

it('decodes by what the bytes say where no charset is kept, and cuts what is too long', () => {
  expect(pageSource(Buffer.from('<meta charset="iso-8859-1">\u00e9', 'latin1'), null).html).toContain('é');
  expect(pageSource(Buffer.from('\ufeffé', 'utf16le'), null).html).toBe('é');
  expect(pageSource(Buffer.from('é'), 'no-such-label').html).toBe('é');
  const long = pageSource(Buffer.alloc(2_000_001, 'a'), 'utf-8');
  expect([long.html.length, long.truncated]).toEqual([2_000_000, true]);
});

it('shows sites, templates and versions', async () => {
  const host = encodeURIComponent(VERSION.site);
  expect(SiteListSchema.parse((await api.call('/api/v1/sites')).json).items).toHaveLength(1);
  expect(SiteDetailSchema.parse((await api.call(`/api/v1/sites/${VERSION.site}`)).json).templates[0]?.shape).toBe('/news/*');
  expect(TemplateListSchema.parse((await api.call(`/api/v1/sites/${host}/templates`)).json).items).toHaveLength(1);
  expect(VersionListSchema.parse((await api.call(`/api/v1/sites/${host}/templates/tpl_1/versions`)).json).items).toEqual([VERSION]);
  for (const path of ['unknown.example', 'unknown.example/templates', `${host}/templates/tpl_2/versions`])
    expect((await api.call(`/api/v1/sites/${path}`)).status).toBe(404);
});
