import fc from 'fast-check';
import { expect, it } from 'vitest';
import { estimateTokens } from './tokens.js';

it('counts a token for four letters and for each character of a script without spaces', () => {
  expect(estimateTokens('')).toBe(0);
  expect(estimateTokens('four')).toBe(1);
  expect(estimateTokens('知識の収集')).toBe(5);
});

it('never shrinks when text is added', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => estimateTokens(a + b) >= estimateTokens(a)));
});
