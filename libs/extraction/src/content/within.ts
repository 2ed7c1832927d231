import type { Element } from 'domhandler';
import { excludeClutter } from './cleaning.js';
import { filterLines } from './line-filter.js';
import { type MainContent, markLeftOut } from './main-content.js';
import { measure } from './measure.js';
import { isNoise } from './noise.js';

export interface WithinInput {
  readonly roots: readonly Element[];
  readonly titles: readonly string[];
  readonly articleOnly: boolean;
  /** Further elements that are known to be no content. */
  readonly exclude: ReadonlySet<Element>;
}

/** The content of boxes that are known to hold it: furniture inside is left out by the same rules as everywhere. */
export function contentWithin({ roots, titles, articleOnly, exclude }: WithinInput): MainContent {
  const excluded = new Set<Element>(exclude);
  let chars = 0;
  let sentences = 0;
  for (const root of roots) {
    const measures = measure(root, (element) => exclude.has(element) || isNoise(element, 'strict'));
    if (articleOnly) excludeClutter(root, measures, excluded);
    filterLines({ roots: [root], measures, excluded, titles, articleOnly });
    markLeftOut([root], measures, excluded);
    chars += measures.get(root)?.chars ?? 0;
    sentences += measures.get(root)?.sentences ?? 0;
    for (const element of excluded) chars -= measures.get(element)?.chars ?? 0;
  }
  return { roots, excluded, chars, sentences };
}
