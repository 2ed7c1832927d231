import type { Element } from 'domhandler';
import type { PageType } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';
import { broadContentOf } from './broad-content.js';
import { excludeClutter } from './cleaning.js';
import { filterLines } from './line-filter.js';
import { type MainContent, charsLeftOut, markLeftOut } from './main-content.js';
import { measure } from './measure.js';
import { isNoise } from './noise.js';
import { surveyPage } from './survey.js';

export interface WithinInput {
  readonly roots: readonly Element[];
  readonly titles: readonly string[];
  readonly page: ParsedPage;
  readonly type: PageType;
  /** Further elements that are known to be no content. */
  readonly exclude: ReadonlySet<Element>;
}

/** The content of boxes that are known to hold it: furniture inside is left out by the same rules as everywhere. */
export function contentWithin({ page, roots, titles, type, exclude }: WithinInput): MainContent {
  const articleOnly = type === 'article' || type === 'documentation' || type === 'other';
  const excluded = new Set<Element>(exclude);
  let chars = 0;
  let sentences = 0;
  for (const root of roots) {
    if (!articleOnly) {
      const part = broadContentOf({ survey: surveyPage(page, root), root, type, titles, exclude });
      for (const element of part.excluded) excluded.add(element);
      chars += part.chars;
      sentences += part.sentences;
      continue;
    }
    const measures = measure(root, (element) => exclude.has(element) || isNoise(element, 'strict'));
    excludeClutter(root, measures, excluded);
    filterLines({ roots: [root], measures, excluded, titles, articleOnly: true });
    chars += (measures.get(root)?.chars ?? 0) - charsLeftOut(measures, excluded);
    sentences += measures.get(root)?.sentences ?? 0;
    markLeftOut([root], measures, excluded);
  }
  return { roots, excluded, chars, sentences };
}
