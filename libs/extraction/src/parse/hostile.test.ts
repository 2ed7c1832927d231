import { describe, expect, it } from 'vitest';
import { extractGeneral } from '../content/general.js';
import { looksLikeShell } from '../content/shell.js';
import { learnTemplate } from '../template/learn.js';
import { MAX_DEPTH } from './bounded-parser.js';
import { isElement, walkElements } from './elements.js';
import { MAX_LINKS } from './links.js';
import { parsePage } from './parsed-page.js';

const URL_OF_PAGE = 'https://hostile.example/a/b';

function depthOf(html: string): number {
  let deepest = 0;
  const visit = (node: { children: readonly unknown[] }, depth: number): void => {
    deepest = Math.max(deepest, depth);
    for (const child of node.children) if (isElement(child as never)) visit(child as never, depth + 1);
  };
  visit(parsePage(html, URL_OF_PAGE).document, 0);
  return deepest;
}

describe('hostile pages', () => {
  it('flattens a million nested elements and keeps their text', () => {
    const html = `<body><p>Before it all.</p>${'<div>'.repeat(1_000_000)}deep text${'</div>'.repeat(1_000_000)}<p>After it all.</p></body>`;
    expect(depthOf(html)).toBeLessThanOrEqual(MAX_DEPTH + 1);
    const page = extractGeneral(parsePage(html, URL_OF_PAGE));
    expect(page.text).toContain('deep text');
    expect(page.text).toContain('After it all.');
  });

  it.each([
    ['spans', '<span>'],
    ['lists', '<ul><li>'],
    ['tables', '<table><tr><td>'],
    ['quotes', '<blockquote>'],
    ['links', '<a href=x><b>'],
    ['forms', '<form><div>'],
    ['svg', '<svg><g>'],
    ['titles', '<svg><title>'],
  ])('survives nested %s that are never closed', (_, tag) => {
    const page = parsePage(tag.repeat(100_000) + 'x', URL_OF_PAGE);
    expect(extractGeneral(page).method).toBe('general');
    expect(looksLikeShell(page)).toBe(false);
    expect(
      learnTemplate([
        { page, url: page.url },
        { page, url: page.url },
      ]).kind,
    ).toMatch(/learned|unlearnable/);
  });

  it('drops most of a million attributes', () => {
    const page = parsePage(
      `<body><div ${Array.from({ length: 1_000_000 }, (_, number) => `a${number}=1`).join(' ')}><p>Text.</p></div></body>`,
      URL_OF_PAGE,
    );
    walkElements(page.document, (element) => {
      expect(Object.keys(element.attribs).length).toBeLessThanOrEqual(100);
    });
    expect(extractGeneral(page).text).toBe('Text.');
  });

  it('bounds links, nodes and structured data', () => {
    const links = Array.from({ length: 60_000 }, (_, number) => `<a href="/p/${number}">link ${number}</a>`).join('');
    const deepJson = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    const page = parsePage(
      `<body><script type="application/ld+json">${deepJson}</script><script type="application/ld+json">${'['.repeat(200_000)}</script>${links}</body>`,
      URL_OF_PAGE,
    );
    expect(page.links).toHaveLength(MAX_LINKS);
    expect(page.jsonLd.length).toBeLessThanOrEqual(2_000);
    expect(extractGeneral(page).links).toHaveLength(MAX_LINKS);
  });

  it.each([
    ['spaces', ' '.repeat(300_000)],
    ['stars', '*'.repeat(200_000)],
    ['brackets', '['.repeat(200_000)],
    ['backticks', '`'.repeat(200_000)],
    ['entities', '&lt;'.repeat(200_000)],
    ['ampersands', '&'.repeat(200_000)],
    ['underscores', '_a'.repeat(100_000)],
    ['digits', '1'.repeat(200_000)],
    ['dollars', '$1,'.repeat(60_000)],
    ['tildes', '~~'.repeat(100_000)],
    ['breaks', '<br> '.repeat(50_000)],
    ['slashes', '\\'.repeat(200_000)],
  ])(
    'takes linear time on %s',
    (_, filler) => {
      const page = extractGeneral(
        parsePage(
          `<body><h1>T</h1><p>By ${filler}</p><p>Some text, with a comma. ${filler} end</p><title>${filler}</title></body>`,
          URL_OF_PAGE,
        ),
      );
      expect(page.text).toContain('Some text');
    },
    5_000,
  );

  it.each([
    ['paragraphs', '<p>Some text here, ok.</p>'],
    ['marks', '<b>x</b>'],
    ['rows', '<tr><td colspan=99>1</td><td>2</td></tr>'],
    ['tail headings', '<h2>Related</h2><p>x</p>'],
    ['comment headings', '<div><h3>Comments</h3></div>'],
    ['notes', '<sup><a href="#n">1</a></sup>'],
  ])(
    'takes a great many %s',
    (_, item) => {
      const page = parsePage(`<body><h1>T</h1><table>${item.repeat(150_000)}</table></body>`, URL_OF_PAGE);
      expect(extractGeneral(page).markdown.length).toBeLessThan(10_000_000);
    },
    15_000,
  );

  it('reads a table with an absurd span', () => {
    const page = extractGeneral(
      parsePage(
        '<body><table><tr><th colspan=999999999 rowspan=999999999>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table></body>',
        URL_OF_PAGE,
      ),
    );
    expect(page.markdown.length).toBeLessThan(10_000);
  });

  it.each(['', ' ', '<', '<!--', '<a href="', '<script>', '\0', '</p></p>', '<![CDATA[x]]>'])('accepts %j', (html) => {
    expect(extractGeneral(parsePage(html, URL_OF_PAGE)).links).toEqual([]);
  });
});
