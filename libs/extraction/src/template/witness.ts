import type { Text } from 'domhandler';
import { type PageFacts, findFacts } from '../content/general.js';
import { type MainContent, titleWordings } from '../content/main-content.js';
import { isArticleType, jsonText, mainEntity } from '../fields/found.js';
import { toText } from '../markdown/plain-text.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { type KeptTexts, agreement, keptTexts } from './agreement.js';
import { pageTexts, repeatedTexts } from './page-texts.js';

/** What is known of the content of a sample page without any rule. */
export interface Witness {
  readonly page: ParsedPage;
  readonly facts: PageFacts;
  /** What the general extractor keeps. */
  readonly kept: KeptTexts;
  readonly titles: readonly string[];
  /** Running text that no other sample has: characters by node. */
  readonly own: ReadonlyMap<Text, number>;
  /** Texts that every sample has. */
  readonly repeated: ReadonlySet<Text>;
  /** Words of the JSON-LD `articleBody`, when it is whole and the page shows it. */
  readonly body: ReadonlyMap<string, number> | null;
}

const MIN_CONTENT = 40;
const MIN_OWN = 200;
const MIN_BODY = 400;

function wordsOf(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

const countOf = (words: ReadonlyMap<string, number>): number => [...words.values()].reduce((sum, count) => sum + count, 0);

function sharedWords(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [word, count] of a) shared += Math.min(count, b.get(word) ?? 0);
  return shared;
}

/** The article as structured data says it; null when it is short, cut off, or not what the page shows. */
function declaredBody(page: ParsedPage, general: MainContent): ReadonlyMap<string, number> | null {
  const entity = mainEntity(page.jsonLd, isArticleType);
  const text = entity === null ? null : jsonText(entity['articleBody']);
  if (text === null || text.length < MIN_BODY || text.length < general.chars * 0.6 || page.body === null) return null;
  const words = wordsOf(text.replace(/<[^>]{1,300}>/g, ' '));
  return sharedWords(words, wordsOf(toText([page.body]))) >= countOf(words) * 0.85 ? words : null;
}

/** Reads the samples that have content. Witnesses of one call are compared with each other: texts that repeat are furniture. */
export function readWitnesses(pages: readonly ParsedPage[]): Witness[] {
  const read = pages
    .map((page) => ({ page, facts: findFacts(page), texts: pageTexts(page) }))
    .filter(({ facts }) => facts.content.chars >= MIN_CONTENT);
  const everywhere = repeatedTexts(read.map(({ texts }) => texts));
  const counts = new Map<string, number>();
  for (const { texts } of read) for (const key of new Set(texts.map((text) => text.key))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return read.map(({ page, facts, texts }) => ({
    page,
    facts,
    kept: keptTexts(facts.content),
    titles: [facts.title.value, ...titleWordings(page)],
    own: new Map(
      read.length < 3 ? [] : texts.filter(({ prose, key }) => prose && counts.get(key) === 1).map(({ node, chars }) => [node, chars]),
    ),
    repeated: new Set(texts.filter(({ key }) => everywhere.has(key)).map(({ node }) => node)),
    body: declaredBody(page, facts.content),
  }));
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/**
 * Harmonic mean of two shares: of the page's own running text that the content has, and of the content that is not the same on
 * every sample. Null when the pages are too few or have no running text of their own.
 */
function crossPage(witness: Witness, kept: KeptTexts): number | null {
  const own = sum(witness.own.values());
  const chars = sum(kept.values());
  if (own < MIN_OWN || chars === 0) return own < MIN_OWN ? null : 0;
  let found = 0,
    repeated = 0;
  for (const [node, length] of witness.own) if (kept.has(node)) found += length;
  for (const node of witness.repeated) repeated += kept.get(node) ?? 0;
  const recall = found / own,
    precision = 1 - repeated / chars;
  return recall + precision <= 0 ? 0 : (2 * recall * precision) / (recall + precision);
}

function declared(witness: Witness, content: MainContent): number | null {
  if (witness.body === null) return null;
  const words = wordsOf(toText(content.roots, content.excluded));
  const all = countOf(words) + countOf(witness.body);
  return all === 0 ? null : (2 * sharedWords(words, witness.body)) / all;
}

/** Weights of the witnesses: the page's own word before what pages have in common and what general knowledge finds. */
const WEIGHTS = { declared: 3, crossPage: 2, general: 2 } as const;

/**
 * How right a content is, 0 … 1, by all witnesses that the page has: JSON-LD `articleBody` (F1 over words), texts that repeat
 * on all samples or stand on this page alone, and the general extractor (F1 over characters).
 */
export function scoreContent(witness: Witness, content: MainContent): number {
  const kept = keptTexts(content);
  const votes: readonly (readonly [number | null, number])[] = [
    [declared(witness, content), WEIGHTS.declared],
    [crossPage(witness, kept), WEIGHTS.crossPage],
    [agreement(witness.kept, kept), WEIGHTS.general],
  ];
  let score = 0,
    weight = 0;
  for (const [vote, share] of votes) {
    if (vote === null) continue;
    score += vote * share;
    weight += share;
  }
  return score / weight;
}
