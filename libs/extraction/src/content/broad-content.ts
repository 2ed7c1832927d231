import type { PageType } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { childElements, isBlock, isHeading, namesOf, parentOf, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';
import { filterLines } from './line-filter.js';
import { type MainContent, markLeftOut } from './main-content.js';
import { type Measure, type Measures, linkDensity } from './measure.js';
import { isCallToAction } from './phrases.js';
import { cleanRecords, dropHeadingBefore, dropRelated } from './record-cleaning.js';
import { type RecordGroup, isMenu } from './records.js';
import { type PageSurvey, isListLike, isWithin, postsOf } from './survey.js';

const DESCEND_SHARE = 0.9;
const MIN_MAIN_CHARS = 200;

/** `<main>` when the page has one with enough in it, else the innermost box that holds nearly all text. */
function containerOf(body: Element, measures: Measures): Element {
  const total = measures.get(body)?.chars ?? 0;
  for (const [element, measured] of measures) {
    const isMain = element.name === 'main' || element.attribs['role'] === 'main';
    if (isMain && measured.chars >= Math.max(MIN_MAIN_CHARS, total * 0.3)) return element;
  }
  let node = body;
  for (;;) {
    const chars = measures.get(node)?.chars ?? 0;
    const next = childElements(node).find((child) => (measures.get(child)?.chars ?? 0) >= chars * DESCEND_SHARE);
    if (next === undefined || next.name === 'p' || next.name === 'table' || next.name === 'ul' || chars === 0) return node;
    node = next;
  }
}

interface Cut {
  readonly survey: PageSurvey;
  readonly type: PageType;
  readonly titles: readonly string[];
  readonly excluded: Set<Element>;
  /** Groups whose records are content as a whole. */
  readonly groups: readonly RecordGroup[];
  /** Their records. */
  readonly held: ReadonlySet<Element>;
  /** The boxes around them. */
  readonly around: ReadonlySet<Element>;
}

/** Names that are furniture even inside an item. */
const FURNITURE_IN_ITEMS = /social|share|sharing|menu|sr-only|visually|screen-reader|modal|popup|overlay|toolbar|read-?more|pagination/;
const MAIN_SHARE = 0.25;

function contentGroups(survey: PageSurvey, type: PageType): readonly RecordGroup[] {
  const posts = type === 'forum' ? postsOf(survey) : null;
  if (posts !== null) return [posts];
  return type === 'forum' || type === 'listing' || type === 'collection' || isListLike(survey) ? survey.cards : [];
}

function boxesAround(groups: readonly RecordGroup[]): Set<Element> {
  const largest = Math.max(0, ...groups.map(({ chars }) => chars));
  const around = new Set<Element>();
  for (const { parent, chars } of groups) {
    if (chars < largest * MAIN_SHARE) continue;
    for (let box: Element | null = parent; box !== null && !around.has(box); box = parentOf(box)) around.add(box);
  }
  return around;
}

function dropNamed({ survey, excluded, held, around }: Cut): void {
  for (const element of survey.named) {
    if (around.has(element)) continue;
    if (isWithin(element, held) && !FURNITURE_IN_ITEMS.test(namesOf(element))) continue;
    excluded.add(element);
  }
}

const MAX_IMPRINT = 400;

/** Whose the site is, among its last links. */
function isImprint(element: Element, measured: Measure): boolean {
  return measured.links >= 2 && measured.chars < MAX_IMPRINT && /©|all rights reserved|copyright/i.test(lineOf(element));
}

const isSteering = (element: Element, measured: Measure): boolean => isMenu(measured) || isImprint(element, measured);
const NO_MENU = new Set(['table', 'tr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** No box with the headline in it is a menu. */
function aroundHeadline(measures: Measures): ReadonlySet<Element> {
  const boxes = new Set<Element>();
  for (const [element] of measures) {
    if (element.name !== 'h1') continue;
    for (let box = parentOf(element); box !== null && !boxes.has(box); box = parentOf(box)) boxes.add(box);
  }
  return boxes;
}

/** Boxes of short links. Where a page has nothing but links the largest of them is what it is there for. */
function dropMenus({ survey: { measures }, excluded, held, around }: Cut): void {
  const menus: Element[] = [];
  const headline = aroundHeadline(measures);
  const seen = new Set<Element>();
  for (const [element, measured] of measures) {
    if (!isBlock(element) || NO_MENU.has(element.name) || around.has(element) || !isSteering(element, measured)) continue;
    if (headline.has(element) || isWithin(element, seen) || isWithin(element, held) || isWithin(element, excluded)) continue;
    menus.push(element);
    seen.add(element);
  }
  const charsOf = (element: Element | undefined): number => (element === undefined ? 0 : (measures.get(element)?.chars ?? 0));
  const whole = measures.values().next().value?.chars ?? 0;
  const [largest] = menus.toSorted((a, b) => charsOf(b) - charsOf(a));
  const isList = held.size === 0 && charsOf(largest) >= whole * 0.3;
  for (const menu of menus) {
    if (isList && menu === largest) continue;
    excluded.add(menu);
    dropHeadingBefore(menu, excluded);
  }
}

const linkedFrom = (element: Element): string[] => {
  const targets: string[] = [];
  walkElements(element, (inner) => {
    if (inner.name === 'a' && inner.attribs['href'] !== undefined && targets.length < MAX_TARGETS) targets.push(inner.attribs['href']);
  });
  return targets;
};
const MAX_TARGETS = 2_000;
/** Links of a list beside the items: longer ones are no summary of them. */
const MAX_ECHO = 100;

/** Bare links to what the page's own items lead to: the same list told twice. */
function dropEchoes({ survey: { measures }, excluded, held, around }: Cut): void {
  if (held.size === 0) return;
  const targets = new Set<string>();
  for (const record of held) for (const target of linkedFrom(record)) targets.add(target);
  for (const [element, measured] of measures) {
    if (
      (element.name !== 'ul' && element.name !== 'ol' && element.name !== 'div') ||
      measured.links < 3 ||
      measured.links > MAX_ECHO ||
      measured.images > 0
    )
      continue;
    if (linkDensity(measured) < 0.85 || around.has(element) || isWithin(element, held) || isWithin(element, excluded)) continue;
    const links = linkedFrom(element);
    if (links.length === 0 || links.filter((link) => targets.has(link)).length < links.length * 0.6) continue;
    excluded.add(element);
    dropHeadingBefore(element, excluded);
  }
}

/** Links over the headline say where the page stands, not what it says. */
function dropBeforeHeadline({ survey, excluded, held }: Cut): void {
  const leading: Element[] = [];
  for (const [element, measured] of survey.measures) {
    if (element.name === 'h1') {
      for (const line of leading) excluded.add(line);
      return;
    }
    const short = isBlock(element) && measured.blocks === 0 && measured.chars < 160 && measured.sentences === 0;
    if (short && measured.links > 0 && linkDensity(measured) > 0.3 && !isHeading(element) && !isWithin(element, held))
      leading.push(element);
  }
}

const MAX_FORM_CHARS = 300;

/** Forms and invitations. */
function dropPrompts({ survey, excluded, held, around }: Cut): void {
  for (const [element, measured] of survey.measures) {
    if (
      element.name === 'form' &&
      measured.chars < MAX_FORM_CHARS &&
      measured.sentences < 4 &&
      !around.has(element) &&
      !isWithin(element, held)
    )
      excluded.add(element);
    else if (
      (element.name === 'a' || (isBlock(element) && measured.blocks === 0)) &&
      measured.chars > 0 &&
      measured.chars <= 40 &&
      measured.links <= 2 &&
      !isHeading(element) &&
      isCallToAction(lineOf(element))
    )
      excluded.add(element);
  }
}

function countKept(root: Element, survey: PageSurvey, excluded: ReadonlySet<Element>): { chars: number; sentences: number } {
  const total = survey.measures.get(root);
  let chars = total?.chars ?? 0,
    sentences = total?.sentences ?? 0;
  for (const element of excluded) {
    const parent = parentOf(element);
    const measured = survey.measures.get(element);
    if (measured === undefined || (parent !== null && isWithin(parent, excluded)) || !isWithin(element, new Set([root]))) continue;
    chars -= measured.chars;
    sentences -= measured.sentences;
  }
  return { chars, sentences };
}

export interface BroadInput {
  readonly survey: PageSurvey;
  readonly root: Element;
  readonly type: PageType;
  /** The page's title in its wordings. */
  readonly titles: readonly string[];
  /** Elements that are known to be no content. */
  readonly exclude?: ReadonlySet<Element>;
}

/** All of a box but its furniture. The survey must be one of the box or of a box around it. */
export function broadContentOf({ survey, root, type, titles, exclude = new Set() }: BroadInput): MainContent {
  const groups = contentGroups(survey, type);
  const excluded = new Set<Element>(exclude);
  const held = new Set(groups.flatMap(({ records }) => records));
  const cut: Cut = { survey, type, titles, excluded, groups, held, around: boxesAround(groups) };
  dropNamed(cut);
  dropMenus(cut);
  dropEchoes(cut);
  dropBeforeHeadline(cut);
  dropPrompts(cut);
  if (type === 'product') dropRelated(survey.cards, survey.measures, excluded);
  filterLines({ roots: [root], measures: survey.measures, excluded, titles, articleOnly: false, records: held, sections: cut.around });
  cleanRecords(groups, survey.measures, excluded);
  const { chars, sentences } = countKept(root, survey, excluded);
  markLeftOut([root], survey.measures, excluded);
  return { roots: [root], excluded, chars: Math.max(0, chars), sentences: Math.max(0, sentences) };
}

/**
 * Everything on the page but its furniture: for pages whose content is not one text (posts of a thread, items of a list, a
 * product with its data).
 */
export function findBroadContent(body: Element | null, survey: PageSurvey, type: PageType, titles: readonly string[]): MainContent {
  if (body === null) return { roots: [], excluded: new Set(), chars: 0, sentences: 0 };
  return broadContentOf({ survey, root: containerOf(body, survey.measures), type, titles });
}
