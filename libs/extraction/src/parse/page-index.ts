import type { Document, Element } from 'domhandler';
import { isText, walkElements } from './elements.js';

const MAX_MARKED = 5_000;
const MAX_META = 500;

/** What one walk over the page collects, so that no later step searches the whole tree again. */
export interface PageIndex {
  readonly html: Element | null;
  readonly body: Element | null;
  readonly titles: readonly Element[];
  /** Content of `<meta>` by lower-case name, property or itemprop, in document order. */
  readonly meta: ReadonlyMap<string, readonly string[]>;
  readonly linkTags: readonly Element[];
  readonly jsonLdBlocks: readonly string[];
  readonly baseHref: string | null;
  readonly headings: readonly Element[];
  /** `<main>` elements. */
  readonly mains: readonly Element[];
  readonly anchors: readonly Element[];
  readonly times: readonly Element[];
  /** Elements with `itemprop` outside the head. */
  readonly properties: readonly Element[];
  readonly itemTypes: readonly string[];
  /** `scripts`: those that run; data in a script element is none. */
  readonly counts: { readonly scripts: number; readonly code: number; readonly inputs: number };
}

const rawText = (element: Element): string => element.children.map((child) => (isText(child) ? child.data : '')).join('');

interface Draft {
  html: Element | null;
  body: Element | null;
  baseHref: string | null;
  titles: Element[];
  meta: Map<string, string[]>;
  linkTags: Element[];
  jsonLdBlocks: string[];
  headings: Element[];
  mains: Element[];
  anchors: Element[];
  times: Element[];
  properties: Element[];
  itemTypes: string[];
  counts: { scripts: number; code: number; inputs: number };
}

function addMeta(draft: Draft, element: Element): void {
  const { name, property, itemprop, content } = element.attribs;
  if (content === undefined || draft.meta.size >= MAX_META) return;
  for (const key of new Set([property, name, itemprop])) {
    if (key === undefined) continue;
    const values = draft.meta.get(key.toLowerCase());
    if (values === undefined) draft.meta.set(key.toLowerCase(), [content]);
    else if (values.length < 20) values.push(content);
  }
}

/** JavaScript by its type, as browsers read it; every other type is data. */
const RUNS = /^(?:module|(?:text|application)\/(?:x-)?(?:java|ecma)script\s*(?:;.*)?)$/i;

function addScript(draft: Draft, element: Element): void {
  const type = element.attribs['type']?.trim() ?? '';
  if (type === '' || RUNS.test(type)) draft.counts.scripts++;
  if (/ld\+json/i.test(type)) draft.jsonLdBlocks.push(rawText(element));
}

const push = (list: Element[], element: Element): void => {
  if (list.length < MAX_MARKED) list.push(element);
};

function addByTag(draft: Draft, element: Element): void {
  switch (element.name) {
    case 'title':
      push(draft.titles, element);
      break;
    case 'meta':
      addMeta(draft, element);
      break;
    case 'link':
      push(draft.linkTags, element);
      break;
    case 'base':
      draft.baseHref ??= element.attribs['href'] ?? null;
      break;
    case 'script':
      addScript(draft, element);
      break;
    case 'a':
      push(draft.anchors, element);
      break;
    case 'main':
      push(draft.mains, element);
      break;
    case 'time':
      push(draft.times, element);
      break;
    case 'pre':
      draft.counts.code++;
      break;
    case 'input':
    case 'select':
    case 'textarea':
      draft.counts.inputs++;
      break;
    case 'h1':
    case 'h2':
    case 'h3':
    case 'h4':
      push(draft.headings, element);
      break;
  }
}

export function indexPage(document: Document): PageIndex {
  const draft: Draft = {
    html: null,
    body: null,
    baseHref: null,
    titles: [],
    meta: new Map(),
    linkTags: [],
    jsonLdBlocks: [],
    headings: [],
    mains: [],
    anchors: [],
    times: [],
    properties: [],
    itemTypes: [],
    counts: { scripts: 0, code: 0, inputs: 0 },
  };
  walkElements(document, (element) => {
    if (element.name === 'html') draft.html ??= element;
    else if (element.name === 'body') draft.body ??= element;
    else addByTag(draft, element);
    const { itemprop, itemtype } = element.attribs;
    if (itemprop !== undefined && element.name !== 'meta' && element.name !== 'link') push(draft.properties, element);
    if (itemtype !== undefined && draft.itemTypes.length < 100)
      draft.itemTypes.push(itemtype.trim().slice(itemtype.trim().lastIndexOf('/') + 1));
    return element.name !== 'svg' && element.name !== 'template';
  });
  return draft;
}
