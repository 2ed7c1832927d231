import type { AnyNode, Element } from 'domhandler';
import { isBlock, isElement, isHeading, isText } from '../parse/elements.js';
import { isGap } from '../parse/gaps.js';
import { lineOf } from '../parse/visible-text.js';
import { resolveUrl } from '../parse/parsed-page.js';
import { type MarkdownContext, isDropped } from './context.js';
import { codeSpan, escapeLabel, escapeTarget, escapeText } from './escape.js';
import { isBackLink } from './footnotes.js';
import { imageAlt, imageUrl } from './images.js';
import { isMath, isMathPreview, isMathScript, mathOf } from './math.js';

const CODE = new Set(['code', 'kbd', 'samp', 'tt']);
const MARKS: Readonly<Record<string, string>> = {
  b: '**',
  strong: '**',
  em: '*',
  i: '*',
  cite: '*',
  dfn: '*',
  del: '~~',
  s: '~~',
  strike: '~~',
};
const PERMALINK = /^(?:#|¶|§|🔗|⚓︎?|link|permalink|permanent link|copy link|direct link to .*|link to (?:this )?.*)?$/i;

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\n' || character === '\t';

/** Neighbouring marks are joined by copying what is there: not for ever. */
const MAX_MERGED = 500;

/** Joins pieces so that white space is never doubled. Only the last piece is ever looked at: long runs stay linear. */
class InlineBuilder {
  private readonly pieces: string[] = [];
  private lastMark = '';

  get text(): string {
    return this.pieces.join('');
  }

  add(piece: string): void {
    if (piece === '') return;
    const joined = isSpace(this.pieces.at(-1)?.at(-1)) ? piece.replace(/^ +/, '') : piece;
    if (joined === '') return;
    this.pieces.push(joined);
    this.lastMark = '';
  }

  /** A marked piece: white space goes outside, neighbours of the same mark become one. */
  mark(delimiter: string, inner: string): void {
    const core = inner.trim();
    if (core === '') return this.add(inner === '' ? '' : ' ');
    if (isSpace(inner[0])) this.add(' ');
    const last = this.pieces.at(-1);
    if (this.lastMark === delimiter && last !== undefined && last.length < MAX_MERGED)
      this.pieces[this.pieces.length - 1] = `${last.slice(0, -delimiter.length)}${core}${delimiter}`;
    else this.pieces.push(`${delimiter}${core}${delimiter}`);
    this.lastMark = delimiter;
    if (isSpace(inner.at(-1))) this.add(' ');
  }

  break(separator: string): void {
    const last = this.pieces.at(-1);
    if (last !== undefined && !last.endsWith('  \n')) this.pieces[this.pieces.length - 1] = last.replace(/(?<! ) +$/, '');
    this.pieces.push(separator);
    this.lastMark = '';
  }
}

function addLink(builder: InlineBuilder, element: Element, context: MarkdownContext): void {
  const label = context.footnotes.references.get(element);
  if (label !== undefined) return builder.add(`[^${label}]`);
  const href = element.attribs['href'];
  if (isBackLink(element) && lineOf(element) !== '') return;
  if (context.inHeading && href?.includes('#') === true && PERMALINK.test(lineOf(element))) return;
  const inner = renderInline(element.children, { ...context, inLink: true });
  const target = href === undefined || context.inLink ? null : linkTarget(href, context.base);
  if (target === null) return builder.add(inner);
  const text = inner.trim().replace(/\s*\n\s*/g, ' ');
  if (text === '') return;
  if (isSpace(inner[0])) builder.add(' ');
  const isImage = text.startsWith('![');
  builder.add(`[${isImage ? text : escapeLabel(text)}](${escapeTarget(target)})`);
  if (isSpace(inner.at(-1))) builder.add(' ');
}

/** Absolute target of a link; mail and telephone links as they are; null for scripts and broken references. */
export function linkTarget(href: string, base: string): string | null {
  const trimmed = href.trim();
  return /^(?:mailto|tel):/i.test(trimmed) ? trimmed : resolveUrl(trimmed, base);
}

function addMath(builder: InlineBuilder, element: Element): void {
  const math = mathOf(element);
  if (math === null) return builder.add(escapeText(lineOf(element)));
  builder.add(math.display ? `$$${math.tex}$$` : `$${math.tex}$`);
}

function addImage(builder: InlineBuilder, element: Element, context: MarkdownContext): void {
  const url = imageUrl(element, context.base);
  if (url !== null) builder.add(`![${escapeLabel(escapeText(imageAlt(element)))}](${escapeTarget(url)})`);
}

function addMark(builder: InlineBuilder, element: Element, context: MarkdownContext): void {
  const delimiter = MARKS[element.name] ?? '';
  const strong = delimiter === '**';
  const emphasis = delimiter === '*';
  if ((strong && (context.strong || context.inHeading)) || (emphasis && context.emphasis))
    return builder.add(renderInline(element.children, context));
  const inner = renderInline(element.children, { ...context, strong: context.strong || strong, emphasis: context.emphasis || emphasis });
  if (inner.includes('\n')) return builder.add(inner);
  builder.mark(delimiter, inner);
}

function addElement(builder: InlineBuilder, element: Element, context: MarkdownContext): void {
  if (isDropped(element, context) || isMathPreview(element)) return;
  const { name } = element;
  if (name === 'br') return builder.break(lineBreak(context));
  if (name === 'wbr') return;
  if (name === 'a') return addLink(builder, element, context);
  if (name === 'img') return addImage(builder, element, context);
  if (isMath(element) || isMathScript(element)) return addMath(builder, element);
  if (CODE.has(name)) return builder.add(codeSpan(rawTextOf(element)));
  if (name === 'input') return builder.add(element.attribs['checked'] === undefined ? '[ ] ' : '[x] ');
  if (name in MARKS) return addMark(builder, element, context);
  if (name === 'q') return builder.add(`“${renderInline(element.children, context).trim()}”`);
  const inner = renderInline(element.children, context);
  if (isBlock(element)) builder.add(` ${isHeading(element) ? inner.trim() : inner} `);
  else builder.add(inner);
}

function lineBreak(context: MarkdownContext): string {
  if (context.inCell) return '<br>';
  return context.inLink || context.inHeading ? ' ' : '  \n';
}

function rawTextOf(node: AnyNode): string {
  if (isText(node)) return node.data;
  if (!('children' in node)) return '';
  return node.children.map((child) => (isElement(child) && child.name === 'br' ? '\n' : rawTextOf(child))).join('');
}

/** Markdown of nodes that flow in a line. White space at both ends is kept as one space: the caller trims. */
export function renderInline(nodes: readonly AnyNode[], context: MarkdownContext): string {
  const builder = new InlineBuilder();
  let previous: AnyNode | null = null;
  for (const node of nodes) {
    if (previous !== null && isGap(previous, node)) builder.add(' ');
    previous = node;
    if (isText(node)) builder.add(escapeText(node.data.replace(/[\s\u00a0]+/g, ' ')));
    else if (isElement(node)) addElement(builder, node, context);
    else if ('children' in node) builder.add(renderInline(node.children, context));
  }
  return builder.text;
}
