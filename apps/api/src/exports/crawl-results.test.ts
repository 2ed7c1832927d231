import { once } from 'node:events';
import { get } from 'node:http';
import type { FieldReport } from '@gleaner/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrawlResultSchema } from '../jobs/crawl.dto.js';
import { ledgerPage } from '../test-support/memory-ledger.js';
import { DOCUMENT, KEYS } from '../test-support/samples.js';
import { type TestApi, startTestApi } from '../test-support/test-api.js';
import { zipEntries } from '../test-support/zip-entries.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

let crawls = 0;
/** A crawl of `pages` stored pages and some that were not, finished. */
async function crawl(
  pages: number,
  markdown = (index: number): string => `Page ${index}.`,
  state: 'completed' | 'cancelled' = 'completed',
) {
  const site = `https://site${++crawls}.example`;
  const { json } = await api.call('/api/v1/jobs', { method: 'POST', body: { kind: 'crawl', input: { url: `${site}/` } } });
  const id = json.id as string;
  const ledger = Array.from({ length: pages }, (_, index) => {
    const documentId = `doc_${crawls}_${index}`;
    const url = `${site}/p/${index}`;
    // Every third page was asked for its fields.
    const asked = index % 3 === 0 ? { fieldReport: { valid: true } as FieldReport } : {};
    const page = { ...DOCUMENT.page, title: `Title ${index}: "é"`, markdown: markdown(index), ...asked };
    api.documents.records.set(documentId, { ...DOCUMENT, id: documentId, jobId: id, url, urlKey: url, page });
    return ledgerPage(url, { documentId, state: index % 2 === 0 ? 'stored' : 'unchanged' });
  });
  api.ledger.crawls.set(id, [ledgerPage(`${site}/no`, { state: 'skipped', reason: 'robots' }), ...ledger]);
  Object.assign(api.jobs.records.get(id)!.counts, {
    discovered: pages + 1,
    stored: Math.ceil(pages / 2),
    unchanged: Math.floor(pages / 2),
    skipped: 1,
  });
  await api.jobs.finish(id, { state, ...(state === 'completed' ? { result: { pages } } : {}) });
  return { id, site };
}

const result = (id: string, accept: string, more: object = {}) => api.call(`/api/v1/jobs/${id}/result`, { headers: { accept }, ...more });
/** Bytes, and whether all of them came. */
async function bytesOf(id: string, accept: string): Promise<Buffer> {
  const response = await fetch(`${api.url}/api/v1/jobs/${id}/result`, { headers: { accept, authorization: `Bearer ${KEYS.reader}` } });
  return Buffer.from(await response.arrayBuffer());
}

