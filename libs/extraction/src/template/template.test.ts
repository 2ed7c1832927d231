import type { TemplateConfig, TemplateVersion } from '@gleaner/domain';
import { describe, expect, it } from 'vitest';
import { type ParsedPage, parsePage } from '../parse/parsed-page.js';
import { extractByTemplate, extractPage } from './apply.js';
import { shapeOf, templateKeyOf } from './key.js';
import { learnTemplate } from './learn.js';
import { sampleCandidates } from './sample-candidates.js';

const WORDS = 'harbor lantern meadow copper violin orchard thunder pebble glacier compass ribbon walnut ember falcon'.split(' ');
const NAMES = ['Ada Marlow', 'Jonas Petrov', 'Mireille Dubois', 'Kenji Watanabe', 'Sofia Lind'];

/** A small site with three templates; `design` renames everything and adds boxes. */
function source(kind: 'news' | 'wiki' | 'shop', number: number, design = 0): string {
  const name = (plain: string): string => (design === 0 ? plain : `x${design}${plain.length}f${plain.charCodeAt(0)}`);
  const word = (offset: number): string => WORDS[(number * 5 + offset) % WORDS.length] ?? '';
  const paragraphs = Array.from(
    { length: 4 + (number % 3) },
    (_, part) =>
      `<p>The ${word(part)} follows the ${word(part + 3)}, and the ${word(part + 6)} keeps the ${word(part + 9)} for a while, mark-${kind}-${number}-${part}. Nobody saw the ${word(part + 1)} leave.</p>`,
  ).join('');
  const title = `The ${word(1)} of ${word(4)} ${number}`;
  const body = {
    news: `<article class="${name('story')}"><h1 class="${name('headline')}">${title}</h1><p class="${name('byline')}">By <span class="${name('author')}">${NAMES[number % NAMES.length]}</span></p><time datetime="2026-02-0${1 + (number % 8)}">then</time><div class="${name('text')}">${paragraphs}</div><div class="${name('promo')}">Join our club of friends today</div></article>`,
    wiki: `<div class="${name('page')}"><h1>${title}</h1><div class="${name('toc')}"><ul><li><a href="#a">Part</a></li></ul></div><section>${paragraphs}</section></div>`,
    shop: `<main><h1 itemprop="name">${title}</h1><b class="${name('price')}">€${number + 10}.50</b><div class="${name('about')}">${paragraphs}</div></main>`,
  }[kind];
  const wrapped = design === 0 ? body : `<div class="${name('outer')}"><div>${body}</div></div>`;
  const links = [1, 2, 3, 4].map((other) => `<a href="/${kind}/item-${other}?utm_source=x#top">Item ${other}</a>`).join('');
  return `<html lang="en"><head><title>${title} | Site</title></head><body><nav><a href="/">Home</a>${links}</nav>${wrapped}<footer>Footer of the site</footer></body></html>`;
}

const page = (kind: 'news' | 'wiki' | 'shop', number: number, design = 0): ParsedPage =>
  parsePage(source(kind, number, design), `https://site.example/${kind}/item-${number}`);

function version(config: TemplateConfig, mean = 1): TemplateVersion {
  return {
    ...templateKeyOf('https://site.example/news/item-1'),
    version: 3,
    state: 'active',
    pinned: false,
    config,
    scores: { mean, min: mean, pagesLearned: 3, pagesHeldOut: 3 },
    author: 'heuristic',
    model: null,
    costUsd: 0,
    sampleUrls: [],
    createdAt: '2026-01-01T00:00:00Z',
  };
}

function learn(kind: 'news' | 'wiki' | 'shop', numbers = [1, 2, 3]) {
  const learned = learnTemplate(numbers.map((number) => page(kind, number)).map((sample) => ({ page: sample, url: sample.url })));
  if (learned.kind !== 'learned') throw new Error(learned.reason);
  return learned;
}

