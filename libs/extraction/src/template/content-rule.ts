import type { SelectorRule, TemplateConfig } from '@gleaner/domain';
import type { Element } from 'domhandler';
import type { MainContent } from '../content/main-content.js';
import { contentWithin } from '../content/within.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { repeatedBlocks } from './excludes.js';
import { select, selectOutermost } from './selection.js';

const MAX_ROOTS = 50;

/** Content of a page by one rule of a template; null when the rule finds nothing. */
export function applyContentRule(
  page: ParsedPage,
  rule: SelectorRule,
  config: Pick<TemplateConfig, 'exclude' | 'type' | 'repeated'>,
  titles: readonly string[],
): MainContent | null {
  const roots = selectOutermost(page, rule.selector).slice(0, MAX_ROOTS);
  if (roots.length === 0) return null;
  const exclude = new Set<Element>(config.exclude.flatMap((selector) => select(page, selector)));
  for (const block of repeatedBlocks(roots, config.repeated ?? [])) exclude.add(block);
  return contentWithin({ page, roots, titles, type: config.type, exclude });
}
