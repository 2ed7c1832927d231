import { describe, expect, it } from 'vitest';
import { analyzeText } from './text-analysis.js';

const ENGLISH =
  'The harbor wakes before the town does, and the first boats leave while the lanterns still burn. Nobody counts the boats, but everybody in the harbor knows their names. '.repeat(
    4,
  );
const GERMAN =
  'Der Hafen wacht vor der Stadt auf, und die ersten Boote fahren hinaus, während die Laternen noch brennen. Niemand zählt die Boote, aber jeder kennt ihre Namen. '.repeat(
    4,
  );

describe('analyzeText', () => {
  it('finds language, words and keywords', () => {
    const analysis = analyzeText(ENGLISH, null);
    expect(analysis).toMatchObject({ language: 'en', wordCount: 116 });
    expect(analysis.keywords).toEqual(expect.arrayContaining(['boats', 'harbor']));
    expect(analysis.keywords).not.toContain('the');
    expect(analysis.keywords.length).toBeLessThanOrEqual(10);
  });

  it('keeps the region that the page declares', () => expect(analyzeText(ENGLISH, 'en-GB').language).toBe('en-GB'));
  it('believes a long text more than a wrong declaration', () => expect(analyzeText(GERMAN, 'en').language).toBe('de'));
  it('believes the declaration of a short text', () => expect(analyzeText('Bonjour', 'fr').language).toBe('fr'));
  it('says nothing of nothing', () => expect(analyzeText('', null)).toEqual({ language: null, wordCount: 0, tokenCount: 0, keywords: [] }));
  it('counts words of scripts without spaces', () => {
    const { wordCount, language } = analyzeText('今日は天気がとても良いので、友達と一緒に公園へ散歩に行きました。'.repeat(5), null);
    expect(language).toBe('ja');
    expect(wordCount).toBeGreaterThan(50);
  });
});
