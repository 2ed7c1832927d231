import { selectAll } from 'css-select';
import type { AnyNode, Element } from 'domhandler';
import { hasAncestor } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';

const MAX_SELECTOR = 500;
const MAX_MATCHES = 200;

/** Elements that a selector finds, at most 200; none for a selector that is not valid CSS. */
export function select(page: ParsedPage, selector: string): Element[] {
  if (selector.length > MAX_SELECTOR) return [];
  try {
    return selectAll<AnyNode, Element>(selector, page.document.children).slice(0, MAX_MATCHES);
  } catch {
    return []; // stored rules may come from a model: one that cannot be read finds nothing
  }
}

/** Matches that stand in no other match. */
export function selectOutermost(page: ParsedPage, selector: string): Element[] {
  const matches = new Set(select(page, selector));
  return [...matches].filter((element) => !hasAncestor(element, (ancestor) => matches.has(ancestor)));
}
