import type { Element } from 'domhandler';
import { isAgo, readDate } from '../fields/dates.js';
import { hasPrice } from '../fields/product.js';
import { childElements, isHeading, isText, walkElements } from '../parse/elements.js';
import { lineOf } from '../parse/visible-text.js';
import { type Measure, type Measures, linkDensity } from './measure.js';

/** Siblings of one make that each say one thing: the items of a list, the posts of a thread. */
export interface RecordGroup {
  /** Items that lead elsewhere, with something said about each. */
  readonly isCards: boolean;
  /** Things that people wrote, dated. */
  readonly isPosts: boolean;
  readonly parent: Element;
  /** Their elements; a record without a box of its own has several. */
  readonly records: readonly Element[];
  readonly count: number;
  readonly chars: number;
}

const RECORD_TAGS = new Set(['div', 'article', 'section', 'li', 'a', 'tr', 'td', 'figure', 'dl', 'details', 'tbody']);
const MAX_CHILDREN = 1_000;
const MAX_FEATURES = 40;
const MAX_DEPTH = 4;
const MAX_CLUSTERS = 4;
const MIN_ALIKE = 0.45;
const MAX_CARD_CHARS = 2_500;
const MAX_CARD_SENTENCES = 14;
const MAX_SAMPLED = 8;
const MAX_LEAVES = 40;
const MAX_WALKED = 300;

/** Tags by depth, as a set: what two records have in common whatever they are called and however much they say. */
function featuresOf(record: Element): Set<string> {
  const features = new Set<string>();
  let seen = 0;
  const visit = (element: Element, depth: number): void => {
    for (const child of childElements(element)) {
      if (++seen > MAX_FEATURES) return;
      features.add(`${depth}${child.name}`);
      if (depth < MAX_DEPTH) visit(child, depth + 1);
    }
  };
  visit(record, 1);
  return features;
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 && b.size === 0) return 1;
  let shared = 0;
  for (const feature of a) if (b.has(feature)) shared++;
  return shared / (a.size + b.size - shared);
}

interface Cluster {
  readonly features: ReadonlySet<string>;
  readonly members: Element[];
}

function clusterAlike(elements: readonly Element[]): Cluster[] {
  const clusters: Cluster[] = [];
  for (const element of elements) {
    const features = featuresOf(element);
    const home = clusters.find((cluster) => likeness(cluster.features, features) >= MIN_ALIKE);
    if (home !== undefined) home.members.push(element);
    else if (clusters.length < MAX_CLUSTERS) clusters.push({ features, members: [element] });
  }
  return clusters;
}

/** A link with something beside it: a heading, a picture, a text, boxes of its own. */
function isCard(measured: Measure): boolean {
  if (measured.links === 0 || measured.chars < 8 || measured.chars > MAX_CARD_CHARS || measured.sentences > MAX_CARD_SENTENCES)
    return false;
  if (isMenu(measured)) return false;
  const beside = measured.chars - measured.linkChars;
  return measured.headingChars > 0 || measured.images > 0 || beside >= 20 || (measured.blocks >= 2 && measured.chars >= 30);
}

const isHeaded = (measured: Measure): boolean => measured.headingChars > 0 && measured.links > 0;

/** The short texts of a record, one by one. */
function someLeaf(record: Element, test: (line: string) => boolean): boolean {
  let found = false;
  let left = MAX_LEAVES;
  if (record.children.some((child) => isText(child) && child.data.trim() !== '') && record.children.length <= 8) {
    const line = lineOf(record);
    if (line.length <= 60 && test(line)) return true;
  }
  walkElements(record, (element) => {
    if (found || left <= 0) return false;
    if (!element.children.some((child) => isText(child) && child.data.trim() !== '')) return true;
    left--;
    const line = lineOf(element);
    found = line.length <= 60 && test(line);
    return !found;
  });
  return found;
}

function isDated(record: Element): boolean {
  let dated = false;
  let left = MAX_WALKED;
  walkElements(record, (element) => {
    dated ||= element.name === 'time';
    return !dated && --left > 0;
  });
  return dated || someLeaf(record, (line) => /\d/.test(line) && (readDate(line) !== null || isAgo(line)));
}

const shareOf = (records: readonly Element[], test: (record: Element) => boolean): number =>
  records.filter(test).length / Math.max(1, records.length);

const sampleOf = (records: readonly Element[]): readonly Element[] => records.slice(0, MAX_SAMPLED);

const MIN_POST_CHARS = 60;
const MAX_POST_CHARS = 20_000;
const MAX_POST_LINKS = 60;

/** Text of their own with a date on it, and no headline that leads elsewhere. */
function arePosts(records: readonly Element[], measures: Measures): boolean {
  let chars = 0,
    linkChars = 0,
    headings = 0,
    sentences = 0;
  for (const record of records) {
    const measured = measures.get(record);
    if (measured === undefined) continue;
    chars += measured.chars;
    linkChars += measured.linkChars;
    sentences += measured.sentences > 0 ? 1 : 0;
    headings += isHeaded(measured) ? 1 : 0;
  }
  const count = records.length;
  if (chars / count < MIN_POST_CHARS || chars / count > MAX_POST_CHARS || linkChars / count > MAX_POST_LINKS || linkChars > chars * 0.4)
    return false;
  return sentences >= count * 0.6 && headings < count * 0.5 && shareOf(sampleOf(records), isDated) >= 0.7;
}

