import { stopWordsOf } from './stop-words.js';

const MAX_KEYWORDS = 10;
const MAX_WORDS = 50_000;

interface Counted {
  count: number;
  first: number;
}

function weight(word: string, { count, first }: Counted): number {
  return count * (1 + Math.min(word.length, 12) / 24) * (1 + 0.3 / (1 + first / 50));
}

/**
 * The words that a text is about: frequency without stop words, longer words and words that appear early a little heavier; most
 * telling first, at most ten. Ties fall by first appearance, so the same text has the same keywords.
 */
export function keywordsOf(words: Iterable<string>, language: string | null): string[] {
  const own = stopWordsOf(language ?? 'en');
  const stops = own.size > 0 ? own : stopWordsOf('en');
  const counts = new Map<string, Counted>();
  let position = 0;
  for (const word of words) {
    if (++position > MAX_WORDS) break;
    const lower = word
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/^['’-]+|['’-]+$/g, '');
    const wide = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{M}\p{P}]/u.test(lower);
    if (lower.length < (wide ? 2 : 3) || lower.length > 40 || /^\d/.test(lower) || stops.has(lower)) continue;
    const known = counts.get(lower);
    if (known === undefined) counts.set(lower, { count: 1, first: position });
    else known.count++;
  }
  return [...counts]
    .toSorted(([a, x], [b, y]) => weight(b, y) - weight(a, x) || x.first - y.first)
    .slice(0, MAX_KEYWORDS)
    .map(([word]) => word);
}
