import { expect, it } from 'vitest';
import { mapLinks } from './markdown-links.js';

const upper = (destination: string): string | null => (destination.startsWith('x') ? destination.toUpperCase() : null);

it.each([
  ['[a](xa) and [b](yb)', '[a](XA) and [b](yb)'],
  ['![i](xi "title") [t](<xa b>)', '![i](XI "title") [t](XA B)'],
  ['[p](xa_(b)) (c)', '[p](XA_(B)) (c)'],
  ['[[n](xn)](xm)', '[[n](XN)](XM)'],
  ['`[a](xa)` ``[`](xb)`` [c](xc)', '`[a](xa)` ``[`](xb)`` [c](XC)'],
  ['` [a](xa)', '` [a](XA)'],
  ['\\[a\\](xa)', '\\[a\\](xa)'],
  ['```\n[a](xa)\n```\n[b](xb)', '```\n[a](xa)\n```\n[b](XB)'],
  ['~~~~\n[a](xa)\n~~~\n[b](xb)', '~~~~\n[a](xa)\n~~~\n[b](xb)'],
  ['nothing', 'nothing'],
])('%j', (markdown, expected) => expect(mapLinks(markdown, upper)).toBe(expected));

it('looks at each hostile character a bounded number of times', () => {
  const runs = Array.from({ length: 600 }, (_, index) => '`'.repeat(index + 1)).join(' ');
  for (const text of [`${'](('.repeat(100_000)}](x`, `${runs}](x`, '](x'.repeat(100_000), '\\'.repeat(200_001)])
    expect(mapLinks(text, () => null)).toBe(text);
});
