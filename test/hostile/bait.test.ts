/** Case 24 of the thirty, at every place of a page that an expression looks at: what takes squared time meets the limit of the thread. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CpuPool, createCpuPool } from '../../apps/workers/src/cpu-pool.js';

/** Linear expressions are done in a second or two; of the squared ones that were found here, none within three minutes. */
const LIMIT_MS = 60_000;
const FILLER_CHARACTERS = 250_000;

let cpu: CpuPool;
beforeAll(() => {
  // Built, because a thread runs no TypeScript.
  cpu = createCpuPool({ threads: 2, timeoutMs: LIMIT_MS, threadModule: new URL('../../apps/workers/dist/cpu-thread.js', import.meta.url) });
});
afterAll(async () => await cpu[Symbol.asyncDispose]());

const TEXT = 'words of the page, and more of them '.repeat(20);
const PLACES: readonly ((filler: string) => string)[] = [
  (x) => `<h1>a ${x} b</h1><h2>a ${x} b</h2><title>a ${x} b</title>`,
  (x) => `<p class="byline">By Ada ${x} b</p><meta name="author" content="Ada ${x} b"><span itemprop="author">Ada ${x} b</span>`,
  (x) => `<time class="date" datetime="2026 ${x} b">2026 ${x} b</time><meta property="article:published_time" content="2026 ${x} b">`,
  (x) => `<div itemtype="http://schema.org/Product" itemscope><span class="price" itemprop="price">$1 ${x} b</span></div>`,
  (x) => `<nav class="breadcrumb"><a href=/>a ${x} b</a> › <a href=/b>c</a></nav>`,
  (x) => `<pre><code class="language-${x} b">a ${x} b</code></pre><p>a <code>${x}b</code></p>`,
  (x) => `<p>a ${x} b <em> ${x} b</em>c <a href="/a ${x} b">a ${x} b</a></p><ul><li>a ${x} b</li></ul><blockquote>a ${x} b</blockquote>`,
  (x) =>
    `<table><tr><td>a ${x} b</td><td>c</td></tr></table><figure><img src=/x alt="a ${x} b" srcset="a ${x} b"><figcaption>a ${x}</figcaption></figure>`,
  (x) =>
    `<script type="application/ld+json">{"@type":"Article","headline":${JSON.stringify(x)},"author":${JSON.stringify(`Ada ${x}`)}}</script>`,
  (x) => `<script type="application/ld+json">${x} b</script><div class="a ${x} b">z</div>`,
];

describe('24 regex bait', () => {
  it.each([' ', '\u00a0', ' \n', '#', "'", '/', '1', '1,', '›', '_ ', '`', ' and'])('%j without end', async (filler) => {
    const { url, signal } = { url: 'https://hostile.example/a', signal: new AbortController().signal };
    const long = filler.repeat(FILLER_CHARACTERS / filler.length);
    const results = await Promise.all(
      PLACES.map((place) => {
        const bytes = Buffer.from(`<!doctype html><body>${place(long)}<article><h1>T</h1>${place(long)}<p>${TEXT}</p></article>`);
        return cpu.extract(
          { body: { bytes, charset: 'utf-8', contentType: 'text/html', url }, templates: [], unknownTemplate: 'general' },
          signal,
        );
      }),
    );
    expect(results.map(({ kind }) => kind)).toEqual(PLACES.map(() => 'page'));
  });
});
