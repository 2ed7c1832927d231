import type { Element } from 'domhandler';
import { childElements, parentOf } from '../parse/elements.js';
import { typesOf } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';

/** Tags that a template puts on its pages; what else there is depends on what somebody wrote. */
const TEMPLATE_TAGS = new Set([
  'main',
  'article',
  'section',
  'header',
  'footer',
  'h1',
  'time',
  'form',
  'button',
  'input',
  'select',
  'address',
  'dl',
]);
const TEXT_TAGS = new Set(['p', 'pre', 'table', 'ul', 'ol', 'blockquote', 'figure', 'img', 'h2', 'h3', 'td']);
/** Frames are the same on all pages of a site: they say nothing about which template a page has. */
const FRAME_TAGS = new Set(['nav', 'aside', 'script', 'style', 'svg', 'noscript', 'template', 'iframe']);
const OUTER_FRAMES = new Set(['header', 'footer']);
const SITE_TYPES =
  /^(?:WebSite|WebPage|Organization|NewsMediaOrganization|Corporation|BreadcrumbList|ListItem|ImageObject|Person|SearchAction|ReadAction|EntryPoint|SiteNavigationElement|WPHeader|WPFooter|Brand|PostalAddress|ContactPoint|Rating|Offer|Review|VideoObject)$/;
const MAX_FEATURES = 80;
const MAX_VISITED = 20_000;

/** Landmarks and declared types, against the tags of a text. */
const isStrong = (feature: string): boolean => !feature.startsWith('~');

/** What a site itself says of a page counts twice as much as a landmark, and that three times as much as a tag of the text. */
function weightOf(feature: string): number {
  if (!isStrong(feature)) return 1;
  return /^(?:type|og) /.test(feature) ? 6 : 3;
}

function declaredTypes(page: ParsedPage): string[] {
  const types = [...page.jsonLd.flatMap(typesOf), ...page.index.itemTypes].filter(
    (type) => !SITE_TYPES.test(type) && /^\w{1,40}$/.test(type),
  );
  const og = (page.meta.get('og:type')?.[0] ?? '').toLowerCase();
  return [...new Set(types)]
    .slice(0, 10)
    .map((type) => `type ${type}`)
    .concat(/^[a-z.:_]{1,30}$/.test(og) && og !== 'website' ? [`og ${og}`] : []);
}

/**
 * What a page is built of, independent of class names, ids and boxes without meaning (`div`, `span`): paths of landmark tags,
 * the types that it declares, and (marked `~`) the tags that its text is made of. Sorted, at most 80 features. What stands in the
 * frame of the site (navigation, asides, the outer header and footer) is not looked at.
 */
export function structureOf(page: ParsedPage): readonly string[] {
  const features = new Set<string>(declaredTypes(page));
  let left = MAX_VISITED;
  const visit = (element: Element, path: string, inLandmark: boolean): void => {
    for (const child of childElements(element)) {
      if (--left < 0) return;
      const { name } = child;
      if (FRAME_TAGS.has(name) || (OUTER_FRAMES.has(name) && !inLandmark)) continue;
      if (TEXT_TAGS.has(name)) features.add(`~${parentOf(child)?.name === 'div' ? 'div' : ''}>${name}`);
      if (!TEMPLATE_TAGS.has(name)) {
        visit(child, path, inLandmark);
        continue;
      }
      features.add(path === '' ? name : `${path}>${name}`);
      visit(child, name === 'section' && path.endsWith('section') ? path : name, inLandmark || name === 'main' || name === 'article');
    }
  };
  if (page.body !== null) visit(page.body, '', false);
  return [...features].toSorted((a, b) => Number(isStrong(b)) - Number(isStrong(a)) || (a < b ? -1 : 1)).slice(0, MAX_FEATURES);
}

/**
 * How alike two structures are: 0 … 1, 1 for two empty ones. The larger one of two weighted Jaccard indices: of landmarks and declared
 * types alone, and of all features; so that tables and lists in one text and not in the other, or a landmark more, make no
 * other template.
 */
export function structureSimilarity(a: readonly string[], b: readonly string[]): number {
  return Math.max(jaccard(a.filter(isStrong), b.filter(isStrong)), jaccard(a, b));
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const known = new Set(a);
  let shared = 0,
    all = 0;
  for (const feature of a) all += weightOf(feature);
  for (const feature of b) {
    if (known.has(feature)) shared += weightOf(feature);
    else all += weightOf(feature);
  }
  return all === 0 ? 1 : shared / all;
}

/** Features that more than half of the pages have. */
export function commonStructure(structures: readonly (readonly string[])[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const structure of structures) for (const feature of structure) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  return [...counts].filter(([, count]) => count * 2 > structures.length).map(([feature]) => feature);
}

/** From here on two pages are of one template. */
export const SAME_STRUCTURE = 0.5;

/** The page is of a template whose pages are built so. */
export function isBuiltLike(page: ParsedPage, structure: readonly string[]): boolean {
  return structureSimilarity(structureOf(page), structure) >= SAME_STRUCTURE;
}
