import { array, assert, constantFrom, integer, lorem, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkMarkdown } from './chunks.js';

const bare = (text: string): string => text.replace(/\s+/g, '');
const markdown = array(
  oneof(
    string({ unit: 'grapheme', maxLength: 300 }),
    lorem({ maxCount: 40, mode: 'sentences' }),
    constantFrom('# One', '## Two', '### Three', '```js', '```', '| a | b |', '- item', '', '漢字'.repeat(80), '😀'.repeat(90)),
  ),
  { maxLength: 30 },
).map((parts) => parts.join('\n\n'));

describe('chunkMarkdown', () => {
  it('loses nothing and keeps the order', () => {
    assert(
      property(markdown, integer({ min: 16, max: 300 }), (text, maxTokens) => {
        expect(
          bare(
            chunkMarkdown(text, { maxTokens })
              .map((chunk) => chunk.text)
              .join(''),
          ),
        ).toBe(bare(text));
      }),
      { numRuns: 200 },
    );
  });

  it('passes the limit nowhere', () => {
    assert(
      property(markdown, integer({ min: 16, max: 300 }), (text, maxTokens) => {
        for (const chunk of chunkMarkdown(text, { maxTokens })) expect(chunk.tokenCount).toBeLessThanOrEqual(maxTokens);
      }),
      { numRuns: 200 },
    );
  });

  it('numbers chunks and hashes their text', () => {
    const chunks = chunkMarkdown('# A\n\nSame.\n\n# B\n\nOther.');
    expect(chunks.map((chunk) => chunk.ordinal)).toEqual([0, 1]);
    expect(chunks[0]?.contentHash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(new Set(chunks.map((chunk) => chunk.contentHash)).size).toBe(2);
  });

  it('carries the headings above', () => {
    const chunks = chunkMarkdown('# Book\n\nIntro.\n\n## Part\n\nText.\n\n# Next\n\nEnd.');
    expect(chunks.map((chunk) => chunk.headings)).toEqual([['Book'], ['Book', 'Part'], ['Next']]);
  });

  it('does not take a line of code for a heading', () => {
    expect(chunkMarkdown('```sh\n# comment\n\n# other\n```')).toHaveLength(1);
  });

  it('cuts at sentences', () => {
    const sentence = 'The harbor wakes before the town does. ';
    for (const chunk of chunkMarkdown(sentence.repeat(60), { maxTokens: 40 })) expect(chunk.text).toMatch(/\.$/);
  });

  it('is quick on one endless line', () => {
    expect(chunkMarkdown('x'.repeat(1_000_000)).length).toBeGreaterThan(900);
  }, 5_000);
});

it('cuts a long text without any good place in linear time, and loses nothing', () => {
  const text = '知'.repeat(1_000_000);
  const chunks = chunkMarkdown(text, { maxTokens: 256 });
  expect(chunks.map((chunk) => chunk.text).join('')).toBe(text);
  expect(Math.max(...chunks.map((chunk) => chunk.tokenCount))).toBeLessThanOrEqual(256);
});
