import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds } from '../../../../test/support/laws.js';
import { parsePage } from '../parse/parsed-page.js';
import { samplePage } from '../test-support/sample-site.js';
import { type KnownTemplate, chooseTemplate, newTemplateOf, placePage, templateKeyOf } from './key.js';
import { SAME_STRUCTURE, commonStructure, isBuiltLike, structureOf, structureSimilarity } from './structure.js';

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

  it('is another one when the landmarks are gone', () => {
    const own = structureOf(samplePage('story', 1).page);
    expect(structureSimilarity(own, structureOf(samplePage('story', 2, 2).page))).toBeLessThan(SAME_STRUCTURE);
  });

  it('bears what a text has and another has not, with landmarks and without', () => {
    const rich =
      '<p>a</p><ul><li>b</li></ul><table><tr><td>c</td></tr></table><h2>d</h2><pre>e</pre><blockquote>f</blockquote><img src="g">';
    for (const around of ['<main><h1>T</h1>TEXT</main>', '<div>TEXT</div>'])
      expect(isBuiltLike(at(around.replace('TEXT', rich)), structureOf(at(around.replace('TEXT', '<p>a</p>'))))).toBe(true);
    expect(isBuiltLike(at('<main><h1>T</h1></main>'), structureOf(at(rich)))).toBe(false);
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

describe('templates of one address shape', () => {
  const shape = templateKeyOf('https://quay.example/all/n1');
  const places = (pages: readonly ReturnType<typeof samplePage>[]): readonly string[] => {
    const known: KnownTemplate[] = [];
    return pages.map(({ page }) => {
      const placed = placePage(page, known);
      if (placed.template !== null) return placed.template.templateId;
      const added = newTemplateOf(shape, placed.structure, known);
      known.push(added);
      return added.templateId;
    });
  };

  it('are one for each structure; the first has the key of the shape', () => {
    const kinds = ['story', 'ware', 'manual', 'ware', 'story', 'manual', 'ware'] as const;
    const found = places(kinds.map((kind, number) => samplePage(kind, number)));
    expect(found[0]).toBe(shape.templateId);
    expect(new Set(found).size).toBe(3);
    expect(found).toEqual(kinds.map((kind) => found[kinds.indexOf(kind)]));
    expect(places(kinds.map((kind, number) => samplePage(kind, number + 9)))).toEqual(found);
  });

  it('leave a page to the one that it resembles most, then to one of which no structure is known', () => {
    const structure = structureOf(samplePage('story', 1).page);
    const [old, ware, story] = [
      { ...shape, structure: null },
      { ...shape, templateId: 'tpl_w', structure: structureOf(samplePage('ware', 1).page) },
      { ...shape, templateId: 'tpl_s', structure },
    ];
    expect(chooseTemplate(structure, [old, ware, story, { ...story, templateId: 'tpl_same' }])).toBe(story);
    expect(chooseTemplate(structure, [ware, old])).toBe(old);
    expect(chooseTemplate(structure, [ware])).toBeNull();
    expect(placePage(samplePage('manual', 1).page, [old])).toEqual({ template: old });
  });
});
