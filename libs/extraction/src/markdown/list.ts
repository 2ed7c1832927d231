import type { AnyNode, Element } from 'domhandler';
import { isElement, isText } from '../parse/elements.js';
import { type MarkdownContext, isDropped } from './context.js';

type RenderBlocks = (nodes: readonly AnyNode[], context: MarkdownContext) => string[];

interface Item {
  readonly element: Element | null;
  readonly nodes: readonly AnyNode[];
}

/** Items of a list; whatever stands between them belongs to the item before it. */
function itemsOf(list: Element): Item[] {
  const items: { element: Element | null; nodes: AnyNode[] }[] = [];
  for (const child of list.children) {
    if (isElement(child) && child.name === 'li') items.push({ element: child, nodes: [...child.children] });
    else if (isText(child) && child.data.trim() === '') continue;
    else if (items.length > 0) items.at(-1)?.nodes.push(child);
    else items.push({ element: null, nodes: [child] });
  }
  return items;
}

const isListBlock = (block: string): boolean => /^(?:- |\d+\. )/.test(block);

/** A list with its numbers, nested lists indented under their item's text, paragraphs of an item kept apart. */
export function renderList(list: Element, context: MarkdownContext, renderBlocks: RenderBlocks): string {
  const ordered = list.name === 'ol';
  let number = Number.parseInt(list.attribs['start'] ?? '1', 10) || (list.attribs['start'] === '0' ? 0 : 1);
  const lines: string[] = [];
  let loose = false;
  for (const { element, nodes } of itemsOf(list)) {
    if (element !== null && isDropped(element, context)) continue;
    const value = Number.parseInt(element?.attribs['value'] ?? '', 10);
    if (ordered && !Number.isNaN(value)) number = value;
    const blocks = renderBlocks(nodes, context);
    if (blocks.length === 0) continue;
    const marker = ordered ? `${number}. ` : '- ';
    const indent = ' '.repeat(marker.length);
    let text = '';
    blocks.forEach((block, position) => {
      const tight = position > 0 && isListBlock(block);
      if (position > 0) text += tight ? '\n' : '\n\n';
      if (position > 0 && !tight) loose = true;
      text += block;
    });
    lines.push(marker + text.replace(/\n(?!\n|$)/g, `\n${indent}`));
    number++;
  }
  return lines.join(loose ? '\n\n' : '\n');
}
