import { compile, selectAll } from 'css-select';
import type { AnyNode, Element } from 'domhandler';
import { hasAncestor, walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';

const MAX_SELECTOR = 500;
const MAX_MATCHES = 200;
const MAX_COMPILED = 2_000;

/** The tag of what a selector finds, where that is plain to see: `main > div.text` finds `div`. */
const SUBJECT = /^(?:[^,()"'\s]+\s+)*([a-z][a-z0-9]*)(?:[.#][\w-]+|\[[\w-]+(?:="[^"\s,]*")?\])*$/;

type Matcher = (element: Element) => boolean;

interface Compiled {
  readonly matches: Matcher;
  readonly tag: string | null;
}

/** Templates ask the same few selectors of page after page: compiling them costs more than asking. */
const compiled = new Map<string, Compiled | null>();

function compileSelector(selector: string): Compiled | null {
  const known = compiled.get(selector);
  if (known !== undefined) return known;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  let answer: Compiled | null = null;
  try {
    answer = { matches: compile<AnyNode, Element>(selector), tag: SUBJECT.exec(selector)?.[1] ?? null };
  } catch {
    // stored rules may come from a model: one that cannot be read finds nothing
  }
  compiled.set(selector, answer);
  return answer;
}

const byTag = new WeakMap<ParsedPage, ReadonlyMap<string, readonly Element[]>>();

/** Elements of a page by their tag, in document order: read once for all rules of a template. */
function elementsByTag(page: ParsedPage): ReadonlyMap<string, readonly Element[]> {
  const known = byTag.get(page);
  if (known !== undefined) return known;
  const tags = new Map<string, Element[]>();
  walkElements(page.document, (element) => {
    const list = tags.get(element.name);
    if (list === undefined) tags.set(element.name, [element]);
    else list.push(element);
  });
  byTag.set(page, tags);
  return tags;
}

/** Elements that a selector finds, in document order, at most `limit`; none for a selector that is not valid CSS. */
export function select(page: ParsedPage, selector: string, limit = MAX_MATCHES): Element[] {
  if (selector.length > MAX_SELECTOR) return [];
  const rule = compileSelector(selector);
  if (rule === null) return [];
  if (rule.tag === null) return selectAll<AnyNode, Element>(selector, page.document.children).slice(0, limit);
  const found: Element[] = [];
  for (const element of elementsByTag(page).get(rule.tag) ?? []) {
    if (found.length >= limit) break;
    if (rule.matches(element)) found.push(element);
  }
  return found;
}

/** Matches that stand in no other match. */
export function selectOutermost(page: ParsedPage, selector: string): Element[] {
  const matches = new Set(select(page, selector));
  return [...matches].filter((element) => !hasAncestor(element, (ancestor) => matches.has(ancestor)));
}