const MAX_NAME_LINKS = 25;

function groupOf(parent: Element, records: readonly Element[], measures: Measures): RecordGroup | null {
  const known = records.map((record) => measures.get(record)).filter((measured) => measured !== undefined);
  const count = records.length;
  const chars = known.reduce((sum, measured) => sum + measured.chars, 0);
  const linkChars = known.reduce((sum, measured) => sum + measured.linkChars, 0);
  const headed = known.filter(isHeaded).length;
  const isPosts = arePosts(records, measures);
  const enough = count >= 3 || headed === count;
  const cards = known.filter(isCard).length;
  // Short links in dated texts are names of writers: those texts lead nowhere.
  const isCards = enough && cards >= count * 0.7 && !(isPosts && linkChars / count <= MAX_NAME_LINKS && headed === 0);
  return isCards || isPosts ? { isCards, isPosts, parent, records, count, chars } : null;
}

const mayBeRecord = (measured: Measure): boolean => isCard(measured) || (measured.sentences > 0 && measured.chars >= MIN_POST_CHARS);

const LEADS = new Set(['dt', 'h2', 'h3', 'h4']);
const MAX_FOLLOWERS = 8;
const MAX_FLAT_CHARS = 700;

function leadsElsewhere(element: Element, measures: Measures): boolean {
  const measured = measures.get(element);
  if (measured === undefined || measured.links === 0 || linkDensity(measured) < 0.7) return false;
  let elsewhere = false;
  walkElements(element, (inner) => {
    elsewhere ||= inner.name === 'a' && inner.attribs['href']?.startsWith('#') === false;
    return !elsewhere;
  });
  return elsewhere;
}

/** Items without a box of their own: linked headings or terms, each with what follows it up to the next. */
function flatGroup(parent: Element, children: readonly Element[], measures: Measures): RecordGroup | null {
  const lead = children.find((child) => LEADS.has(child.name) && measures.has(child))?.name;
  if (lead === undefined) return null;
  const records: Element[] = [];
  let count = 0,
    chars = 0,
    others = 0,
    left = 0;
  for (const child of children) {
    if (child.name === lead) {
      if (!leadsElsewhere(child, measures)) others++;
      else count++;
      left = MAX_FOLLOWERS;
    } else if (left === 0 || isHeading(child)) {
      left = 0;
      continue;
    }
    left--;
    records.push(child);
    chars += measures.get(child)?.chars ?? 0;
  }
  if (count < 3 || others > count * 0.3 || records.length < count * 1.5 || chars / count > MAX_FLAT_CHARS) return null;
  return { isCards: true, isPosts: false, parent, records, count, chars };
}

/** Groups of like siblings, document order, outer ones before the ones in them. */
export function findRecordGroups(measures: Measures): RecordGroup[] {
  const groups: RecordGroup[] = [];
  for (const [parent, measured] of measures) {
    if ((measured.links < 2 && measured.blocks < 4) || parent.children.length < 2 || parent.name === 'p') continue;
    const children = childElements(parent).slice(0, MAX_CHILDREN);
    const flat = measured.links < 3 ? null : flatGroup(parent, children, measures);
    if (flat !== null) groups.push(flat);
    for (const siblings of likelySiblings(children, measures)) {
      for (const { members } of clusterAlike(siblings)) {
        const group = members.length < 2 ? null : groupOf(parent, members, measures);
        if (group !== null) groups.push(group);
      }
    }
  }
  return groups;
}

/** Children of one tag, two and more of which may be records. */
function likelySiblings(children: readonly Element[], measures: Measures): Element[][] {
  const byTag = new Map<string, Element[]>();
  for (const child of children) {
    const own = measures.get(child);
    if (own === undefined || !RECORD_TAGS.has(child.name) || (own.chars < 8 && own.images === 0)) continue;
    const known = byTag.get(child.name);
    if (known === undefined) byTag.set(child.name, [child]);
    else known.push(child);
  }
  return [...byTag.values()].filter((siblings) => {
    let likely = 0;
    for (const sibling of siblings) {
      const measured = measures.get(sibling);
      if (measured !== undefined && mayBeRecord(measured) && ++likely >= 2) return true;
    }
    return false;
  });
}

/** True when most of the cards carry a price. */
export function isPriced({ records, count }: RecordGroup): boolean {
  const sample = records.slice(0, MAX_SAMPLED * Math.ceil(records.length / count));
  return sample.filter((record) => someLeaf(record, hasPrice)).length >= Math.min(count, MAX_SAMPLED) * 0.5;
}

/** True when most of the records carry a date. */
export function areDated({ records, count }: RecordGroup): boolean {
  const sample = records.slice(0, MAX_SAMPLED * Math.ceil(records.length / count));
  return sample.filter(isDated).length >= Math.min(count, MAX_SAMPLED) * 0.5;
}

/** Long headlines in a row lead to texts; short words in a row are a menu. */
export function isMenu(measured: Measure): boolean {
  return (
    measured.links >= 3 &&
    linkDensity(measured) > 0.75 &&
    measured.images === 0 &&
    measured.sentences <= 1 &&
    measured.chars / measured.links < 28
  );
}
