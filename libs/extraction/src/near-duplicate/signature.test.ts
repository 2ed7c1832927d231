import { describe, expect, it } from 'vitest';
import { bandsOfEncoded, bandsOf, encodeSignature, signatureOf, similarityOfEncoded } from './signature.js';

/** Text of so many different words; `changed` of them are others, evenly spread. */
function text(words: number, changed = 0, name = 'w'): string {
  const every = changed === 0 ? Infinity : Math.floor(words / changed);
  return Array.from({ length: words }, (_, index) =>
    index % every === every - 1 ? `other${index}` : `${name}${(index * 7919) % 997}`,
  ).join(' ');
}

function encoded(of: string): string {
  const signature = signatureOf(of);
  if (signature === null) throw new Error('too short');
  return encodeSignature(signature);
}

describe('near duplicates', () => {
  it('estimates how many word triples two texts share', () => {
    const original = encoded(text(400));
    expect(similarityOfEncoded(original, encoded(text(400)))).toBe(1);
    // 4 of 400 words: 12 triples of 398 on each side, 0.94 in common.
    expect(similarityOfEncoded(original, encoded(text(400, 4)))).toBeCloseTo(0.94, 0);
    expect(similarityOfEncoded(original, encoded(text(400, 4)))).toBeGreaterThan(0.85);
    expect(similarityOfEncoded(original, encoded(text(400, 0, 'v')))).toBeLessThan(0.05);
  });

  it('does not depend on case, white space and punctuation', () => {
    expect(encoded(text(80))).toBe(encoded(text(80).toUpperCase().replaceAll(' ', ',\n ')));
  });

  it('meets near duplicates in a band, and strangers in none', () => {
    const bands = (of: string): ReadonlySet<string> => new Set(bandsOf(signatureOf(of) ?? new Uint32Array()));
    const original = bands(text(400));
    expect([...bands(text(400, 3))].some((band) => original.has(band))).toBe(true);
    expect([...bands(text(400, 0, 'v'))].some((band) => original.has(band))).toBe(false);
    for (const band of original) expect(BigInt.asIntN(64, BigInt(band))).toBe(BigInt(band));
  });

  it('gives the same keys from what is stored of it, and none from anything else', () => {
    const signature = signatureOf(text(400)) ?? new Uint32Array();
    expect(bandsOfEncoded(encodeSignature(signature))).toEqual(bandsOf(signature));
    expect(bandsOfEncoded('AAAA')).toEqual([]);
  });

  it('says nothing of fewer than fifty words, nor of signatures of another kind', () => {
    expect(signatureOf(text(49))).toBeNull();
    expect(similarityOfEncoded(encoded(text(60)), 'AAAA')).toBe(0);
    expect(similarityOfEncoded('', '')).toBe(0);
  });

  it('is the same in every process: it is stored', () => {
    expect(bandsOf(signatureOf(text(60)) ?? new Uint32Array()).slice(0, 2)).toMatchInlineSnapshot(`
      [
        "-7111236820848377371",
        "-7959587112155771450",
      ]
    `);
  });
});
