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

/** A template that is known under a shape; `structure` as its fingerprint has it. */
export interface KnownTemplate extends TemplateKey {
  readonly structure?: readonly string[];
}

/** Types that a page declares and the landmarks round its headline: what two pages of one template have in common for sure. */
function signatureOf(structure: readonly string[]): string {
  return structure.filter((feature) => /^(?:type|og) |(?:^|>)(?:h1|article|main)$/.test(feature)).join('\n');
}

function keyOf(site: string, shape: string, signature: string): TemplateKey {
  const hash = createHash('sha256')
    .update(signature === '' ? `${site}\n${shape}` : `${site}\n${shape}\n${signature}`)
    .digest('base64url')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  return { site, templateId: `tpl_${hash}`, shape };
}

/**
 * The template that a page belongs to. It rests on the address, so it stays when the site is redesigned. Pages of another
 * structure under the same address shape are another template: given the parsed page and the templates `known` (others than
 * those of the shape are passed over), the answer is the known template that the page resembles most; else the key of the
 * shape when no template has it yet; else a further key of the same shape, the same for all pages of that structure.
 */
export function templateKeyOf(page: ParsedPage | string | URL, known: readonly KnownTemplate[] = []): TemplateKey {
  const parsed = typeof page === 'string' || page instanceof URL ? null : page;
  const url = page instanceof URL ? page : new URL(typeof page === 'string' ? page : page.url);
  const key = keyOf(siteOf(url), shapeOf(url), '');
  const siblings = known.filter(({ site, shape }) => site === key.site && shape === key.shape);
  const plain = siblings.find(({ templateId }) => templateId === key.templateId);
  if (parsed === null || plain?.structure === undefined) return key;
  const structure = structureOf(parsed);
  let best: KnownTemplate | null = null,
    similarity = SAME_STRUCTURE;
  for (const sibling of siblings) {
    const close = sibling.structure === undefined ? 0 : structureSimilarity(structure, sibling.structure);
    if (close >= similarity && (best === null || close > similarity)) [best, similarity] = [sibling, close];
  }
  if (best !== null) return { site: best.site, templateId: best.templateId, shape: best.shape };
  return keyOf(key.site, key.shape, signatureOf(structure) || 'other');
}
