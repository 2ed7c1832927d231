import { type AnyNode, type Document, Element, Text } from 'domhandler';

/** Elements whose content is never shown as text of the page. */
export const SILENT_TAGS: ReadonlySet<string> = new Set([
  'script',
  'style',
  'template',
  'svg',
  'noscript',
  'head',
  'iframe',
  'object',
  'embed',
  'canvas',
  'audio',
  'video',
  'map',
  'datalist',
  'link',
  'meta',
  'title',
]);

/** Elements that break the line: everything else flows inside a paragraph. */
const BLOCK_TAGS: ReadonlySet<string> = new Set([
  'address',
  'article',
  'aside',
  'blockquote',
  'body',
  'center',
  'dd',
  'details',
  'dialog',
  'dir',
  'div',
  'dl',
  'dt',
  'fieldset',
  'figcaption',
  'figure',
  'footer',
  'form',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'header',
  'hgroup',
  'hr',
  'html',
  'legend',
  'li',
  'main',
  'menu',
  'nav',
  'ol',
  'option',
  'p',
  'pre',
  'search',
  'section',
  'select',
  'summary',
  'table',
  'tbody',
  'td',
  'tfoot',
  'th',
  'thead',
  'tr',
  'ul',
  'caption',
]);

const HEADING = /^h[1-6]$/;

export function isElement(node: AnyNode): node is Element {
  return node instanceof Element;
}

export function isText(node: AnyNode): node is Text {
  return node instanceof Text;
}

export function isBlock(element: Element): boolean {
  return BLOCK_TAGS.has(element.name);
}

export function isHeading(element: Element): boolean {
  return HEADING.test(element.name);
}

/** The parent when it is an element; null at the root. */
export function parentOf(element: Element): Element | null {
  return element.parent instanceof Element ? element.parent : null;
}

export function hasAncestor(element: Element, test: (ancestor: Element) => boolean): boolean {
  for (let parent = parentOf(element); parent !== null; parent = parentOf(parent)) if (test(parent)) return true;
  return false;
}

export function childElements(element: Element): Element[] {
  return element.children.filter(isElement);
}

/** Depth first, document order. `visit` returns false to skip what is inside. Bounded by the depth that the parser allows. */
export function walkElements(root: Element | Document, visit: (element: Element) => boolean | void): void {
  for (const child of root.children) {
    if (child instanceof Element && visit(child) !== false) walkElements(child, visit);
  }
}

/** The class and id of an element as one lower-case text: a hint, never the only reason. */
export function namesOf(element: Element): string {
  const { class: className, id } = element.attribs;
  if (className === undefined && id === undefined) return '';
  return `${className ?? ''} ${id ?? ''}`.slice(0, 300).toLowerCase();
}
