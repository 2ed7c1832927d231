import { createHash } from 'node:crypto';
import { type TemplateKey, isNumbered, siteOf, urlKey } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';
import { SAME_STRUCTURE, structureOf, structureSimilarity } from './structure.js';

const MAX_SEGMENTS = 20;
const SCRIPT_FILE = /\.(?:php\d?|aspx?|jsp|cgi|do|cfm)$/i;
const EXTENSION = /\.[a-z][a-z0-9]{1,4}$/i;

/** A segment that names one page or one group of pages rather than a section of the site. */
function isVariable(segment: string): boolean {
  if (isNumbered(segment) || segment.length > 24) return true;
  return segment.split(/[-_]/).length >= 4 || /^@|%/.test(segment);
}

/**
 * The shape of a URL path: `/news/big-storm` → `/news/*`. The last segment always varies, so that the pages of one directory
 * share a shape; before it ids, dates and slugs do. Queries that name the page keep their names: `/view.php?id=*`.
 */
export function shapeOf(url: URL): string {
  const canonical = new URL(urlKey(url));
  const segments = canonical.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .slice(0, MAX_SEGMENTS);
  const names = [...new Set(canonical.searchParams.keys())].slice(0, 10);
  const last = segments.at(-1);
  if (last === undefined) return names.length === 0 ? '/' : `/?${names.map((name) => `${name}=*`).join('&')}`;
  const byQuery = names.length > 0 && (SCRIPT_FILE.test(last) || !isVariable(last));
  const shape = segments.map((segment, position) => {
    if (position < segments.length - 1) return isVariable(segment) ? '*' : segment.toLowerCase();
    return byQuery ? last.toLowerCase() : `*${EXTENSION.exec(last)?.[0].toLowerCase() ?? ''}`;
  });
  return `/${shape.join('/')}${byQuery ? `?${names.map((name) => `${name}=*`).join('&')}` : ''}`;
}

function keyOf(site: string, shape: string, structure: readonly string[]): TemplateKey {
  const hash = createHash('sha256')
    .update([site, shape, ...structure].join('\n'))
    .digest('base64url')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  return { site, templateId: `tpl_${hash}`, shape };
}

/**
 * The key of an address shape, which is that of its first template: it rests on the address alone, so it stays when the site is
 * redesigned.
 */
export function templateKeyOf(address: string | URL): TemplateKey {
  const url = typeof address === 'string' ? new URL(address) : address;
  return keyOf(siteOf(url), shapeOf(url), []);
}

/** A template that is known under a shape; `structure` as its fingerprint has it, null where it has none. */
export interface KnownTemplate extends TemplateKey {
  readonly structure: readonly string[] | null;
}

/** The template of a shape that a structure resembles most, the first one of equals; one without a structure takes what no other does. */
export function chooseTemplate<Known extends KnownTemplate>(structure: readonly string[], known: readonly Known[]): Known | null {
  let best: Known | null = null,
    similarity = SAME_STRUCTURE;
  for (const template of known) {
    const close = template.structure === null ? 0 : structureSimilarity(structure, template.structure);
    if (close >= similarity && (best === null || close > similarity)) [best, similarity] = [template, close];
  }
  return best ?? known.find((template) => template.structure === null) ?? null;
}

/** Places a page with one of the templates of its shape, or says what it is built of. */
export function placePage<Known extends KnownTemplate>(
  page: ParsedPage,
  known: readonly Known[],
): { readonly template: Known } | { readonly template: null; readonly structure: readonly string[] } {
  const [only] = known;
  if (only !== undefined && known.length === 1 && only.structure === null) return { template: only };
  const structure = structureOf(page);
  const template = chooseTemplate(structure, known);
  return template === null ? { template, structure } : { template };
}

/** A template for pages that are built like none that is known of their shape: the first one has the key of the shape. */
export function newTemplateOf(
  { site, templateId, shape }: TemplateKey,
  structure: readonly string[],
  known: readonly KnownTemplate[],
): TemplateKey & { readonly structure: readonly string[] } {
  const isFirst = known.every((template) => template.templateId !== templateId);
  return { ...(isFirst ? { site, templateId, shape } : keyOf(site, shape, structure)), structure };
}
