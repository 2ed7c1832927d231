import type { Element } from 'domhandler';
import { isBlock, parentOf } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { type Measures, linkDensity, measure } from './measure.js';
import { isNamedNoise, isNoise } from './noise.js';
import { type RecordGroup, areDated, findRecordGroups, isPriced } from './records.js';

/** A page taken as a whole, furniture aside: what its type is judged by and its broad content is cut from. */
export interface PageSurvey {
  readonly measures: Measures;
  readonly groups: readonly RecordGroup[];
  /** Innermost groups of cards: each item stands in one of them only. */
  readonly cards: readonly RecordGroup[];
  readonly cardElements: ReadonlySet<Element>;
  readonly cardChars: number;
  /** Boxes that are furniture by their names. */
  readonly named: ReadonlySet<Element>;
  /** Characters without furniture. */
  readonly chars: number;
  readonly linkShare: number;
}

export function isWithin(element: Element, boxes: ReadonlySet<Element>): boolean {
  if (boxes.size === 0) return false;
  for (let current: Element | null = element; current !== null; current = parentOf(current)) if (boxes.has(current)) return true;
  return false;
}

/** Groups that are not mere boxes round other groups: each item stands in one of them only. */
function innermost(groups: readonly RecordGroup[]): RecordGroup[] {
  const heldChars = new Map<Element, number>();
  const inner: RecordGroup[] = [];
  for (const group of groups.toReversed()) {
    const held = group.records.reduce((sum, record) => sum + (heldChars.get(record) ?? 0), 0);
    if (held >= group.chars * 0.4) continue;
    inner.unshift(group);
    for (let box: Element | null = group.parent; box !== null; box = parentOf(box))
      heldChars.set(box, (heldChars.get(box) ?? 0) + group.chars);
  }
  return inner;
}

function namedNoise(measures: Measures): Set<Element> {
  const named = new Set<Element>();
  for (const [element] of measures) if (isNamedNoise(element) && !isWithin(element, named)) named.add(element);
  return named;
}

const EMPTY: PageSurvey = {
  measures: new Map(),
  groups: [],
  cards: [],
  cardElements: new Set(),
  cardChars: 0,
  named: new Set(),
  chars: 0,
  linkShare: 0,
};

/** Surveys the page, or one box of it. */
export function surveyPage(page: ParsedPage, root: Element | null = page.body): PageSurvey {
  if (root === null) return EMPTY;
  const measures = measure(root, (element) => isNoise(element, 'structural'));
  const groups = findRecordGroups(measures);
  const cards = innermost(groups.filter(({ isCards }) => isCards));
  const named = namedNoise(measures);
  const cardElements = new Set(cards.flatMap(({ records }) => records));
  let chars = measures.get(root)?.chars ?? 0,
    linkChars = measures.get(root)?.linkChars ?? 0;
  for (const element of named) {
    chars -= measures.get(element)?.chars ?? 0;
    linkChars -= measures.get(element)?.linkChars ?? 0;
  }
  const cardChars = cards.reduce((sum, group) => sum + group.chars, 0);
  return { measures, groups, cards, cardElements, cardChars, named, chars, linkShare: chars <= 0 ? 0 : linkChars / chars };
}

const MIN_CARDS = 3;
const MIN_SHARE = 0.4;
const MAX_PROSE = 500;
const PROSE_CHARS = 80;

/** Characters of running text that stand in no card. */
function proseOutside({ measures, cardElements }: PageSurvey): number {
  let chars = 0;
  for (const [element, measured] of measures) {
    if (measured.ownChars < PROSE_CHARS || measured.sentences === 0 || !isBlock(element) || linkDensity(measured) > 0.4) continue;
    if (!isWithin(element, cardElements)) chars += measured.ownChars;
  }
  return chars;
}

/** True when cards are what the page is there for: they hold much of its text, and no running text stands beside them. */
export function isListLike(survey: PageSurvey): boolean {
  const count = survey.cards.reduce((sum, group) => sum + group.count, 0);
  const whole = survey.measures.values().next().value?.chars ?? 0;
  if (count < MIN_CARDS || survey.cardChars < whole * MIN_SHARE) return false;
  return proseOutside(survey) < Math.max(MAX_PROSE, survey.cardChars * 0.3);
}

function mostly(cards: readonly RecordGroup[], test: (group: RecordGroup) => boolean): boolean {
  let passed = 0,
    all = 0;
  for (const group of cards) {
    all += group.count;
    if (test(group)) passed += group.count;
  }
  return passed > all * 0.5;
}

/** True when most cards carry a price. */
export const isPricedList = ({ cards }: PageSurvey): boolean => mostly(cards, isPriced);

/** True when most cards carry a date. */
export const isDatedList = ({ cards }: PageSurvey): boolean => mostly(cards, areDated);

/** The posts of a thread: the group of dated texts with most in it. */
export function postsOf({ groups }: PageSurvey): RecordGroup | null {
  let best: RecordGroup | null = null;
  for (const group of groups) if (group.isPosts && (best === null || group.chars > best.chars)) best = group;
  return best;
}
