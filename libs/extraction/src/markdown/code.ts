import type { AnyNode, Element } from 'domhandler';
import { childElements, isElement, isText, parentOf, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';

const LANGUAGE = /(?:^|\s)(?:lang(?:uage)?-|highlight-source-|highlight-text-|brush:\s*|source-|sourceCode\s+)([a-z0-9_+#.-]{1,30})/i;
const NO_LANGUAGE = new Set(['none', 'nohighlight', 'plaintext', 'text', 'plain', 'txt']);
const GUTTER = /(?:^|\s)(?:line-?numbers?(?:-rows)?|lineno(?:s|-cell)?|linenos|gutter|ln-num|blob-num|hljs-ln-numbers|line-num)(?:\s|$)/i;
const DIGITS = /^[\d\s]*$/;

function languageOf(element: Element): string | null {
  const { attribs } = element;
  const named =
    attribs['data-lang'] ?? attribs['data-language'] ?? attribs['data-code-language'] ?? LANGUAGE.exec(attribs['class'] ?? '')?.[1];
  const language = named?.trim().toLowerCase();
  return language === undefined || language === '' || NO_LANGUAGE.has(language) || !/^[a-z0-9_+#.-]+$/.test(language) ? null : language;
}

/** The language that markup around a listing names, by the conventions of the usual highlighters. */
function languageAround(block: Element): string {
  let inner: string | null = null;
  walkElements(block, (element) => {
    if (inner === null && (element.name === 'code' || element.name === 'pre')) inner = languageOf(element);
  });
  if (inner !== null) return inner;
  let element: Element | null = block;
  for (let level = 0; element !== null && level < 5; level++, element = parentOf(element)) {
    const language = languageOf(element);
    if (language !== null) return language;
  }
  return '';
}

function isGutter(element: Element): boolean {
  const { attribs } = element;
  if (attribs['data-line-number'] !== undefined && lineOf(element) === '') return true;
  if (GUTTER.test(attribs['class'] ?? '') && DIGITS.test(lineOf(element))) return true;
  return /user-select:\s*none/i.test(attribs['style'] ?? '') && DIGITS.test(lineOf(element));
}

function codeText(node: AnyNode): string {
  if (isText(node)) return node.data;
  if (!('children' in node)) return '';
  if (isElement(node)) {
    if (node.name === 'br') return '\n';
    if (node.name === 'script' || node.name === 'style' || node.name === 'button' || isGutter(node)) return '';
  }
  let text = '';
  for (const child of node.children) {
    const part = codeText(child);
    text += part;
    if (
      isElement(child) &&
      (child.name === 'div' || child.name === 'p' || child.name === 'li' || child.name === 'tr') &&
      !part.endsWith('\n')
    )
      text += '\n';
  }
  return text;
}

function fence(code: string, language: string): string {
  const text = code
    .replace(/\r\n?/g, '\n')
    .replace(/\u00a0/g, ' ')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
  if (text.trim() === '') return '';
  const longest = (text.match(/`{3,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

export function renderPre(pre: Element): string {
  return fence(codeText(pre), languageAround(pre));
}

function numberOf(cell: Element | undefined): number | null {
  if (cell === undefined) return null;
  const text = lineOf(cell);
  if (!DIGITS.test(text)) return null;
  const value = cell.attribs['data-line-number'] ?? text.split(' ')[0] ?? '';
  return value === '' ? null : Number(value);
}

function rowsOf(table: Element): Element[][] {
  const rows: Element[][] = [];
  walkElements(table, (element) => {
    if (element.name === 'tr') rows.push(childElements(element).filter((cell) => cell.name === 'td' || cell.name === 'th'));
    return element.name !== 'tr';
  });
  return rows;
}

function listingIn(cell: Element): Element | null {
  let listing: Element | null = null;
  walkElements(cell, (element) => {
    if (element.name === 'pre' || element.name === 'code') listing ??= element;
  });
  return listing;
}

/**
 * A table that lays a listing out: one cell with line numbers, one with the code, in one row or a row for each line. Null for
 * any other table.
 */
export function renderCodeTable(table: Element): string | null {
  const rows = rowsOf(table);
  const numbers = rows.map((cells) => (cells.length === 2 ? numberOf(cells[0]) : null));
  const [start] = numbers;
  if (start === undefined || start === null || !numbers.every((number, position) => number === start + position)) return null;
  const cells = rows.map(([, cell]) => cell).filter((cell) => cell !== undefined);
  const [first] = cells;
  if (first === undefined) return null;
  const inPre = parentOf(table)?.name === 'pre';
  if (rows.length === 1) {
    const listing = listingIn(first) ?? (inPre ? first : null);
    return listing === null ? null : fence(codeText(listing), languageAround(listing));
  }
  const isListing =
    inPre || /highlight|code|blob|hljs/i.test(table.attribs['class'] ?? '') || cells.every((cell) => listingIn(cell) !== null);
  return isListing ? fence(cells.map((cell) => codeText(cell).replace(/\n$/, '')).join('\n'), languageAround(first)) : null;
}
