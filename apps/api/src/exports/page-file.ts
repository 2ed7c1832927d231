import { posix } from 'node:path';
import type { DocumentRecord } from '@gleaner/domain';
import { documentMarkdown } from '../documents/document-markdown.js';
import type { ExportMap } from './export-map.js';
import { mapLinks } from './markdown-links.js';

/** A page of an export: what is known of it as YAML, then its Markdown, whose links lead to the other pages of the export. */
export function pageFile(document: DocumentRecord, url: string, path: string, pages: Pick<ExportMap, 'pathOf'>): string {
  const markdown = mapLinks(documentMarkdown(document), (destination) => relativeLink(destination, path, pages));
  return `${frontMatter(document, url)}\n${markdown}`;
}

/** From one file of the export to another, escaped for Markdown; null when the destination is no page of it. */
function relativeLink(destination: string, from: string, pages: Pick<ExportMap, 'pathOf'>): string | null {
  const [address = '', ...fragments] = destination.split('#');
  const to = /^https?:/i.test(address) ? pages.pathOf(address) : null;
  if (to === null) return null;
  const fragment = fragments.length === 0 ? '' : `#${fragments.join('#')}`;
  if (to === from && fragment !== '') return fragment;
  return linkTo(posix.relative(posix.dirname(from), to)) + fragment;
}

/** A path as a Markdown destination. */
export function linkTo(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('(', '%28').replaceAll(')', '%29'))
    .join('/');
}

function frontMatter({ page, analysis, ...document }: DocumentRecord, url: string): string {
  const facts: Readonly<Record<string, unknown>> = {
    url,
    title: page.title,
    description: page.description,
    author: page.author.length === 0 ? null : page.author,
    publishedAt: page.publishedAt,
    modifiedAt: page.modifiedAt,
    language: analysis.language ?? page.language,
    siteName: page.siteName,
    type: page.type,
    keywords: analysis.keywords.length === 0 ? null : analysis.keywords,
    canonicalUrl: document.canonicalUrl,
    // What was asked for; unasked, what a page has is in its document.
    fields: page.fieldReport === undefined ? null : page.fields,
    fetchedAt: document.fetchedAt,
    document: document.id,
    contentHash: document.contentHash,
  };
  const lines = Object.entries(facts).flatMap(([name, value]) => (value === null || value === '' ? [] : [`${name}: ${yaml(value)}`]));
  return ['---', ...lines, '---', ''].join('\n');
}

/** JSON is YAML (YAML 1.2 §1.3) but for a few characters that YAML wants escaped (§5.1). */
function yaml(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
