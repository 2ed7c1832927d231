import type { Element } from 'domhandler';
import { hasAncestor, isElement, namesOf, parentOf } from '../parse/elements.js';
import { isHidden } from '../parse/visible-text.js';

/** How much is taken for noise before the content is looked for; the next looser one is tried when too little is left. `structural` goes by tags alone. */
export type Strictness = 'strict' | 'structural' | 'loose' | 'none';

const NOISE_TAGS = new Set([
  'nav',
  'dialog',
  'menu',
  'button',
  'select',
  'textarea',
  'input',
  'search',
  'label',
  'frame',
  'frameset',
  'progress',
  'meter',
]);
const NOISE_ROLES = new Set([
  'navigation',
  'complementary',
  'banner',
  'contentinfo',
  'dialog',
  'alertdialog',
  'alert',
  'search',
  'menu',
  'menubar',
  'toolbar',
  'tablist',
  'tooltip',
  'status',
]);

/** Words that name furniture in class and id; each must stand at the start of a word. */
const NOISE_NAMES = new RegExp(
  '(?:^|[\\s_-])(?:' +
    'cookie|consent|gdpr|newsletter|subscri|sign-?up|social|share|sharing|sharedaddy|addthis|related|recommend|trending|most-(?:read|popular)|popular|promo|' +
    'advert|ads?(?=[\\s_-]|$)|adbox|sponsor|outbrain|taboola|breadcrumb|pagination|pager|pagenav|sidebar|comments?(?=[\\s_-]|$)|comment-?(?:list|form|section|respond)|' +
    'disqus|respond|skip-link|skip(?=[\\s_-]|$)|menu|nav(?:bar|igation)?(?=[\\s_-]|$)|masthead|modal|popup|overlay|toolbar|widget|footer|sr-only|visually-?hidden|screen-reader|' +
    'print-only|noprint|follow-us|paywall|teaser|tags(?=[\\s_-]|$)|tag-list|read-?more|read-?next|more-(?:from|stories|news)|up-?next|author-(?:bio|box|info)|byline|dateline|timestamp)',
);
/** Names that speak for content: they win where both kinds stand in one element. */
const CONTENT_NAMES =
  /article-?(?:body|content|text)|entry-?content|post-?(?:body|content)|story-?(?:body|content|text)|main-?content|page-?content|content-?body|(?:^|\s)(?:article|content|main|markdown-body|prose)(?=\s|$)/;

const KEEP_TAGS = new Set(['body', 'html', 'main', 'article', 'p', 'pre', 'code', 'table', 'tbody', 'tr', 'td', 'th', 'h1', 'blockquote']);

function isPageFurniture(element: Element): boolean {
  if (element.name !== 'header' && element.name !== 'footer' && element.name !== 'aside') return false;
  if (element.name !== 'header') return true;
  return !hasAncestor(element, (ancestor) => ancestor.name === 'main' || ancestor.name === 'article');
}

/** Siblings that are looked at. */
const MAX_LOOKED = 20;
const FOOTED = new Set(['article', 'li', 'main']);

/** Items of a list keep their price or date in a footer of their own. */
function isItemFoot(element: Element): boolean {
  if (element.name !== 'footer') return false;
  if (hasAncestor(element, (ancestor) => FOOTED.has(ancestor.name))) return true;
  for (let item = parentOf(element), level = 0; item !== null && level < 2; item = parentOf(item), level++) {
    const own = item;
    if (
      parentOf(own)
        ?.children.slice(0, MAX_LOOKED)
        .some((child) => child !== own && isElement(child) && hasFooter(child, level)) === true
    )
      return true;
  }
  return false;
}

const hasFooter = (element: Element, levels: number): boolean =>
  element.children
    .slice(0, MAX_LOOKED)
    .some((child) => isElement(child) && (child.name === 'footer' || (levels > 0 && hasFooter(child, levels - 1))));

/** Whether class and id say that the element is furniture. */
export function isNamedNoise(element: Element): boolean {
  if (KEEP_TAGS.has(element.name)) return false;
  const names = namesOf(element);
  return names !== '' && NOISE_NAMES.test(names) && !CONTENT_NAMES.test(names);
}

/** The box of a task list and its label stand in the text. */
function isInItem(element: Element): boolean {
  if (element.name !== 'label' && element.attribs['type'] !== 'checkbox') return false;
  return hasAncestor(element, (ancestor) => ancestor.name === 'li');
}

/** True for elements that cannot hold main content, judged by what they are, not by what is in them. */
export function isNoise(element: Element, strictness: Strictness): boolean {
  if (NOISE_TAGS.has(element.name)) return !isInItem(element);
  if (strictness === 'none') return false;
  if (isHidden(element)) return true;
  const role = element.attribs['role'];
  if (role !== undefined && NOISE_ROLES.has(role)) return true;
  if (element.attribs['aria-modal'] === 'true') return true;
  if (strictness === 'loose') return false;
  if (strictness === 'structural') return isPageFurniture(element) && !isItemFoot(element);
  return isPageFurniture(element) || isNamedNoise(element);
}
