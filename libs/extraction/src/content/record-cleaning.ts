import type { Element } from 'domhandler';
import { isAgo, readDate } from '../fields/dates.js';
import { hasAncestor, isBlock, isElement, isHeading, parentOf, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';
import type { Measures } from './measure.js';
import { isPostMeta } from './phrases.js';
import { type RecordGroup, isPriced } from './records.js';

const MAX_ACTION = 28;
const MAX_ACTIONS = 5_000;
const MAX_SIGNATURE = 250;

interface Action {
  readonly elements: Element[];
  readonly targets: Set<string>;
  readonly records: Set<Element>;
}

function addAction(actions: Map<string, Action>, record: Element, link: Element): void {
  const text = lineOf(link);
  if (text === '' || text.length > MAX_ACTION || readDate(text) !== null || isAgo(text)) return;
  const key = text.toLowerCase();
  const known: Action = actions.get(key) ?? { elements: [], targets: new Set(), records: new Set() };
  if (known.elements.length === 0) actions.set(key, known);
  known.elements.push(link);
  known.targets.add(link.attribs['href'] ?? '');
  known.records.add(record);
}

const isInHeading = (element: Element): boolean => hasAncestor(element, isHeading);

/**
 * The same words linked in most records, each time to somewhere else ("Read more", "Reply"), steer and say nothing. A category
 * leads to the same place each time and stays.
 */
function dropActions({ records, count, isPosts }: RecordGroup, excluded: Set<Element>): void {
  const actions = new Map<string, Action>();
  let left = MAX_ACTIONS;
  for (const record of records) {
    walkElements(record, (element) => {
      if (excluded.has(element) || left <= 0) return false;
      if (element.name !== 'a') return true;
      left--;
      if (isPosts && /^#\s?\d{1,6}$/.test(lineOf(element))) excluded.add(element);
      else if (!isInHeading(element)) addAction(actions, record, element);
      return false;
    });
  }
  for (const action of actions.values()) {
    const often = action.records.size >= Math.max(2, count * 0.6);
    const apart =
      action.targets.size >= action.records.size * 0.7 || [...action.targets].every((target) => /^(?:#|javascript:|$)/i.test(target));
    if (often && apart) for (const element of action.elements) excluded.add(element);
  }
}

/** Lines of a record that stand in no quotation, document order. */
function ownLines(record: Element, measures: Measures, excluded: ReadonlySet<Element>): Element[] {
  const lines: Element[] = [];
  walkElements(record, (element) => {
    const measured = measures.get(element);
    if (measured === undefined || excluded.has(element) || element.name === 'blockquote' || element.name === 'pre') return false;
    if (isBlock(element) && measured.blocks === 0 && measured.chars > 0) lines.push(element);
    return true;
  });
  return lines;
}

/** A short end after a rule or a "--" is a signature, and so is an end that several posts share. */
function dropSignatures({ records }: RecordGroup, measures: Measures, excluded: Set<Element>): void {
  const ends = new Map<string, Element[]>();
  for (const record of records) {
    const lines = ownLines(record, measures, excluded);
    for (const line of lines) if ((measures.get(line)?.chars ?? 0) <= 60 && isPostMeta(lineOf(line))) excluded.add(line);
    const last = lines.findLast((line) => !excluded.has(line));
    if (last === undefined || lines.length < 3) continue;
    const text = lineOf(last);
    if (text.length > MAX_SIGNATURE) continue;
    const before = lastBefore(last);
    if (/^(?:--|__|—\s*—)/.test(text) || before?.name === 'hr') excluded.add(last);
    else if (text.length >= 12) ends.set(text, [...(ends.get(text) ?? []), last]);
  }
  for (const same of ends.values()) if (same.length > 1) for (const element of same) excluded.add(element);
}

const MAX_STEPS = 20;

function elementBefore(element: Element): Element | undefined {
  let left = MAX_STEPS;
  for (let node = element.prev; node !== null && left > 0; node = node.prev, left--) if (isElement(node)) return node;
  return undefined;
}

/** The element before this one, or before the box that it comes first in. */
function lastBefore(element: Element): Element | undefined {
  let current: Element | null = element;
  for (let level = 0; level < 3 && current !== null; level++) {
    const before = elementBefore(current);
    if (before !== undefined) return before;
    current = parentOf(current);
  }
  return undefined;
}

/** Leaves out of each record what steers and does not say anything of its own. */
export function cleanRecords(groups: readonly RecordGroup[], measures: Measures, excluded: Set<Element>): void {
  for (const group of groups) {
    dropActions(group, excluded);
    if (group.isPosts) dropSignatures(group, measures, excluded);
  }
}

const MAX_RELATED_CHARS = 300;

/** Cards beside a product lead to other products: they go, with the heading over them. */
export function dropRelated(groups: readonly RecordGroup[], measures: Measures, excluded: Set<Element>): void {
  const whole = measures.values().next().value?.chars ?? 0;
  for (const group of groups) {
    const { parent, records, chars } = group;
    const pictured = records.filter((record) => (measures.get(record)?.images ?? 0) > 0).length >= records.length * 0.7;
    if ((!pictured && !isPriced(group)) || chars / records.length > MAX_RELATED_CHARS || chars > whole * 0.7) continue;
    if (records.some((record) => holdsHeadline(record))) continue;
    const own = measures.get(parent)?.chars ?? 0;
    if (own > chars + 100) {
      for (const record of records) excluded.add(record);
      dropHeadingBefore(records[0], excluded);
      continue;
    }
    let box = parent;
    for (let outer = parentOf(box); outer !== null && (measures.get(outer)?.chars ?? Infinity) <= chars + 100; outer = parentOf(box)) {
      if (outer.name === 'body' || outer.name === 'main') break;
      box = outer;
    }
    excluded.add(box);
    dropHeadingBefore(box, excluded);
  }
}

/** The heading over a box that went. */
export function dropHeadingBefore(element: Element | undefined, excluded: Set<Element>): void {
  const before = element === undefined ? undefined : lastBefore(element);
  if (before !== undefined && isHeading(before) && before.name !== 'h1') excluded.add(before);
}

function holdsHeadline(element: Element): boolean {
  let found = element.name === 'h1';
  walkElements(element, (inner) => {
    found ||= inner.name === 'h1';
    return !found;
  });
  return found;
}
