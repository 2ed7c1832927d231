import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../../test/support/laws.js';
import { chunkMarkdown } from '../analyze/chunks.js';
import { analyzeText } from '../analyze/text-analysis.js';
import { extractGeneral } from '../content/general.js';
import { looksLikeShell } from '../content/shell.js';
import { extractPage } from '../template/apply.js';
import { learnTemplate } from '../template/learn.js';
import { parsePage } from './parsed-page.js';

const URL_OF_PAGE = 'https://laws.example/news/1';
const TAGS = [
  'div',
  'p',
  'span',
  'table',
  'tr',
  'td',
  'ul',
  'li',
  'a',
  'b',
  'pre',
  'code',
  'h1',
  'h3',
  'svg',
  'script',
  'style',
  'title',
  'select',
  'math',
  'article',
  'br',
  'img',
  'iframe',
  'template',
  'form',
  'blockquote',
  'sup',
];
const word = fc.constantFrom(
  'harbor',
  'light',
  'winter,',
  'keeps',
  '*',
  '_x_',
  '`',
  '[a](b)',
  '&amp;',
  '&lt;',
  '&#0;',
  '&bogus;',
  '|',
  '\\',
  '\u200b',
  '\u202e',
  '\0',
  '漢字',
  '😀',
  '\n',
  '#',
  '1.',
  '$5',
  '<',
  '>',
);
const attribute = fc
  .tuple(
    fc.constantFrom('class', 'id', 'href', 'src', 'datetime', 'colspan', 'itemprop', 'property', 'content', 'onclick', 'style'),
    fc.oneof(word, fc.constantFrom('javascript:alert(1)', 'http://[', '//x', '99999999999', '/news/2', 'article-body', '2026-13-45')),
  )
  .map(([name, value]) => ` ${name}="${value}"`);
const piece = fc.oneof(
  fc.tuple(fc.constantFrom(...TAGS), fc.array(attribute, { maxLength: 2 })).map(([tag, attributes]) => `<${tag}${attributes.join('')}>`),
  fc.constantFrom(...TAGS).map((tag) => `</${tag}>`),
  fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  fc.constantFrom(
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<',
    '</',
    '<!doctype',
    '<a href="',
    '<script type=\'application/ld+json\'>{"@type":"Article","headline":1}</script>',
  ),
);
const soup = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

const PARAGRAPH = 'The harbor keeps its lights through the winter, and the people who tend them, few as they are, tell stories of it.';
const PAGE = `<!doctype html><html lang="en"><head><title>Story | Post</title><meta property="og:title" content="Story"></head><body><nav><a href="/">Home</a></nav>
<main><article class="story"><h1 class="headline">Story</h1><p class="byline">By Ada Marlow</p><time datetime="2026-03-01">March 1</time>${`<p>${PARAGRAPH}</p>`.repeat(6)}</article></main><footer>All rights</footer></body></html>`;

/** A page that people would write, with pieces cut out, doubled and put in. */
const mutated = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 40 }), fc.oneof(piece, fc.constant(''))), { maxLength: 8 }).map((edits) =>
  edits.reduce((page, [at, length, inserted]) => {
    const start = at % Math.max(1, page.length);
    return page.slice(0, start) + inserted + page.slice(start + length);
  }, PAGE),
);

/** Output per character of input: tables are padded, escapes double. */
const MAX_GROWTH = 60;

function expectSound(html: string): void {
  const page = parsePage(html, URL_OF_PAGE);
  const first = extractGeneral(page);
  const { page: second } = extractPage(parsePage(html, URL_OF_PAGE), null);
  expect(second).toEqual(first); // the same page, the same answer
  expect(typeof looksLikeShell(page)).toBe('boolean');
  expect(first.markdown.length + first.text.length).toBeLessThanOrEqual(2_000 + html.length * MAX_GROWTH);
  for (const { url } of first.links) expect(new URL(url).protocol).toMatch(/^https?:$/);
  expect(first.markdown).not.toMatch(/(?<!\\)\]\(\s*javascript:/i);
  expect(first.confidence >= 0 && first.confidence <= 1).toBe(true);
  expect(analyzeText(first.text, null).wordCount).toBeGreaterThanOrEqual(0);
  for (const chunk of chunkMarkdown(first.markdown)) expect(chunk.text.trim()).not.toBe('');
}

describe('a page', () => {
  it('can be any tag soup', () => holds(fc.property(soup, expectSound), { runs: 150 }), 60_000);
  it('can be any text', () => holds(fc.property(fc.string({ maxLength: 500, unit: 'binary' }), expectSound)), 60_000);
  it('can be a real one with errors', () => holds(fc.property(mutated, expectSound)), 60_000);

  it('says nothing that was not written: each word of its text is a word of the page', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 30 });
    const block = fc
      .tuple(fc.constantFrom('p', 'div', 'h2', 'li', 'td', 'blockquote', 'pre', 'b'), words)
      .map(([tag, text]) => `<${tag}>${text.join(' ')}</${tag}>`);
    holds(
      fc.property(fc.array(block, { minLength: 1, maxLength: 12 }), (blocks) => {
        const written = new Set(
          blocks
            .join(' ')
            .replace(/<[^>]*>/g, ' ')
            .split(/\s+/),
        );
        const { text } = extractGeneral(parsePage(`<body>${blocks.join('\n')}</body>`, URL_OF_PAGE));
        for (const found of text.match(/[a-z]+/g) ?? []) expect(written).toContain(found);
      }),
      { runs: 150 },
    );
  }, 60_000);

  it('can be learned from, whatever the samples are', () => {
    holds(
      fc.property(fc.array(fc.oneof(soup, mutated), { minLength: 1, maxLength: 4 }), (pages) => {
        const learned = learnTemplate(pages.map((html) => ({ page: parsePage(html, URL_OF_PAGE), url: URL_OF_PAGE })));
        expect(learned.kind).toMatch(/^(learned|unlearnable)$/);
      }),
      { runs: 40 },
    );
  }, 60_000);
});
