const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu;
const MAX_SEGMENTED = 200_000;

/**
 * Words of a text, in order. Scripts that part words by spaces take a fast path; the others go through the segmenter of ICU
 * (Unicode UAX #29), up to 200,000 characters, then character by character.
 */
export function* wordsOf(text: string, language: string | null): Generator<string> {
  if (!UNSPACED.test(text)) {
    for (const match of text.matchAll(WORD)) yield match[0];
    return;
  }
  const segmenter = new Intl.Segmenter(language ?? undefined, { granularity: 'word' });
  for (const segment of segmenter.segment(text.slice(0, MAX_SEGMENTED))) if (segment.isWordLike === true) yield segment.segment;
  for (const match of text.slice(MAX_SEGMENTED).matchAll(WORD)) yield match[0];
}
