/** What a parsing thread says of a page of a crawl, with bodies in memory. */
import type { CrawlPageInput } from '@gleaner/activities';
import { contentHashOf, extractPage, parsePage } from '@gleaner/extraction';
import { expect, it } from 'vitest';
import { crawlPages } from './crawl-thread.js';
import { memoryBlobs, storedPage } from './test-support/memory-stage.js';

const URL_OF_PAGE = 'https://quay.example/ware/1';
const TEXT = 'The storm lantern keeps its light in every wind, and harbors have trusted it for a hundred years of winters. ';
const page = (paragraphs: number): string =>
  `<html lang="en"><title>Storm lantern</title><main><h1>Storm lantern</h1>${`<p>${TEXT}</p>`.repeat(paragraphs)}</main></html>`;

const blobs = memoryBlobs();
const general = extractPage(parsePage(page(8), URL_OF_PAGE), null).page;
const earlier = { title: general.title, contentHash: contentHashOf(general.text), templateVersion: null, isSameBody: true };

async function parsed(change: (snapshot: CrawlPageInput['snapshot']) => Partial<CrawlPageInput>) {
  const snapshot = await storedPage(blobs, URL_OF_PAGE, page(8));
  const input: CrawlPageInput = { key: 'key', url: URL_OF_PAGE, depth: 1, fetchMs: 1, snapshot, templates: [], ...change(snapshot) };
  const { pages } = await crawlPages({ pages: [input], maxChunkTokens: 0, embedding: { mode: 'none' } }, () => blobs);
  return pages[0];
}

const servedAs = async (html: string) => ({ body: await blobs.put(Buffer.from(html)), charset: 'utf-8' });

it('keeps a page whose body the same would make the same of, and makes it anew where another version serves it', async () => {
  expect(await parsed(() => ({ earlier }))).toMatchObject({ kind: 'known' });
  expect(await parsed(() => ({ earlier: { ...earlier, isSameBody: false } }))).toMatchObject({ kind: 'known' });
  expect(await parsed(() => ({ earlier: { ...earlier, isSameBody: false, title: 'Another' } }))).toMatchObject({ kind: 'page' });
  expect(await parsed(() => ({ earlier: { ...earlier, templateVersion: 3 } }))).toMatchObject({ kind: 'page' });
});

it('believes a page that asks not to be indexed now, although its body is what it was', async () => {
  expect(await parsed((snapshot) => ({ earlier, snapshot: { ...snapshot, robotsTag: 'noindex' } }))).toMatchObject({ kind: 'noindex' });
});

it('says of rendered pages whether the browser added anything, also where they are kept as they are', async () => {
  const [shell, same] = [await servedAs('<div id="app"></div>'), await servedAs(page(8))];
  expect(await parsed((snapshot) => ({ snapshot: { ...snapshot, served: shell } }))).toMatchObject({ kind: 'page', browserAdds: true });
  expect(await parsed((snapshot) => ({ snapshot: { ...snapshot, served: same } }))).toMatchObject({ kind: 'page', browserAdds: false });
  expect(await parsed((snapshot) => ({ earlier, snapshot: { ...snapshot, served: shell } }))).toMatchObject({
    kind: 'known',
    browserAdds: true,
  });
  expect((await parsed(() => ({})))?.browserAdds).toBeUndefined();
});
