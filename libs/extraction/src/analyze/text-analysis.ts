import { type TextAnalysis, estimateTokens } from '@gleaner/domain';
import { keywordsOf } from './keywords.js';
import { detectLanguage } from './language.js';
import { wordsOf } from './words.js';

/** Language, counts and keywords of a text. `declaredLanguage` is what its page says (BCP 47), null when it says nothing. */
export function analyzeText(text: string, declaredLanguage: string | null): TextAnalysis {
  const language = detectLanguage(text, declaredLanguage);
  const words = [...wordsOf(text, language)];
  return { language, wordCount: words.length, tokenCount: estimateTokens(text), keywords: keywordsOf(words, language) };
}
