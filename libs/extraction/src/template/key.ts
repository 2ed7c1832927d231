import { createHash } from 'node:crypto';
import { type TemplateKey, isNumbered, siteOf, urlKey } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';

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

/** The template that a page belongs to. It rests on the address, so it stays when the site is redesigned. */
export function templateKeyOf(page: ParsedPage | string | URL): TemplateKey {
  const url = page instanceof URL ? page : new URL(typeof page === 'string' ? page : page.url);
  const site = siteOf(url);
  const shape = shapeOf(url);
  const hash = createHash('sha256')
    .update(`${site}\n${shape}`)
    .digest('base64url')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 16);
  return { site, templateId: `tpl_${hash}`, shape };
}
