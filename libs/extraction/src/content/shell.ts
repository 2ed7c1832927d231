import type { Element } from 'domhandler';
import { walkElements } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { hasOwnContent } from './own-content.js';

const MAX_SHELL_TEXT = 200;
const APP_IDS = new Set([
  'root',
  'app',
  '__next',
  '__nuxt',
  'react-root',
  'main-app',
  'application',
  'svelte',
  'gatsby-focus-wrapper',
  'q-app',
  'ember-app',
]);
const NEEDS_SCRIPT =
  /(?:enable|requires?|activate|turn on|need|aktivieren|activer|activar|habilit)\b.{0,40}\bjavascript|javascript.{0,60}(?:enabled?|required|disabled|aktiviert|activé)|necesita javascript/i;

function noscriptText(page: ParsedPage): string {
  const parts: string[] = [];
  if (page.body !== null) {
    walkElements(page.body, (element) => {
      if (element.name === 'noscript' && parts.length < 20) parts.push(element.children.map((child) => lineOf(child)).join(' '));
    });
  }
  return parts.join(' ');
}

/** An empty box that a script is to fill. */
function emptyRoot(body: Element): boolean {
  let found = false;
  walkElements(body, (element) => {
    if (found || element.name === 'script' || element.name === 'noscript') return false;
    const { id } = element.attribs;
    const isApp =
      (id !== undefined && APP_IDS.has(id.toLowerCase())) ||
      element.name.includes('-root') ||
      element.name === 'app' ||
      element.attribs['ng-app'] !== undefined ||
      element.attribs['data-reactroot'] !== undefined;
    if (isApp && lineOf(element).length < MAX_SHELL_TEXT) found = true;
    return true;
  });
  return found;
}

/** A box without anything in it, whatever its name, as the first thing in the body. */
function onlyEmptyBoxes(body: Element): boolean {
  let boxes = 0,
    filled = 0;
  walkElements(body, (element) => {
    if (element.name === 'script' || element.name === 'noscript' || element.name === 'style' || element.name === 'link') return false;
    if (element.name === 'div' || element.name === 'main' || element.name === 'section') boxes++;
    else if (['p', 'h1', 'h2', 'h3', 'img', 'a', 'li', 'table', 'form', 'video', 'iframe'].includes(element.name)) filled++;
    return true;
  });
  return boxes > 0 && filled === 0;
}

/**
 * True when scripts would build what the page has to say: the HTML holds hardly any text, or nothing but the furniture of its site.
 * A browser is needed. A short page that was written as it is (no scripts, or any text of its own) is none.
 */
export function looksLikeShell(page: ParsedPage): boolean {
  if (page.body === null || page.index.counts.scripts === 0) return false;
  const text = lineOf(page.body);
  if (NEEDS_SCRIPT.test(noscriptText(page)) && text.length < MAX_SHELL_TEXT * 2 && page.index.headings.length === 0) return true;
  if (text.length < MAX_SHELL_TEXT && (NEEDS_SCRIPT.test(text) || emptyRoot(page.body) || (text.length < 50 && onlyEmptyBoxes(page.body))))
    return true;
  return !hasOwnContent(page);
}
