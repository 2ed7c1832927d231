import type { Element, Text } from 'domhandler';
import { SILENT_TAGS, hasAncestor, isElement, isHeading, isText } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { collapse, isHidden, lineOf } from '../parse/visible-text.js';
import { commentBoxes } from './comments.js';
import { isNoise } from './noise.js';

/** Texts that stand in a box until a script has filled it. */
const PLACEHOLDER =
  /^(?:loading|please wait|one moment|wird geladen|lade[nt]?\b|bitte warten|chargement|veuillez patienter|cargando|caricamento|carregando)\b.{0,30}$/i;
/** Names of pictures that turn while something is loaded. */
const SPINNER = /load|spin|placeholder|blank|pixel/i;
const WORD = /[\p{L}\p{N}]/u;
/** What such an element shows is content, whatever stands around it. */
const MEDIA = new Set(['video', 'audio', 'iframe', 'object', 'embed']);
const SILENT_INPUTS = new Set(['hidden', 'search', 'submit', 'button', 'image', 'reset']);
/** So many characters that lead nowhere make a header more than a way round the site. */
const MIN_HEADER_TEXT = 40;
/** Pictures that count visits are not larger. */
const MAX_PIXEL = 2;

/**
 * True when the page shows anything besides the furniture of its site (navigation, header, footer, sidebar, comments): text,
 * a picture, a film, a form to fill in. Stops at the first such thing, so that it costs next to nothing on a page that has content.
 */
export function hasOwnContent(page: ParsedPage): boolean {
  if (page.body === null) return false;
  const comments = commentBoxes(page);
  const holds = ({ children }: Element): boolean =>
    children.some((child) => (isElement(child) ? shows(child) : isText(child) && isSaid(child)));
  const shows = (element: Element): boolean => {
    if (comments.has(element) || isHidden(element)) return false;
    if (isShown(element)) return true;
    if (SILENT_TAGS.has(element.name) || isAnchor(element)) return false;
    if (isNoise(element, 'structural')) return element.name === 'header' && isHero(element);
    return holds(element);
  };
  // A main part of empty boxes is one that is to be filled: what stands below it, comments say, is not what the page is about.
  const mains = page.index.mains.filter((main) => main.children.some(isElement));
  if (mains.length > 0) return mains.some(holds);
  // The body itself may be hidden until a style sheet is there.
  return holds(page.body);
}

function isSaid({ data }: Text): boolean {
  return WORD.test(data) && !PLACEHOLDER.test(collapse(data));
}

/** A thing that is content without any text. */
function isShown({ name, attribs }: Element): boolean {
  if (name === 'textarea' || name === 'select') return true;
  if (name === 'input') return !SILENT_INPUTS.has(attribs['type']?.toLowerCase() ?? 'text');
  if (name === 'img')
    return !isPixel(attribs) && !SPINNER.test(`${attribs['src'] ?? ''} ${attribs['class'] ?? ''} ${attribs['alt'] ?? ''}`);
  return MEDIA.has(name) && !isPixel(attribs);
}

function isPixel({ width, height }: Element['attribs']): boolean {
  return Number.parseFloat(width ?? '') <= MAX_PIXEL || Number.parseFloat(height ?? '') <= MAX_PIXEL;
}

/** A link within the page, as the one that skips the navigation. */
function isAnchor({ name, attribs }: Element): boolean {
  return name === 'a' && attribs['href']?.startsWith('#') === true;
}

/** A header that says something itself: pages are built that have all they say in it. */
function isHero(header: Element): boolean {
  const isWay = (element: Element): boolean => element.name === 'a' || isNoise(element, 'none');
  const hasHeadline = header.children.some((child) => isElement(child) && saysHeadline(child));
  return hasHeadline || lineOf(header, isWay).length >= MIN_HEADER_TEXT;
}

function saysHeadline(element: Element): boolean {
  if (isHeading(element)) return !hasAncestor(element, ({ name }) => name === 'a') && lineOf(element, ({ name }) => name === 'a') !== '';
  return element.children.some((child) => isElement(child) && saysHeadline(child));
}