describe('learnTemplate', () => {
  it.each(['news', 'wiki', 'shop'] as const)('learns %s on three pages and holds on others', (kind) => {
    const learned = learn(kind);
    expect(learned.scores.mean).toBeGreaterThan(0.9);
    for (const number of [4, 5, 6, 7]) {
      const answer = extractByTemplate(page(kind, number), version(learned.config));
      if ('miss' in answer) throw new Error(answer.miss);
      expect(answer.page).toMatchObject({ method: 'template', version: 3 });
      expect(answer.page.markdown.match(/mark-\w+-\d+-\d/g)).toHaveLength(4 + (number % 3));
      expect(answer.page.markdown).not.toContain('Footer of the site');
      expect(answer.page.title).toContain(String(number));
    }
  });

  it('learns fields by several kinds of evidence', () => {
    const { config } = learn('news');
    expect(new Set(config.fields['author']?.map((rule) => rule.evidence)).size).toBeGreaterThan(1);
    const answer = extractPage(page('news', 7), version(config)).page;
    expect(answer).toMatchObject({ author: ['Mireille Dubois'], publishedAt: '2026-02-08' });
    expect(extractPage(page('shop', 9), version(learn('shop').config)).page.fields).toMatchObject({ price: '19.50', currency: 'EUR' });
  });

  it('keeps no rule with a position or a made-up name', () => {
    const learned = learnTemplate([1, 2, 3].map((number) => page('news', number, 7)).map((sample) => ({ page: sample, url: sample.url })));
    expect(JSON.stringify(learned)).not.toMatch(/nth-child|\.x7\d/);
  });

  it('needs two pages with content', () => {
    expect(learnTemplate([{ page: page('news', 1), url: 'https://site.example/' }])).toMatchObject({ kind: 'unlearnable' });
    const empty = parsePage('<body></body>', 'https://site.example/news/e');
    expect(
      learnTemplate([
        { page: page('news', 1), url: '' },
        { page: empty, url: '' },
      ]).kind,
    ).toBe('unlearnable');
  });

  it('survives a redesign by its structural rules', () => {
    const { config } = learn('news');
    const answer = extractPage(page('news', 5, 2), version(config));
    expect(answer.page.method).toBe('template');
    expect(answer.page.markdown.match(/mark-news-5-\d/g)).toHaveLength(6);
  });
});

describe('the guard', () => {
  const config: TemplateConfig = {
    content: [{ selector: 'nav', evidence: 'structure' }],
    exclude: [],
    fields: {},
    type: 'article',
    fingerprint: { minChars: 600, medianChars: 800, maxChars: 900 },
  };

  it('refuses content that is too short and falls back', () => {
    expect(extractByTemplate(page('news', 1), version(config))).toHaveProperty('miss');
    const answer = extractPage(page('news', 1), version(config));
    expect(answer.miss).toContain('nav');
    expect(answer.page.method).toBe('general');
    expect(answer.page.text).toContain('mark-news-1-0');
  });

  it('tries the alternatives in order', () => {
    const both = {
      ...config,
      content: [
        ...config.content,
        { selector: 'div.gone', evidence: 'name' as const },
        { selector: 'article', evidence: 'structure' as const },
      ],
    };
    const answer = extractPage(page('news', 1), version(both));
    expect(answer.page).toMatchObject({ method: 'template', evidence: { content: { selector: 'article' } } });
  });

  it('takes a broken selector for one that finds nothing', () => {
    expect(extractPage(page('news', 1), version({ ...config, content: [{ selector: 'div[', evidence: 'name' }] })).page.method).toBe(
      'general',
    );
  });

  it('accepts short pages where the template has short pages', () => {
    const short = parsePage('<body><main><p>Only this.</p></main></body>', 'https://site.example/news/s');
    const answer = extractPage(
      short,
      version({
        ...config,
        content: [{ selector: 'main', evidence: 'structure' }],
        fingerprint: { minChars: 8, medianChars: 10, maxChars: 20 },
      }),
    );
    expect(answer.page.method).toBe('template');
  });
});

describe('templateKeyOf', () => {
  it.each([
    ['https://e.com/', '/'],
    ['https://e.com/news/news1x3', '/news/*'],
    ['https://e.com/news/a-b/', '/news/*'],
    ['https://e.com/2026/03/05/slug', '/*/*/*/*'],
    ['https://e.com/docs/guide/intro.html', '/docs/guide/*.html'],
    ['https://e.com/view.php?id=5&utm_source=x', '/view.php?id=*'],
    ['https://e.com/p/123/lamp#x', '/p/*/*'],
  ])('%s has the shape %s', (url, shape) => expect(shapeOf(new URL(url))).toBe(shape));

  it('is the same for siblings and differs between sites and sections', () => {
    const key = templateKeyOf('https://e.com/news/a');
    expect(templateKeyOf('https://e.com/news/b?utm_source=x')).toEqual(key);
    expect(templateKeyOf('https://e.com/docs/a').templateId).not.toBe(key.templateId);
    expect(templateKeyOf('https://f.com/news/a').templateId).not.toBe(key.templateId);
    expect(key.templateId).toMatch(/^tpl_[A-Za-z0-9]+$/);
  });
});

describe('sampleCandidates', () => {
  it('gives canonical links of the same template without the page itself', () => {
    const sample = page('news', 2);
    expect(sampleCandidates(sample, templateKeyOf(sample.url), 10)).toEqual(
      [1, 3, 4].map((number) => `https://site.example/news/item-${number}`),
    );
    expect(sampleCandidates(sample, templateKeyOf(sample.url), 1)).toHaveLength(1);
  });
});
