/** Fields that a crawl asks its pages for, in the whole system: from rules alone, from a model behind OPENAI_BASE_URL, and learned. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CrawlResult, Document, FieldWish, Job } from '@gleaner/sdk';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completion } from '../../libs/models/src/test-support/openai-wire.js';
import { type Wire, silence, startWire } from '../../libs/models/src/test-support/wire-server.js';
import { type Gleaner, kill, startGleaner, waitUntil } from '../support/gleaner.js';
import { readableText } from '../support/payload-text.js';

const WARES = 12;
const WISH = 'WISH-OF-THE-CALLER what the maker promises';
const MAX_MESSAGE_BYTES = 10_000;

/** Its height stands in a table, how long it burns beside a label that only a learned rule reads, its promise in a sentence. */
function ware(n: number): string {
  const story = Array.from(
    { length: 5 },
    (_, p) => `<p>Lantern ${n} keeps its light in wind ${p * n}, and harbors have trusted it for ${n + p} winters, mark${n}ware.</p>`,
  );
  const links = Array.from({ length: WARES }, (_, i) => `<li><a href="/ware/${i}">Lantern ${i}</a></li>`);
  return `<!doctype html><html lang="en"><head><title>Lantern ${n} | Quay</title></head><body><nav><ul>${links.join('')}</ul></nav>
<main class="ware"><h1>Lantern ${n}</h1>${story.join('')}<table><tr><th>Height</th><td>${200 + n} mm</td></tr></table>
<div class="facts"><div><b>Burns for</b><i>${40 + n} hours</i></div></div><p>It is sold with a promise of ${n + 1} seasons.</p></main></body></html>`;
}

const shop = createServer((request, response) => {
  const number = /^\/ware\/(\d+)$/.exec(request.url ?? '')?.[1];
  if (number === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(ware(Number(number)));
});

let gleaner: Gleaner;
let wire: Wire;
let url: string;
let isSilent = false;
beforeAll(async () => {
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(shop.address() as AddressInfo).port}`;
  url = `http://${address}/ware/0`;
  wire = await startWire(({ body }) => {
    const [, seasons = ''] = /promise of (\d+) seasons/.exec(JSON.stringify(body)) ?? [];
    return isSilent ? silence : completion(JSON.stringify({ promise: `${seasons} seasons` }));
  });
  gleaner = await startGleaner({
    allow: [address],
    environment: {
      OPENAI_BASE_URL: `${wire.url}/v1`,
      OPENAI_API_KEY: 'sk-system-test-secret',
      GLEANER_MODELS: 'extract=openai:sim-model|json;learn=none;answer=none;embed=none',
    },
  });
});
afterAll(async () => {
  await gleaner[Symbol.asyncDispose]();
  shop.closeAllConnections();
  shop.close();
  await wire.close();
});

const start = (fields: Readonly<Record<string, FieldWish>>) =>
  gleaner.client.crawl({ url, scope: 'path', render: 'never', embed: false, fields });

interface Crawled {
  readonly job: Job;
  readonly result: CrawlResult;
  /** By number of the ware. */
  readonly documents: ReadonlyMap<number, Document>;
}

async function ended(id: string): Promise<Crawled> {
  const job = await gleaner.client.wait(id, { signal: AbortSignal.timeout(120_000) });
  expect([job.state, job.error, job.counts.stored]).toEqual(['completed', null, WARES]);
  const pages = await Array.fromAsync(gleaner.client.pages(id, { state: 'stored' }));
  const documents = await Promise.all(pages.map(({ documentId }) => gleaner.client.document(documentId ?? '')));
  const numbered = documents.map((document) => [Number(document.url.split('/').at(-1)), document] as const);
  return { job, result: await gleaner.client.result<CrawlResult>(id), documents: new Map(numbered) };
}

