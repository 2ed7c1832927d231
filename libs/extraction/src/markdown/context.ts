import type { AnyNode, Element } from 'domhandler';
import { SILENT_TAGS, walkElements } from '../parse/elements.js';
import { isHidden } from '../parse/visible-text.js';
import { type Footnotes, findFootnotes } from './footnotes.js';
import { isMath, isMathScript } from './math.js';

/** What every step of one serialization shares. */
export interface MarkdownContext {
  readonly base: string;
  readonly excluded: ReadonlySet<Element>;
  readonly footnotes: Footnotes;
  /** In a cell nothing may break the line. */
  readonly inCell: boolean;
  readonly inLink: boolean;
  readonly inHeading: boolean;
  readonly strong: boolean;
  readonly emphasis: boolean;
}

const DROPPED = new Set(['button', 'select', 'textarea', 'input', 'option', 'progress', 'meter', 'area', 'rp']);

export function createContext(nodes: readonly AnyNode[], base: string, excluded: ReadonlySet<Element>): MarkdownContext {
  return {
    base,
    excluded,
    footnotes: findFootnotes(nodes, excluded),
    inCell: false,
    inLink: false,
    inHeading: false,
    strong: false,
    emphasis: false,
  };
}

function holdsMath(element: Element): boolean {
  let found = false;
  walkElements(element, (inner) => {
    found ||= isMath(inner);
    return !found;
  });
  return found;
}

/** True for elements that leave nothing in the Markdown. */
export function isDropped(element: Element, context: MarkdownContext): boolean {
  if (context.excluded.has(element) || context.footnotes.definitions.has(element)) return !isVisibleMath(element);
  if (DROPPED.has(element.name)) return element.attribs['type'] !== 'checkbox';
  if (isMathScript(element)) return false;
  if (SILENT_TAGS.has(element.name)) return true;
  return isHidden(element) && !isVisibleMath(element);
}

/** Formulas stand in hidden boxes beside their picture: their source is the text to keep. */
function isVisibleMath(element: Element): boolean {
  if (isMathScript(element)) return true;
  if (!isHidden(element) || element.attribs['aria-hidden'] === 'true' || element.children.length > 20) return false;
  return isMath(element) || holdsMath(element);
}
