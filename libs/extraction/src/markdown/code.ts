import type { AnyNode, Element } from 'domhandler';
import { childElements, isElement, isText, parentOf, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';

const LANGUAGE = /(?:^|\s)(?:lang(?:uage)?-|highlight-source-|highlight-text-|brush:\s*|source-|sourceCode\s+)([a-z0-9_+#.-]{1,30})/i;
const NO_LANGUAGE = new Set(['none', 'nohighlight', 'plaintext', 'text', 'plain', 'txt']);
const GUTTER = /(?:^|\s)(?:line-?numbers?(?:-rows)?|lineno(?:s|-cell)?|linenos|gutter|ln-num|blob-num|hljs-ln-numbers|line-num)(?:\s|$)/i;
const DIGITS = /^[\d\s]*$/;

function languageOf(element: Element): string | null {
  const { attribs } = element;
  const named = attribs['data-lang'] ?? attribs['data-language'] ?? attribs['data-code-language'] ?? LANGUAGE.exec(attribs['class'] ?? '')?.[1];
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
    if (isElement(child) && (child.name === 'div' || child.name === 'p' || child.name === 'li' || child.name === 'tr') && !part.endsWith('\n')) text += '\n';
  }
  return text;
}

function fence(code: string, language: string): string {
  const text = code.replace(/\r\n?/g, '\n').replace(/\u00a0/g, ' ').replace(/^(?:[^\S\n]*\n)+/, '').trimEnd();
  if (text.trim() === '') return '';
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

export function renderPre(pre: Element): string {
  return fence(codeText(pre), languageAround(pre));
}

/**
 * A table that lays a listing out: one cell with line numbers, one with the code, in one row or a row for each line. Null for
 * any other table.
 */
export function renderCodeTable(table: Element): string | null {
  const rows: Element[][] = [];
  walkElements(table, (element) => {
    if (element.name === 'tr') rows.push(childElements(element).filter((cell) => cell.name === 'td' || cell.name === 'th'));
    return element.name !== 'tr';
  });
  if (rows.length === 0 || rows.some((cells) => cells.length !== 2)) return null;
  const isNumber = (cell: Element | undefined): boolean => cell !== undefined && DIGITS.test(lineOf(cell)) && (lineOf(cell) !== '' || cell.attribs['data-line-number'] !== undefined);
  if (!rows.every(([number]) => isNumber(number))) return null;
  const cells = rows.map(([, cell]) => cell).filter((cell) => cell !== undefined);
  const [first] = cells;
  if (first === undefined) return null;
  const inPre = parentOf(table)?.name === 'pre';
  if (rows.length === 1) {
    let pre: Element | null = null;
    walkElements(first, (element) => {
      if (element.name === 'pre' || element.name === 'code') pre ??= element;
    });
    return pre === null && !inPre ? null : fence(codeText(pre ?? first), languageAround(pre ?? first) || languageAround(table));
  }
  const isCode = cells.every((cell) => inPre || cell.attribs['class'] !== undefined || childElements(cell).some((child) => child.name === 'code' || child.name === 'pre'));
  const numbered = rows.every(([number], position) => Number(number?.attribs['data-line-number'] ?? lineOf(number as Element)) === Number(rows[0]?.[0]?.attribs['data-line-number'] ?? lineOf(rows[0]?.[0] as Element)) + position);
  const likeCode = table.attribs['class'] !== undefined && /highlight|code|blob|hljs/i.test(table.attribs['class']);
  if (!isCode || !numbered || !(likeCode || inPre || cells.some((cell) => childElements(cell).some((child) => child.name === 'pre' || child.name === 'code')))) return null;
  return fence(cells.map((cell) => codeText(cell).replace(/\n$/, '')).join('\n'), languageAround(first) || languageAround(table));
}
