import type { AnyNode, Text } from 'domhandler';
import type { MainContent } from '../content/main-content.js';
import { SILENT_TAGS, isElement, isText } from '../parse/elements.js';

/** The texts of a content, by node: what two extractions share can be counted without comparing words. */
export type KeptTexts = ReadonlyMap<Text, number>;

export function keptTexts(content: Pick<MainContent, 'roots' | 'excluded'>): KeptTexts {
  const kept = new Map<Text, number>();
  const visit = (node: AnyNode): void => {
    if (isText(node)) {
      const length = node.data.trim().length;
      if (length > 0) kept.set(node, length);
    } else if (isElement(node) && !content.excluded.has(node) && !SILENT_TAGS.has(node.name))
      for (const child of node.children) visit(child);
  };
  for (const root of content.roots) visit(root);
  return kept;
}

/** F1 over characters of two extractions of one page; 1 when both are empty. */
export function agreement(expected: KeptTexts, answer: KeptTexts): number {
  let expectedChars = 0,
    answerChars = 0,
    shared = 0;
  for (const length of expected.values()) expectedChars += length;
  for (const [text, length] of answer) {
    answerChars += length;
    if (expected.has(text)) shared += length;
  }
  if (expectedChars + answerChars === 0) return 1;
  return (2 * shared) / (expectedChars + answerChars);
}
