import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { extractGeneral } from './general.js';

const PROSE =
  'The harbor wakes before the town does, and the first boats leave while the lanterns still burn. Nobody counts them, but everybody knows their names. ';
const paragraphs = (count: number): string =>
  Array.from({ length: count }, (_, number) => `<p>${PROSE}This is paragraph ${number}.</p>`).join('');

function extract(head: string, body: string, url = 'https://paper.example/news/harbor') {
  return extractGeneral(parsePage(`<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`, url));
}

const frame = (content: string): string =>
  `<header><nav><a href="/a">Home</a> <a href="/b">News</a></nav></header><div>We use cookies to make this site better.</div>${content}
   <aside><h3>Trending elsewhere</h3><ul><li><a href="/t">Another story</a></li></ul></aside><footer>All rights reserved.</footer>`;

const furnished = (
  name: (plain: string) => string,
): string => `<div class="${name('menu')}"><a href="/1">One</a><a href="/2">Two</a><a href="/3">Three</a></div>
      <div class="${name('article-body')}"><h1>Harbor wakes</h1>${paragraphs(5)}</div><div class="${name('related')}"><h3>Related stories</h3><ul><li><a href="/x">X story of the day</a></li><li><a href="/y">Y story of the day</a></li></ul></div>`;

describe('extractGeneral', () => {
  it('finds the article and leaves the furniture out', () => {
    const page = extract(
      '<title>Harbor wakes | The Paper</title>',
      frame(`<div><h1>Harbor wakes</h1><p>By <span>Ada Marlow</span></p><time datetime="2026-03-05">5 March</time>${paragraphs(6)}</div>`),
    );
    expect(page.title).toBe('Harbor wakes');
    expect(page.author).toEqual(['Ada Marlow']);
    expect(page.publishedAt).toBe('2026-03-05');
    expect(page.type).toBe('article');
    expect(page.siteName).toBe('The Paper');
    expect(page.text.match(/This is paragraph/g)).toHaveLength(6);
    for (const furniture of ['cookies', 'Trending', 'rights reserved', 'News']) expect(page.markdown).not.toContain(furniture);
    expect(page.evidence['publishedAt']).toMatchObject({ source: 'dom', verbatim: true });
  });

  it('does not need class and id names', () => {
    const named = extract(
      '<title>Harbor wakes</title>',
      furnished((plain) => plain),
    );
    const renamed = extract(
      '<title>Harbor wakes</title>',
      furnished((plain) => `x${plain.length}`),
    );
    expect(renamed.markdown).toBe(named.markdown);
    expect(renamed.markdown).not.toContain('story of the day');
  });

  it('prefers structured data and says so', () => {
    const ld = JSON.stringify({
      '@graph': [
        {
          '@type': 'NewsArticle',
          headline: 'Harbor wakes',
          author: [{ '@type': 'Person', name: 'Jo Lind' }],
          datePublished: '2026-03-05T08:00:00Z',
          dateModified: '2026-03-06',
        },
      ],
    });
    const page = extract(
      `<title>Harbor wakes - The Paper</title><script type="application/ld+json">${ld}</script><link rel="canonical" href="/news/h">`,
      frame(`<main><h1>Harbor wakes</h1>${paragraphs(4)}</main>`),
    );
    expect(page).toMatchObject({
      author: ['Jo Lind'],
      publishedAt: '2026-03-05T08:00:00Z',
      modifiedAt: '2026-03-06',
      canonicalUrl: 'https://paper.example/news/h',
    });
    expect(page.evidence['author']?.source).toBe('jsonld');
  });

  it('reads a product with price, currency, rating and breadcrumbs', () => {
    const ld = JSON.stringify([
      {
        '@type': 'Product',
        name: 'Lamp',
        offers: { '@type': 'Offer', price: 19.9, priceCurrency: 'EUR', availability: 'https://schema.org/InStock' },
        aggregateRating: { ratingValue: '4.5', reviewCount: 12 },
      },
      { '@type': 'BreadcrumbList', itemListElement: [{ name: 'Home' }, { name: 'Lamps' }] },
    ]);
    const page = extract(
      `<title>Lamp</title><script type="application/ld+json">${ld}</script>`,
      frame(`<main><h1>Lamp</h1><p>€19.90</p>${paragraphs(2)}</main>`),
      'https://shop.example/p/lamp',
    );
    expect(page.type).toBe('product');
    expect(page.fields).toMatchObject({
      price: '19.9',
      currency: 'EUR',
      availability: 'InStock',
      rating: '4.5',
      ratingCount: '12',
      breadcrumbs: ['Home', 'Lamps'],
    });
  });

  it('reads a price that only readers see', () => {
    const page = extract(
      '<title>Lamp</title><meta property="og:type" content="product">',
      frame(`<main><h1>Lamp</h1><p><del>€1.599,00</del> <b>€1.299,00</b></p>${paragraphs(2)}</main>`),
      'https://shop.example/lamp',
    );
    expect(page.fields).toMatchObject({ price: '1299.00', currency: 'EUR' });
  });

  it('keeps every post of a thread', () => {
    const posts = Array.from(
      { length: 5 },
      (_, number) =>
        `<div><a href="/u/${number}">user${number}</a><div>Post number ${number}: I think that the harbor is nice, and so do you.</div></div>`,
    ).join('');
    const page = extract(
      '<title>Harbor thread</title>',
      frame(`<div><h1>Harbor thread</h1>${posts}</div>`),
      'https://forum.example/threads/12',
    );
    expect(page.type).toBe('forum');
    expect(page.text.match(/Post number \d/g)).toHaveLength(5);
  });

  it('keeps the items of a list and gives it no date of theirs', () => {
    const items = Array.from(
      { length: 6 },
      (_, number) =>
        `<article><h2><a href="/b/${number}">Post ${number}</a></h2><time datetime="2026-01-0${number + 1}">then</time><p>Teaser of post ${number}.</p></article>`,
    ).join('');
    const page = extract('<title>Blog</title>', frame(`<div><h1>Blog</h1>${items}</div>`), 'https://paper.example/blog');
    expect(page).toMatchObject({ type: 'listing', publishedAt: null });
    expect(page.text.match(/Teaser of post \d/g)).toHaveLength(6);
    expect(page.markdown).toContain('## [Post 3](https://paper.example/b/3)');
  });

  it('says its headline where it says nothing else', () => {
    expect(extract('<title>Gone</title>', '<h1>Not found</h1>')).toMatchObject({
      title: 'Not found',
      text: 'Not found',
      markdown: '# Not found',
    });
  });

  it('joins a text that is cut into boxes', () => {
    const page = extract(
      '<title>Harbor wakes</title>',
      `<div><div><div class="part">${paragraphs(4)}</div></div><div><a href="/ad">Buy boats</a></div><div><div class="part">${paragraphs(4)}</div></div></div>`,
    );
    expect(page.text.match(/This is paragraph/g)).toHaveLength(8);
  });

  it('never leaves a page with text empty', () => {
    expect(extract('', '<p>Short.</p>').text).toBe('Short.');
    expect(extract('', '').text).toBe('');
  });
});
