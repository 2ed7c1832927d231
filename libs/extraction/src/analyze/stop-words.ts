import * as stopword from 'stopword';
import { longCode } from './language-codes.js';

const NONE: ReadonlySet<string> = new Set();
const known = new Map<string, ReadonlySet<string>>();

/** The most frequent words of a language by its BCP 47 tag, lower case; empty where there is no list. */
export function stopWordsOf(tag: string): ReadonlySet<string> {
  const code = longCode(tag);
  if (code === null) return NONE;
  const before = known.get(code);
  if (before !== undefined) return before;
  const list = (stopword as unknown as Readonly<Record<string, unknown>>)[code];
  const words = Array.isArray(list) ? new Set(list as string[]) : NONE;
  known.set(code, words);
  return words;
}
