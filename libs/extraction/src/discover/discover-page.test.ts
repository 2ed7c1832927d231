import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { discoverPage } from './discover-page.js';

const page = (html: string): ReturnType<typeof parsePage> =>
  parsePage(`<!doctype html><html>${html}</html>`, 'https://example.com/news/one');
const urlsOf = (html: string): string[] => discoverPage(page(html)).links.map(({ url }) => url);

describe('discoverPage', () => {
  it('finds each page once, without fragments, tracking variants and what is no page', () => {
    const html = `<body><a href="two">2</a><a href="two#part">2</a><a href="two?utm_source=x">2</a><a href="/three?b=1&a=2">3</a>
      <a href="mailto:a@example.com">m</a><a href="javascript:void 0">j</a><a href="https://u:p@example.com/">u</a><a href="#top">t</a></body>`;
    expect(urlsOf(html)).toEqual(['https://example.com/news/two', 'https://example.com/three?b=1&a=2']);
  });

  it('heeds base, and links of the head that lead to pages', () => {
    const html = `<head><base href="https://example.org/x/"><link rel="next" href="2"><link rel="stylesheet" href="s.css">
      <link rel="alternate" type="application/rss+xml" href="feed"><link rel="alternate" hreflang="de" href="/de"></head><body><a href="y">y</a></body>`;
    expect(urlsOf(html)).toEqual(['https://example.org/x/y', 'https://example.org/x/2', 'https://example.org/de']);
  });

  it.each([
    ['<meta name="robots" content="NoIndex, nofollow">', null, { noindex: true, nofollow: true }],
    ['<meta name="ROBOTS" content="none">', null, { noindex: true, nofollow: true }],
    ['<meta name="gleanerbot" content="noindex">', null, { noindex: true, nofollow: false }],
    ['<meta name="otherbot" content="noindex">', 'otherbot: noindex, nofollow', { noindex: false, nofollow: false }],
    ['', 'noarchive, nofollow', { noindex: false, nofollow: true }],
    ['', 'otherbot: noindex, gleanerbot: nofollow', { noindex: false, nofollow: true }],
    ['', 'unavailable_after: 25 Jun 2010 15:00:00 PST, noindex', { noindex: true, nofollow: false }],
  ])('reads %s with the header %s', (meta, header, expected) => {
    expect(discoverPage(page(`<head>${meta}</head><body></body>`), header).robots).toEqual(expected);
  });
});
