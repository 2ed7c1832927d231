import { describe, expect, it } from 'vitest';
import { parsePage } from '../parse/parsed-page.js';
import { type LabelledPage, labelledPages, scoreMarks } from '../test-support/labelled-pages.js';
import { extractGeneral } from './general.js';

const extract = (body: string, head = '<title>Harbor</title>', url = 'https://harbor.example/x/7') =>
  extractGeneral(parsePage(`<html lang="en"><head>${head}</head><body>${body}</body></html>`, url));
const named = (page: LabelledPage) => [`${page.type}, ${page.layout}`, page] as const;

describe('pages that are no articles', () => {
  it.each(labelledPages().map(named))('%s', (_, page) => {
    const answer = extractGeneral(parsePage(page.html, page.url));
    const score = scoreMarks(page, answer.text);
    expect(answer).toMatchObject({ type: page.type, title: page.title });
    expect(score.recall).toBe(1);
    expect(score.precision).toBeGreaterThanOrEqual(0.9);
    expect(score.inOrder).toBe(true);
    expect(answer.publishedAt === null || page.type === 'forum' || page.type === 'product').toBe(true);
    expect(answer.fields['posts']).toBe(page.posts);
  });

  it('links the headline of every card once', () => {
    for (const page of labelledPages().filter(({ layout }) => /cards/.test(layout))) {
      const links = extractGeneral(parsePage(page.html, page.url)).markdown.match(
        /^#+ \[[^\]]+\]\(https:\/\/harbor\.example\/\w+\/\d\)$/gm,
      );
      expect(new Set(links).size).toBe(6);
      expect(links).toHaveLength(6);
    }
  });
});

describe('boxes in a line', () => {
  it.each([
    ['<div><b>wanderer</b><span>Regular</span></div>', 'wanderer Regular'],
    ['<section><b>wanderer</b>New here</section>', 'wanderer New here'],
    ['<ul><li><a href="/a">Boats</a><a href="/b">Ropes</a><p>Both are old.</p></li></ul>', 'Boats Ropes'],
    ['<p><time>3 March</time><span>Ada</span></p>', '3 March Ada'],
  ])('are parted: %s', (html, text) => {
    expect(extract(html).text).toContain(text);
  });

  it.each([
    ['<p><b>un</b><i>common</i> words</p>', 'uncommon'],
    ['<div><span>T</span><span>he tide</span></div>', 'The tide'],
    ['<div>H<sub>2</sub>O and 10<sup>th</sup></div>', 'H2O and 10th'],
    ['<div><span>19</span><span>99</span></div>', '1999'],
    ['<p>Java<b>Script</b> is fine.</p>', 'JavaScript'],
  ])('are not parted inside a word: %s', (html, text) => {
    expect(extract(html).text).toContain(text);
  });
});

describe('titles', () => {
  const prose = '<p>The harbor wakes before the town does, and the first boats leave while the lanterns still burn.</p>'.repeat(3);

  it.each([
    ['without a headline', `<div>${prose}</div>`, '<title>Tides of March | Harbor Works</title>'],
    [
      'with a headline that is the name of the site',
      `<h1>Harbor Works</h1><div>${prose}</div>`,
      '<title>Tides of March | Harbor Works</title>',
    ],
    [
      'with a second headline',
      `<h1>Harbor Works</h1><h1>Tides of March</h1>${prose}`,
      '<meta property="og:site_name" content="Harbor Works">',
    ],
    ['named nowhere but in a heading', `<div><h2>Tides of March</h2>${prose}</div>`, ''],
  ])('are found %s', (_, body, head) => {
    expect(extract(body, head).title).toBe('Tides of March');
  });
});

describe('products that only readers see', () => {
  it('tells price, availability and rating', () => {
    const page = labelledPages().find(({ type }) => type === 'product');
    if (page === undefined) throw new Error('no product page');
    expect(extractGeneral(parsePage(page.html, page.url)).fields).toMatchObject({
      price: '64.50',
      currency: 'EUR',
      availability: 'InStock',
      rating: '4.6',
      ratingCount: '112',
    });
  });
});