describe('a crawl that asks for fields', () => {
  it('has them from the pages alone, with evidence, and says that no model was needed', async () => {
    const { job, result, documents } = await ended((await start({ height: { type: 'integer' }, title: {} })).id);
    expect(documents.size).toBe(WARES);
    for (const [n, { fields, evidence, extraction }] of documents) {
      expect(fields).toEqual({ height: 200 + n, title: `Lantern ${n}` });
      expect(evidence['height']).toMatchObject({ verbatim: true, selector: expect.any(String) });
      expect(extraction.fields).toMatchObject({ valid: true, missing: [], modelCalls: 0, modelCallsAvoided: 1, model: null });
    }
    expect(job.usage).toEqual({ modelCalls: 0, modelCallsAvoided: WARES, tokens: 0, costUsd: 0 });
    expect(result).toMatchObject({ pages: WARES, incomplete: 0, usage: job.usage });
    expect(wire.requests).toEqual([]);
  });

  it('asks a model once a page for the rest, also when the worker dies while it thinks', async () => {
    isSilent = true;
    const { id } = await start({ height: {}, promise: { description: WISH } });
    await waitUntil(async () => wire.requests.length > 0, 60_000);
    kill((await gleaner.pids())['worker-cpu'] ?? 0);
    isSilent = false;
    const { job, documents } = await ended(id);
    for (const [n, { fields, evidence }] of documents) {
      expect(fields).toEqual({ height: `${200 + n} mm`, promise: `${n + 1} seasons` });
      expect(evidence['promise']).toMatchObject({ method: 'model', model: 'openai:sim-model', verbatim: true });
    }
    expect(job.usage).toMatchObject({ modelCalls: WARES, modelCallsAvoided: 0, tokens: WARES * 18 });
    expect(wire.requests).toHaveLength(WARES + 1);
  });

  it('names a required field that no page has, and counts the pages', async () => {
    const before = wire.requests.length;
    const schema = { type: 'object', required: ['warranty'], properties: { height: {}, warranty: { type: 'integer' } } };
    const { id } = await gleaner.client.crawl({ url, scope: 'path', render: 'never', embed: false, limit: 3, schema });
    const job = await gleaner.client.wait(id, { signal: AbortSignal.timeout(120_000) });
    const { pages, incomplete } = await gleaner.client.result<CrawlResult>(id);
    expect([job.state, pages, incomplete]).toEqual(['completed', 3, 3]);
    // The wire's answer has no such field: asked again with what was wrong, and then given up.
    expect(wire.requests.length - before).toBe(job.usage.modelCalls);
    expect(job.usage.modelCalls).toBe(6);
  });

  it('learns rules for what it asks, and the next crawl needs no model', async () => {
    const { host } = new URL(url);
    const [template] = (await gleaner.client.site(host)).templates;
    const [version] = await gleaner.client.versions(host, template?.templateId ?? '');
    // It was learned by crawls that did not ask for this.
    expect(version?.config.asked ?? {}).not.toHaveProperty('burning');
    const fields = { burning: { description: 'Burns for' } } as const;
    await ended((await start(fields)).id);
    const before = wire.requests.length;
    const { job, documents } = await ended((await start(fields)).id);
    for (const [n, document] of documents) {
      expect(document.fields).toEqual({ burning: `${40 + n} hours` });
      expect(document.evidence['burning']).toMatchObject({ method: 'template', version: expect.any(Number), verbatim: true });
    }
    expect(job.usage).toMatchObject({ modelCalls: 0, modelCallsAvoided: WARES });
    expect(wire.requests).toHaveLength(before);
  });

  it('keeps wishes, prompts and values out of every workflow history, and messages small', async () => {
    const connection = await Connection.connect({ address: gleaner.ready.temporal });
    const client = new Client({ connection });
    const histories: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) {
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of events ?? []) histories.push(readableText(event));
    }
    await connection.close();
    expect(Math.max(...histories.map((text) => Buffer.byteLength(text)))).toBeLessThan(MAX_MESSAGE_BYTES);
    const all = histories.join('\n');
    expect(all).toContain('extractBatch');
    for (const secret of ['WISH-OF-THE-CALLER', 'Burns for', 'seasons', 'mark1ware', 'sk-system-test-secret'])
      expect(all).not.toContain(secret);
  });
});
