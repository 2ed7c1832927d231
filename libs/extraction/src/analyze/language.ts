import { franc } from 'franc';
import { SHORT } from './language-codes.js';
import { stopWordsOf } from './stop-words.js';
import { wordsOf } from './words.js';

/** Rare neighbours (Scots beside English) are not guessed at: a page in one of them says so. */
const KNOWN = Object.keys(SHORT);

/** Below this many characters trigrams guess: the page's own word counts more. */
const MIN_RELIABLE = 300;
const MIN_DETECTABLE = 60;
const MAX_READ = 8_000;
/** Words that are looked at to confirm what a page declares, and the least share of them that must be stop words of that language. */
const CONFIRMING_WORDS = 200;
const CONFIRMING_SHARE = 0.3;

/**
 * The language of a text. What the page declares holds where the text is short, where both agree (then with its region), or
 * where nothing is detected; a long text that is clearly another language overrules it.
 */
export function detectLanguage(text: string, declared: string | null): string | null {
  if (text.length < MIN_DETECTABLE || (declared !== null && isConfirmed(text, declared))) return declared;
  const code = franc(text.slice(0, MAX_READ), { minLength: MIN_DETECTABLE, only: KNOWN });
  const detected = code === 'und' ? null : (SHORT[code] ?? code);
  if (detected === null) return declared;
  if (declared === null) return detected;
  const primary = declared.toLowerCase().split('-')[0];
  const kin = primary === detected || (primary === 'no' && (detected === 'nb' || detected === 'nn' || detected === 'da'));
  return kin || text.length < MIN_RELIABLE ? declared : detected;
}

/** Running text of a language is a third stop words and more. Most pages say the truth: this costs a hundredth of trigrams. */
function isConfirmed(text: string, declared: string): boolean {
  const stops = stopWordsOf(declared);
  if (stops.size === 0) return false;
  let words = 0;
  let found = 0;
  for (const word of wordsOf(text.slice(0, MAX_READ), declared)) {
    if (stops.has(word.toLowerCase())) found++;
    if (++words === CONFIRMING_WORDS) break;
  }
  return words >= CONFIRMING_WORDS / 4 && found >= words * CONFIRMING_SHARE;
}
