import type { Element } from 'domhandler';
import { SILENT_TAGS, isBlock, isElement, isHeading, isText } from '../parse/elements.js';

/** Totals over a subtree without what was left out of it. Characters count white space runs as one. */
export interface Measure {
  chars: number;
  /** Characters inside links; links inside the page count a third. */
  linkChars: number;
  /** Commas of the scripts that have them: prose has them, menus do not. */
  commas: number;
  /** Ends of sentences. */
  sentences: number;
  paragraphs: number;
  images: number;
  items: number;
  inputs: number;
  links: number;
  headingChars: number;
  listChars: number;
  blocks: number;
  quotes: number;
  /** Text that flows in the element itself, not in blocks inside it. */
  ownChars: number;
  ownCommas: number;
  ownLinkChars: number;
}

export type Measures = ReadonlyMap<Element, Measure>;

const COMMAS = new Set([0x2c, 0x60c, 0x3001, 0xff0c, 0xfe50, 0xfe10, 0xfe11, 0x2e41, 0x2e34, 0x2e32]);
const ENDS = new Set([0x2e, 0x21, 0x3f, 0x2026, 0x3002, 0xff01, 0xff1f, 0x6d4, 0x964]);

function emptyMeasure(): Measure {
  return {
    chars: 0,
    linkChars: 0,
    commas: 0,
    sentences: 0,
    paragraphs: 0,
    images: 0,
    items: 0,
    inputs: 0,
    links: 0,
    headingChars: 0,
    listChars: 0,
    blocks: 0,
    quotes: 0,
    ownChars: 0,
    ownCommas: 0,
    ownLinkChars: 0,
  };
}

function countText(total: Measure, text: string, linkWeight: number): void {
  let chars = 0,
    commas = 0,
    sentences = 0,
    space = true,
    ended = false;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === 32 || (code <= 13 && code >= 9) || code === 0xa0) {
      if (!space) chars++;
      if (ended) sentences++;
      space = true;
      ended = false;
      continue;
    }
    space = false;
    chars++;
    if (COMMAS.has(code)) commas++;
    ended = ENDS.has(code) || (ended && (code === 0x22 || code === 0x201d || code === 0x27 || code === 0x2019 || code === 0x29));
  }
  if (ended) sentences++;
  total.chars += chars;
  total.commas += commas;
  total.sentences += sentences;
  total.linkChars += chars * linkWeight;
  total.ownChars += chars;
  total.ownCommas += commas;
  total.ownLinkChars += chars * linkWeight;
}

function add(total: Measure, part: Measure, child: Element): void {
  total.chars += part.chars;
  total.linkChars += part.linkChars;
  total.commas += part.commas;
  total.sentences += part.sentences;
  total.paragraphs += part.paragraphs;
  total.images += part.images;
  total.items += part.items;
  total.inputs += part.inputs;
  total.links += part.links;
  total.headingChars += isHeading(child) ? part.chars : part.headingChars;
  total.listChars += child.name === 'ul' || child.name === 'ol' ? part.chars : part.listChars;
  total.blocks += part.blocks;
  total.quotes += part.quotes;
  if (isBlock(child)) {
    total.blocks++;
    return;
  }
  total.ownChars += part.ownChars;
  total.ownCommas += part.ownCommas;
  total.ownLinkChars += part.ownLinkChars;
}

function countTag(total: Measure, element: Element): void {
  switch (element.name) {
    case 'p':
      total.paragraphs++;
      break;
    case 'img':
    case 'picture':
      total.images++;
      break;
    case 'blockquote':
    case 'pre':
      total.quotes++;
      break;
    case 'li':
      total.items++;
      break;
    case 'a':
      total.links++;
      break;
    case 'input':
    case 'select':
    case 'textarea':
    case 'button':
      total.inputs++;
      break;
  }
}

/** Weight of text in a link: a link inside the page (a table of contents, a footnote) is half content. */
function linkWeightOf(element: Element): number {
  return (element.attribs['href'] ?? '').startsWith('#') ? 0.3 : 1;
}

/** One walk over a subtree. Elements for which `leaveOut` says true are measured by nobody. */
export function measure(root: Element, leaveOut: (element: Element) => boolean): Measures {
  const measures = new Map<Element, Measure>();
  const visit = (element: Element, linkWeight: number): Measure => {
    const total = emptyMeasure();
    measures.set(element, total);
    for (const child of element.children) {
      if (isText(child)) countText(total, child.data, linkWeight);
      else if (isElement(child)) {
        if (SILENT_TAGS.has(child.name) || leaveOut(child)) continue;
        add(total, visit(child, child.name === 'a' ? linkWeightOf(child) : linkWeight), child);
      }
    }
    countTag(total, element);
    return total;
  };
  visit(root, 0);
  return measures;
}

export function linkDensity(measured: Measure): number {
  return measured.chars === 0 ? 0 : measured.linkChars / measured.chars;
}
