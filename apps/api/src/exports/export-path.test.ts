import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExportMap } from './export-map.js';
import { exportPath } from './export-path.js';

const SEED = 20_261_127;
const path = (url: string): string => exportPath(new URL(url));

describe('exportPath', () => {
  it.each([
    ['https://example.com/', 'example.com/index.md'],
    ['https://example.com/news/', 'example.com/news/index.md'],
    ['https://example.com:8443/news/1.html', 'example.com_8443/news/1.md'],
    ['https://example.com/a%20b/%E6%BC%A2%E5%AD%97', 'example.com/a b/漢字.md'],
    ['https://example.com/list?page=2&sort=up', 'example.com/list~page=2&sort=up.md'],
    ['https://example.com/a.md/b', expect.stringMatching(/^example\.com\/a\.md_\/b\.md$/)],
    ['https://example.com/%2e%2e%2f%2e%2e%2fetc/passwd', expect.stringMatching(/^example\.com\/__\.\._etc-[0-9a-f]{8}\/passwd\.md$/)],
    ['https://example.com/con', expect.stringMatching(/^example\.com\/_con-[0-9a-f]{8}\.md$/)],
    ['https://example.com/a%00b\u202e', expect.stringMatching(/^example\.com\/a_b_-[0-9a-f]{8}\.md$/)],
    ['https://example.com//', expect.stringMatching(/^example\.com\/_-[0-9a-f]{8}\/index\.md$/)],
    ['https://[::1]:81/x', expect.stringMatching(/^_?[^/:]+\/x\.md$/)],
  ])('%s', (url, expected) => expect(path(url)).toEqual(expected));

  it('is a plain relative path of bounded length for any URL, always the same', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('..', '%2e%2e', '%2f', '\\', '%5c', 'nul', 'CON.txt', '.git', 'a.md', '%', '', 'x'.repeat(3_000)),
    );
    const url = fc
      .tuple(fc.array(piece, { maxLength: 30 }), fc.option(piece, { nil: '' }))
      .map(([parts, query]) => `https://example.com/${parts.join('/')}?${query}`)
      .filter((text) => URL.canParse(text));
    fc.assert(
      fc.property(url, (text) => {
        const made = path(text);
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(220);
        expect(posix.normalize(made)).toBe(made);
        expect(made).toMatch(/^example\.com\/.*\.md$/u);
        // oxlint-disable-next-line no-control-regex -- none of them may be there
        expect(made).not.toMatch(/[\u0000-\u001f\u007f-\u009f\\:*?"<>|]/);
        for (const part of made.split('/')) {
          expect(part).not.toMatch(/^\.|[. ]$|^$|^(con|nul)(\.|$)/i);
          expect(() => encodeURIComponent(part)).not.toThrow();
        }
        expect(path(text)).toBe(made);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('ExportMap', () => {
  it('gives every page a place of its own, whatever the case of names, and knows pages by their key', () => {
    const map = new ExportMap();
    const urls = [
      'https://example.com/a',
      'https://example.com/a.html',
      'https://example.com/A',
      'https://example.com/a-2',
      'https://example.com/',
    ];
    for (const url of [...urls, 'https://example.com/a?utm_source=x']) map.add(url);
    expect(urls.map((url) => map.pathOf(url))).toEqual([
      'example.com/a.md',
      'example.com/a-2.md',
      'example.com/A-3.md',
      'example.com/a-2-2.md',
      'example.com/index.md',
    ]);
    expect([map.size, map.pathOf('https://EXAMPLE.com/a?utm_source=y#z')]).toEqual([5, 'example.com/a.md']);
    expect([map.pathOf('https://example.com/b'), map.pathOf('nonsense')]).toEqual([null, null]);
  });
});