describe('the result of a crawl', () => {
  it('is a summary, lines or an archive', async () => {
    const { id, site } = await crawl(3);
    const summary = await result(id, 'application/json');
    expect(CrawlResultSchema.strict().parse(summary.json)).toMatchObject({
      job: id,
      state: 'completed',
      pages: 3,
      counts: { stored: 2, unchanged: 1 },
      usage: { modelCalls: 0, modelCallsAvoided: 0, tokens: 0, costUsd: 0 },
    });
    const lines = await result(id, 'application/x-ndjson');
    expect([lines.status, lines.headers.get('content-type'), lines.headers.get('vary')]).toEqual([200, 'application/x-ndjson', 'Accept']);
    const documents = lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents.map(({ pageUrl, id: document }) => [pageUrl, document])).toEqual(
      [0, 1, 2].map((index) => [`${site}/p/${index}`, `doc_${crawls}_${index}`]),
    );
    expect(documents[0]).toMatchObject({ title: 'Title 0: "é"', extraction: { method: 'template' } });
    const head = await result(id, 'application/zip', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-disposition')]).toEqual([200, `attachment; filename="${id}.zip"`]);
    expect((await result(id, 'text/markdown')).status).toBe(406);
    expect((await result(id, 'application/zip', { key: KEYS.foreign })).status).toBe(404);
  });

  it('as an archive links pages to each other and everything else to the web', async () => {
    const { id, site } = await crawl(120, (index) =>
      `[next](site/p/${index + 1}#part) [other](https://other.example/)`.replaceAll('site/', `https://site${crawls}.example/`),
    );
    const entries = zipEntries(await bytesOf(id, 'application/zip'));
    expect(entries).toHaveLength(122);
    const host = new URL(site).host;
    const page = entries.find(({ path }) => path === `${host}/p/5.md`)!;
    expect(page.text).toContain('[next](6.md#part) [other](https://other.example/)');
    expect(page.text).toMatch(/^---\nurl: "https:\/\/site\d+\.example\/p\/5"\ntitle: "Title 5: \\"é\\""\n/);
    expect(page.text).toContain('\n---\n\n# Title 5: "é"\n\n');
    expect(page.text).not.toContain('fields:');
    expect(entries.find(({ path }) => path === `${host}/p/6.md`)?.text).toContain('\nfields: {"price":3}\n');
    expect(entries.find(({ path }) => path.endsWith('p/119.md'))!.text).toContain(`[next](${site}/p/120#part)`);
    const index = entries.find(({ path }) => path === 'index.md')!.text;
    expect(index).toContain(`120 pages.\n\n- [Title 0: "é"](${host}/p/0.md)\n- [Title 1: "é"](${host}/p/1.md)\n`);
    const manifest = entries
      .find(({ path }) => path === 'manifest.jsonl')!
      .text.trim()
      .split('\n');
    expect([manifest.length, JSON.parse(manifest[7]!)]).toEqual([
      120,
      { url: `${site}/p/7`, path: `${host}/p/7.md`, document: `doc_${crawls}_7`, title: 'Title 7: "é"' },
    ]);
  });

  it('of a cancelled crawl is what it stored, and CANCELLED when that is nothing', async () => {
    const { id } = await crawl(2, undefined, 'cancelled');
    expect((await result(id, 'application/x-ndjson')).text.trim().split('\n')).toHaveLength(2);
    expect((await result((await crawl(0, undefined, 'cancelled')).id, 'application/zip')).json.code).toBe('CANCELLED');
  });

  it('that fails at once is a problem, and later a broken answer', async () => {
    const { id } = await crawl(200, () => 'x'.repeat(20_000));
    const exported = api.ledger.exported.bind(api.ledger);
    for (const accept of ['application/x-ndjson', 'application/zip']) {
      let reads = 0;
      api.ledger.exported = async (...parameters) => {
        if (++reads > 4) throw new Error('the database is gone');
        return exported(...parameters);
      };
      await expect(bytesOf(id, accept)).rejects.toThrow(/terminated|socket|aborted|fetch failed/i);
      api.ledger.exported = async () => Promise.reject(new Error('the database is gone'));
      expect((await result(id, accept)).json).toMatchObject({ status: 500, code: 'INTERNAL' });
      api.ledger.exported = exported;
    }
    expect((await bytesOf(id, 'application/x-ndjson')).toString().trim().split('\n')).toHaveLength(200);
  });

  it('is read no further than the client takes it, nor after it has gone', async () => {
    const { id } = await crawl(2_000, () => 'x'.repeat(50_000));
    const before = api.ledger.groups;
    const headers = { accept: 'application/x-ndjson', authorization: `Bearer ${KEYS.admin}` };
    const request = get(`${api.url}/api/v1/jobs/${id}/result`, { headers });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    await once(response, 'readable');
    // 100 MB in all; what is on its way is the group in hand and what sockets hold.
    await api.call('/health/live', { key: null });
    expect(api.ledger.groups - before).toBeLessThan(15);
    request.destroy();
    const after = (await result(id, 'application/json')).status;
    expect([after, api.ledger.groups - before < 15]).toEqual([200, true]);
  });
});
