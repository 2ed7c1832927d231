import type { Element } from 'domhandler';
import { walkElements } from '../parse/elements.js';
import { asList, isObject, typesOf } from '../parse/json-ld.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { type Found, found, jsonText } from './found.js';

const MAX_CRUMBS = 12;

function fromJsonLd(page: ParsedPage): Found<readonly string[]> | null {
  const list = page.jsonLd.find((entity) => typesOf(entity).includes('BreadcrumbList'));
  if (list === undefined) return null;
  const names = asList(list['itemListElement'])
    .filter(isObject)
    .map((item) => jsonText(item['name']) ?? jsonText(item['item']))
    .filter((name) => name !== null);
  return names.length === 0 ? null : found(names.slice(0, MAX_CRUMBS), 'jsonld', 'BreadcrumbList');
}

function fromMarkup(page: ParsedPage): Found<readonly string[]> | null {
  if (page.body === null) return null;
  let trail: Element | null = null;
  walkElements(page.body, (element) => {
    if (trail !== null) return false;
    const label = `${element.attribs['aria-label'] ?? ''} ${element.attribs['itemtype'] ?? ''} ${element.attribs['class'] ?? ''}`;
    if (label.length > 2 && /breadcrumb/i.test(label) && element.children.length > 0) trail = element;
    return true;
  });
  if (trail === null) return null;
  const names: string[] = [];
  walkElements(trail, (element) => {
    if (element.name !== 'a' && element.name !== 'li') return true;
    const line = lineOf(element).replace(/^[\s/»›>]+|(?<![\s/»›>])[\s/»›>]+$/g, '');
    if (line !== '' && line.length <= 100 && !names.includes(line)) names.push(line);
    return false;
  });
  return names.length < 2 ? null : found(names.slice(0, MAX_CRUMBS), 'dom', '[aria-label*="breadcrumb"]');
}

/** The path that the page shows above itself, outermost first. */
export function findBreadcrumbs(page: ParsedPage): Found<readonly string[]> | null {
  return fromJsonLd(page) ?? fromMarkup(page);
}
