import { describe, expect, it } from 'vitest';
import { parseSitemap } from './sitemap.js';

const BASE = 'https://example.com/sitemaps/one.xml';
const urls = (text: string): string[] => parseSitemap(text, BASE).entries.map(({ url }) => url);

describe('parseSitemap', () => {
  it('reads pages with their times and weights', () => {
    const text = `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <url><loc> https://example.com/a?x=1&amp;y=2#part </loc><lastmod>2026-11-01</lastmod><priority>0.8</priority></url>
      <url><loc>/b</loc><lastmod>yesterday</lastmod><priority>9</priority></url></urlset>`;
    expect(parseSitemap(text, BASE)).toEqual({
      kind: 'pages',
      entries: [
        { url: 'https://example.com/a?x=1&y=2', lastModified: '2026-11-01T00:00:00.000Z', priority: 0.8 },
        { url: 'https://example.com/b', lastModified: null, priority: 1 },
      ],
    });
  });

  it('tells an index from pages, and leaves images of a page out', () => {
    expect(parseSitemap('<sitemapindex><sitemap><loc>https://example.com/two.xml.gz</loc></sitemap></sitemapindex>', BASE)).toMatchObject({
      kind: 'index',
      entries: [{ url: 'https://example.com/two.xml.gz' }],
    });
    expect(urls('<urlset><url><loc>/a</loc><image:image><image:loc>/a.png</image:loc></image:image></url></urlset>')).toEqual([
      'https://example.com/a',
    ]);
  });

  it('reads feeds and plain lists', () => {
    expect(
      urls('<rss><channel><link>/</link><item><link>/post</link><pubDate>Sun, 01 Nov 2026 00:00:00 GMT</pubDate></item></channel></rss>'),
    ).toEqual(['https://example.com/post']);
    expect(urls('<feed><entry><link rel="self" href="/self"/><link href="/entry"/></entry></feed>')).toEqual(['https://example.com/entry']);
    expect(urls('https://example.com/1\nnot a page\r\nhttps://example.com/2')).toEqual(['https://example.com/1', 'https://example.com/2']);
  });

  it('expands no entities, and takes what stands before a file breaks off', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`;
    const found = urls(`${bomb}<urlset><url><loc>https://example.com/&b;</loc></url><url><loc>https://example.com/&c;</loc></url>`);
    expect(found.join(' ')).not.toMatch(/aaaa|root:/);
    expect(urls('<urlset><url><loc>/whole</loc></url><url><loc>/cut')).toEqual(['https://example.com/whole']);
    expect(urls(`<urlset>${'<x>'.repeat(50_000)}<url><loc>/deep</loc></url>`)).toEqual(['https://example.com/deep']);
  });

  it('leaves out what is no page, and more than 50,000', () => {
    expect(urls('<urlset><url><loc>ftp://example.com/a</loc></url><url><loc>https://u:p@example.com/</loc></url><url/></urlset>')).toEqual(
      [],
    );
    const many = Array.from({ length: 50_010 }, (_, index) => `<url><loc>/${index}</loc></url>`).join('');
    expect(urls(`<urlset>${many}</urlset>`).length).toBe(50_000);
  });
});
