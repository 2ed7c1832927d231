import type { Element } from 'domhandler';
import { hasAncestor, walkElements } from '../parse/elements.js';
import { collapse } from '../parse/visible-text.js';

export function isMath(element: Element): boolean {
  return element.name === 'math';
}

export function isMathScript(element: Element): boolean {
  return element.name === 'script' && /^math\/tex/i.test(element.attribs['type'] ?? '');
}

const rawText = (element: Element): string => element.children.map((child) => ('data' in child ? child.data : '')).join('');

function texOf(math: Element): string {
  let tex = '';
  walkElements(math, (element) => {
    if (element.name === 'annotation' && /tex/i.test(element.attribs['encoding'] ?? '')) tex ||= rawText(element);
  });
  return collapse(tex || (math.attribs['alttext'] ?? ''))
    .replace(/^\{\\(?:display|text)style\s(.*)\}$/, '$1')
    .trim();
}

/** `$…$` or `$$…$$` of a MathML element that carries its TeX source, or of a MathJax script; null when it has none. */
export function mathOf(element: Element): { readonly tex: string; readonly display: boolean } | null {
  if (isMathScript(element)) {
    const tex = rawText(element).trim();
    return tex === '' ? null : { tex, display: /mode\s*=\s*display/i.test(element.attribs['type'] ?? '') };
  }
  const tex = texOf(element);
  if (tex === '') return null;
  const display =
    element.attribs['display'] === 'block' || hasAncestor(element, (ancestor) => /katex-display/.test(ancestor.attribs['class'] ?? ''));
  return { tex, display };
}

/** The rendering that MathJax puts before its script: the script is the source. */
export function isMathPreview(element: Element): boolean {
  return /(?:^|\s)MathJax(?:_Preview|_SVG|_CHTML)?(?:\s|$)/.test(element.attribs['class'] ?? '') && element.next !== null;
}
