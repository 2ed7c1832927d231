import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../../test/support/laws.js';
import { parsePage } from '../parse/parsed-page.js';
import { samplePage } from '../test-support/sample-site.js';
import { readProposals } from './proposals.js';
import { pruneDom } from './pruned-dom.js';

describe('readProposals', () => {
  it('takes rules that can live, with the evidence they rest on', () => {
    const { proposals, refused } = readProposals([
      { field: 'content', selector: 'main > div.story' },
      { field: 'publishedAt', selector: 'time[datetime]', attribute: 'datetime' },
      { field: 'title', selector: 'article h1' },
    ]);
    expect(refused).toEqual([]);
    expect(proposals.map(({ rule }) => rule)).toEqual([
      { selector: 'main > div.story', evidence: 'name' },
      { selector: 'time[datetime]', evidence: 'structured-data', attribute: 'datetime' },
      { selector: 'article h1', evidence: 'structure' },
    ]);
  });

  it.each([
    [{ field: 'title', selector: 'div:nth-child(2) > h1' }, 'position'],
    [{ field: 'title', selector: 'h1:first-of-type' }, 'position'],
    [{ field: 'title', selector: '.css-1x2y3z' }, 'generated'],
    [{ field: 'title', selector: '[class="x8f3a91c"]' }, 'generated'],
    [{ field: 'title', selector: 'div[' }, 'CSS'],
    [{ field: 'title', selector: 'a'.repeat(400) }, 'longer'],
    [{ field: '../x', selector: 'h1' }, 'field'],
    [{ field: 'title', selector: 'h1', attribute: 'on click' }, 'attribute'],
    [{ field: 'title' }, 'needs'],
    [null, 'needs'],
  ])('refuses %j', (proposal, reason) => {
    const { proposals, refused } = readProposals([proposal]);
    expect(proposals).toEqual([]);
    expect(refused[0]?.reason).toContain(reason);
  });

  it('takes any answer of a model without throwing', () => {
    holds(
      fc.property(fc.anything(), (answer) => {
        expect(readProposals(answer).proposals.length).toBeLessThanOrEqual(60);
      }),
    );
    expect(readProposals('no list').refused).toEqual([{ position: 0, reason: 'not a list' }]);
  });
});

describe('pruneDom', () => {
  it('shows names and the beginnings of texts, no scripts and nothing hidden', () => {
    const page = parsePage(
      '<body><script>secret()</script><div hidden>unseen</div><main class="story"><h1 id="top">Title &lt;1></h1><ul>' +
        '<li class="i">x</li>'.repeat(50) +
        '</ul></main></body>',
      'https://quay.example/x',
    );
    const pruned = pruneDom(page, 10_000);
    expect(pruned).toContain('<main class="story"><h1 id="top">Title &lt;1></h1>');
    expect(pruned).not.toMatch(/secret|unseen/);
    expect(pruned.match(/<li/g)?.length).toBeLessThan(20);
  });

  it('never exceeds its bytes, and keeps the skeleton as long as it fits', () => {
    const { page } = samplePage('ware', 3);
    holds(
      fc.property(fc.integer({ min: 0, max: 6_000 }), (bytes) => {
        expect(Buffer.byteLength(pruneDom(page, bytes))).toBeLessThanOrEqual(bytes);
      }),
    );
    expect(pruneDom(page, 1_500)).toContain('<div class="cost">');
    const many = parsePage(`<body>${'<p>ünïcödé 漢字</p><div><b>a</b></div>'.repeat(500)}</body>`, 'https://quay.example/x');
    holds(
      fc.property(fc.integer({ min: 1, max: 400 }), (bytes) => {
        expect(Buffer.byteLength(pruneDom(many, bytes))).toBeLessThanOrEqual(bytes);
      }),
    );
  });
});
