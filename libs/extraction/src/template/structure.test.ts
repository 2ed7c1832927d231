import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../../test/support/laws.js';
import { parsePage } from '../parse/parsed-page.js';
import { samplePage } from '../test-support/sample-site.js';
import { templateKeyOf } from './key.js';
import { SAME_STRUCTURE, commonStructure, groupByStructure, structureOf, structureSimilarity } from './structure.js';

const at = (html: string) => parsePage(`<body>${html}</body>`, 'https://quay.example/x/1');

describe('the structure of a page', () => {
  it.each(['story', 'manual', 'ware'] as const)('of %s is the same for siblings and after renaming and wrapping', (kind) => {
    const own = structureOf(samplePage(kind, 1).page);
    expect(structureSimilarity(own, structureOf(samplePage(kind, 2).page))).toBeGreaterThan(0.9);
    expect(structureSimilarity(own, structureOf(samplePage(kind, 3, 1).page))).toBeGreaterThan(0.9);
  });

  it('tells templates apart', () => {
    const kinds = (['story', 'manual', 'ware'] as const).map((kind) => structureOf(samplePage(kind, 1).page));
    for (const [position, structure] of kinds.entries())
      for (const other of kinds.slice(position + 1)) expect(structureSimilarity(structure, other)).toBeLessThan(SAME_STRUCTURE);
  });

  it('groups pages, the largest group first', () => {
    const pages = [samplePage('story', 1), samplePage('ware', 1), samplePage('ware', 2), samplePage('story', 2), samplePage('ware', 3)];
    expect(groupByStructure(pages.map(({ page }) => page))).toEqual([
      [1, 2, 4],
      [0, 3],
    ]);
  });

  it('is a similarity: symmetric, 1 with itself, between 0 and 1, and blind to names and boxes', () => {
    const feature = fc.constantFrom('main', 'main>h1', 'type Product', '~>p', '~div>table', 'article>time');
    holds(
      fc.property(fc.uniqueArray(feature), fc.uniqueArray(feature), (a, b) => {
        const close = structureSimilarity(a, b);
        expect(close).toBe(structureSimilarity(b, a));
        expect(close >= 0 && close <= 1).toBe(true);
        expect(structureSimilarity(a, a)).toBe(1);
        expect(new Set(commonStructure([a, a, b]))).toEqual(new Set(a));
      }),
    );
    holds(
      fc.property(fc.stringMatching(/^[a-z]{1,6}$/), fc.nat({ max: 4 }), (name, boxes) => {
        const content = '<main><h1>T</h1><time>now</time><form><button>Go</button></form></main>';
        const named = content.replace(/<(main|h1|form)>/g, `<$1 class="${name}" id="${name}">`);
        expect(structureOf(at('<div>'.repeat(boxes) + named + '</div>'.repeat(boxes)))).toEqual(structureOf(at(content)));
      }),
    );
  });
});

describe('templateKeyOf with known templates', () => {
  const { page: ware } = samplePage('ware', 1);
  const asStory = (number: number) => {
    const { page } = samplePage('story', number);
    return { ...page, url: `https://quay.example/ware/n${number}` };
  };
  const plain = templateKeyOf(ware);

  it('keeps the key of the shape while nothing or nothing structural is known', () => {
    expect(templateKeyOf(ware, [])).toEqual(plain);
    expect(templateKeyOf(asStory(1), [])).toEqual(plain);
    expect(templateKeyOf(asStory(1), [plain])).toEqual(plain);
    expect(templateKeyOf(ware.url, [{ ...plain, structure: [] }])).toEqual(plain);
  });

  it('gives another structure under the same shape a key of its own, the same for its pages', () => {
    const known = [{ ...plain, structure: structureOf(ware) }];
    expect(templateKeyOf(samplePage('ware', 2).page, known)).toEqual(plain);
    const other = templateKeyOf(asStory(1), known);
    expect(other.templateId).not.toBe(plain.templateId);
    expect(other).toMatchObject({ site: plain.site, shape: plain.shape });
    expect(templateKeyOf(asStory(2), known)).toEqual(other);
    expect(templateKeyOf(asStory(3), [...known, { ...other, structure: structureOf(asStory(1)) }])).toEqual(other);
  });
});
