import type { AnyNode, Element } from 'domhandler';
import { childElements, isBlock, isElement, isHeading, isText, walkElements } from '../parse/elements.js';
import { collapse } from '../parse/visible-text.js';
import { renderCodeTable, renderPre } from './code.js';
import { type MarkdownContext, createContext, isDropped } from './context.js';
import { escapeLabel, escapeLineStart, escapeTarget } from './escape.js';
import { isBackLink } from './footnotes.js';
import { linkTarget, renderInline } from './inline.js';
import { renderList } from './list.js';
import { isMath, mathOf } from './math.js';
import { isLayoutTable, renderTable, tableRows } from './table.js';

const HAS_BLOCK = new Set(['table', 'pre', 'ul', 'ol', 'dl', 'blockquote', 'figure', 'hr']);

function holdsBlocks(element: Element): boolean {
  let found = false;
  walkElements(element, (inner) => {
    found ||= isBlock(inner) || HAS_BLOCK.has(inner.name);
    return !found;
  });
  return found;
}

/** A run of inline nodes as paragraphs: two line breaks in a row part them. */
function renderRun(run: readonly AnyNode[], context: MarkdownContext): string[] {
  const text = renderInline(run, context);
  return text
    .split(/(?: {2}\n[^\S\n]*){2,}/)
    .map((paragraph) =>
      paragraph
        .trim()
        .split('\n')
        .map((line) => escapeLineStart(line.trimStart()))
        .join('\n'),
    )
    .filter((paragraph) => paragraph !== '');
}

function renderHeading(element: Element, context: MarkdownContext): string[] {
  const text = collapse(renderInline(element.children, { ...context, inHeading: true })).replace(/(?<!#)(#+)$/, '\\$1');
  return text === '' ? [] : [`${'#'.repeat(Number(element.name.slice(1)))} ${text}`];
}

/** A link round whole blocks: the heading in it carries the link, the rest is read as text. */
function renderCard(anchor: Element, context: MarkdownContext): string[] {
  const target = linkTarget(anchor.attribs['href'] ?? '', context.base);
  let title: Element | null = null;
  walkElements(anchor, (element) => {
    if (title === null && isHeading(element) && !isDropped(element, context)) title = element;
  });
  if (target === null) return renderBlocks(anchor.children, context);
  if (title === null) return renderRun([anchor], context);
  const heading: Element = title;
  const text = collapse(renderInline(heading.children, { ...context, inHeading: true, inLink: true }));
  const linked = `${'#'.repeat(Number(heading.name.slice(1)))} [${escapeLabel(text)}](${escapeTarget(target)})`;
  const others = renderBlocks(anchor.children, { ...context, inLink: true, excluded: new Set([...context.excluded, heading]) });
  const before = others.filter((block) => block.startsWith('!['));
  return [...before, linked, ...others.filter((block) => !block.startsWith('!['))];
}

/** A cell's blocks on one line. */
function renderCell(cell: Element, context: MarkdownContext): string {
  return renderBlocks(cell.children, context)
    .map((block) =>
      block.replace(/^(`{3,}).*\n([\s\S]*)\n\1$/, (_, __, code: string) =>
        code
          .split('\n')
          .map((line) => (line.trim() === '' ? '' : `\`${line}\``))
          .join('\n'),
      ),
    )
    .join('<br>')
    .replace(/(?: {2})?\n+\s*/g, '<br>')
    .trim();
}

function renderTableBlock(table: Element, context: MarkdownContext): string[] {
  const code = renderCodeTable(table);
  if (code !== null) return code === '' ? [] : [code];
  const rows = tableRows(table);
  if (rows.length === 0 || context.inCell || isLayoutTable(table, rows)) return renderBlocks(table.children, context);
  const caption = childElements(table).find((child) => child.name === 'caption');
  const blocks = caption === undefined || isDropped(caption, context) ? [] : renderRun(caption.children, context);
  return [...blocks, renderTable(table, context, renderCell)];
}

function renderTerms(list: Element, context: MarkdownContext): string[] {
  return childElements(list).flatMap((child) => {
    if (child.name !== 'dt' || isDropped(child, context) || holdsBlocks(child)) return renderBlocks([child], context);
    const text = renderInline(child.children, { ...context, strong: true }).trim();
    return text === '' ? [] : [`**${text}**`];
  });
}

function renderBlock(element: Element, context: MarkdownContext): string[] {
  if (isHeading(element)) return renderHeading(element, context);
  switch (element.name) {
    case 'pre':
      return [renderPre(element)].filter((block) => block !== '');
    case 'ul':
    case 'ol':
    case 'menu':
    case 'dir':
      return [renderList(element, context, renderBlocks)].filter((block) => block !== '');
    case 'dl':
      return renderTerms(element, context);
    case 'table':
      return renderTableBlock(element, context);
    case 'blockquote': {
      const inner = renderBlocks(element.children, context).join('\n\n');
      return inner === ''
        ? []
        : [
            inner
              .split('\n')
              .map((line) => (line === '' ? '>' : `> ${line}`))
              .join('\n'),
          ];
    }
    case 'hr':
      return context.inCell ? [] : ['---'];
    case 'a':
      return renderCard(element, context);
    default:
      return renderBlocks(element.children, context);
  }
}

function isBlockLike(element: Element, context: MarkdownContext): boolean {
  if (isBlock(element)) return true;
  if (isMath(element)) return mathOf(element)?.display === true && !context.inCell;
  return element.name !== 'svg' && element.name !== 'code' && element.children.length > 0 && holdsBlocks(element);
}

/** Markdown blocks of nodes, in order. Depth is bounded by the parser. */
function renderBlocks(nodes: readonly AnyNode[], context: MarkdownContext): string[] {
  const blocks: string[] = [];
  let run: AnyNode[] = [];
  const flush = (): void => {
    if (run.length > 0) for (const block of renderRun(run, context)) blocks.push(block);
    run = [];
  };
  for (const node of nodes) {
    if (isElement(node) && isBlockLike(node, context)) {
      if (isDropped(node, context)) continue;
      flush();
      for (const block of isMath(node) ? [renderInline([node], context)] : renderBlock(node, context)) blocks.push(block);
    } else if (isText(node) || isElement(node)) run.push(node);
    else if ('children' in node) for (const child of node.children) run.push(child);
  }
  flush();
  return blocks;
}

function renderNotes(context: MarkdownContext): string[] {
  return [...context.footnotes.definitions].map(([holder, label]) => {
    const excluded = new Set(context.excluded);
    walkElements(holder, (element) => {
      if (element.name === 'a' && isBackLink(element)) excluded.add(element);
    });
    const blocks = renderBlocks(holder.children, {
      ...context,
      excluded,
      footnotes: { references: context.footnotes.references, definitions: new Map() },
    });
    return `[^${label}]: ${blocks.join('\n\n').replace(/\n(?!\n|$)/g, '\n    ')}`;
  });
}

/**
 * GitHub Flavored Markdown (https://github.github.com/gfm/) of nodes, with footnotes and `$` math. Links and images are
 * absolute against `base`; hidden, silent and `excluded` elements are left out. Ends without a line break.
 */
export function toMarkdown(nodes: readonly AnyNode[], base: string, excluded: ReadonlySet<Element> = new Set()): string {
  const context = createContext(nodes, base, excluded);
  return [...renderBlocks(nodes, context), ...renderNotes(context)]
    .join('\n\n')
    .replace(/(?<![^\S\n])[^\S\n]+$/gm, (spaces) => (spaces === '  ' ? spaces : ''))
    .trim();
}
