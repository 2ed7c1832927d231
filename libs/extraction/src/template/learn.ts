import type { PageType, SelectorRule, TemplateConfig, TemplateScores } from '@gleaner/domain';
import type { Element } from 'domhandler';
import { type PageFacts, findFacts } from '../content/general.js';
import { titleWordings } from '../content/main-content.js';
import { hasAncestor, parentOf } from '../parse/elements.js';
import type { ParsedPage } from '../parse/parsed-page.js';
import { type KeptTexts, agreement, keptTexts } from './agreement.js';
import { applyContentRule } from './apply.js';
import { FIELD_READERS, learnFieldRules } from './field-rules.js';
import { select } from './selection.js';
import { describeElement } from './selectors.js';

const MAX_SAMPLES = 8;
const MAX_CANDIDATES = 60;
const MIN_CANDIDATES = 6;
/** Candidates times bytes of all samples: every candidate is tried on every page. */
const CANDIDATE_BUDGET = 40_000_000;
const MAX_EXCLUDES = 20;
const MIN_MEAN = 0.75;
const MIN_WORST = 0.5;
const ALTERNATIVE_MEAN = 0.8;
const MIN_CONTENT = 40;

export interface TemplateSample {
  readonly page: ParsedPage;
  readonly url: string;
}

export type LearnedTemplate =
  | { readonly kind: 'learned'; readonly config: TemplateConfig; readonly scores: TemplateScores }
  | { readonly kind: 'unlearnable'; readonly reason: string };

interface Witness {
  readonly page: ParsedPage;
  readonly facts: PageFacts;
  readonly kept: KeptTexts;
  readonly titles: readonly string[];
}

interface Candidate {
  readonly rule: SelectorRule;
  /** Samples whose content it was read off. */
  readonly origins: Set<number>;
  readonly scores: number[];
}

function mostCommon(types: readonly PageType[]): PageType {
  const counts = new Map<PageType, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'other';
}

/** The one box that holds all parts of a content. */
function boxOf(roots: readonly Element[]): Element | null {
  const [first] = roots;
  if (first === undefined) return null;
  let box: Element | null = first;
  while (box !== null) {
    const current: Element = box;
    if (roots.every((root) => root === current || hasAncestor(root, (ancestor) => ancestor === current))) return current;
    box = parentOf(current);
  }
  return null;
}

/** Ways to name the content of every sample: its box, the boxes around it, its parts. */
function gatherCandidates(witnesses: readonly Witness[]): Candidate[] {
  const candidates = new Map<string, Candidate>();
  const size = witnesses.reduce((sum, { page }) => sum + page.htmlLength, 1);
  const most = Math.max(MIN_CANDIDATES, Math.min(MAX_CANDIDATES, Math.floor(CANDIDATE_BUDGET / size)));
  witnesses.forEach((witness, sample) => {
    const { roots } = witness.facts.content;
    const box = boxOf(roots);
    const around = box === null ? [] : [box, parentOf(box), parentOf(parentOf(box) ?? box)];
    const boxes = new Set([...around, ...(roots.length > 1 ? roots.slice(0, 3) : [])]);
    for (const element of boxes) {
      if (element === null || element.name === 'html') continue;
      for (const rule of element.name === 'body' ? [{ selector: 'body', evidence: 'structure' as const }] : describeElement(element)) {
        const known = candidates.get(rule.selector);
        if (known !== undefined) known.origins.add(sample);
        else if (candidates.size < most) candidates.set(rule.selector, { rule, origins: new Set([sample]), scores: [] });
      }
    }
  });
  return [...candidates.values()];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Mean and worst agreement, less a little for long selectors: of two that say the same the shorter lives longer. */
function rank(candidate: Candidate, samples: readonly number[]): number {
  const scores = samples.map((sample) => candidate.scores[sample] ?? 0);
  return (
    mean(scores) * 0.7 +
    Math.min(...scores) * 0.3 -
    candidate.rule.selector.length * 0.0005 -
    (candidate.rule.selector === 'body' ? 0.02 : 0)
  );
}

function bestOf(candidates: readonly Candidate[], samples: readonly number[]): Candidate | null {
  let best: Candidate | null = null;
  for (const candidate of candidates) if (best === null || rank(candidate, samples) > rank(best, samples)) best = candidate;
  return best;
}

/** Each page in turn is kept out: rules from the others are chosen by the others and judged on it. */
function holdOut(candidates: readonly Candidate[], count: number): number[] {
  return Array.from({ length: count }, (_, held) => {
    const others = Array.from({ length: count }, (__, sample) => sample).filter((sample) => sample !== held);
    const fromOthers = candidates.filter((candidate) => others.some((sample) => candidate.origins.has(sample)));
    return bestOf(fromOthers, others)?.scores[held] ?? 0;
  });
}

/** One rule for each kind of evidence, the best first: what one redesign breaks, another kind may survive. */
function chooseRules(candidates: readonly Candidate[], samples: readonly number[]): SelectorRule[] {
  const ranked = [...candidates].toSorted((a, b) => rank(b, samples) - rank(a, samples));
  const chosen: Candidate[] = ranked.slice(0, 1);
  for (const candidate of ranked.slice(1)) {
    const scores = samples.map((sample) => candidate.scores[sample] ?? 0);
    const kinds = chosen.filter((other) => other.rule.evidence === candidate.rule.evidence).length;
    if (chosen.length < 4 && kinds < 1 && mean(scores) >= ALTERNATIVE_MEAN && Math.min(...scores) >= MIN_WORST) chosen.push(candidate);
  }
  return chosen.map(({ rule }) => rule);
}

/** Names of boxes that stood in the content of every sample and were left out each time, and never hold what was kept. */
function learnExcludes(witnesses: readonly Witness[]): string[] {
  const counts = new Map<string, number>();
  for (const { facts } of witnesses) {
    const names = new Set<string>();
    for (const element of [...facts.content.excluded].slice(0, 300)) {
      for (const rule of describeElement(element))
        if (rule.evidence === 'name' && rule.selector.includes('.') && !rule.selector.includes(' ')) names.add(rule.selector);
    }
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const constant = [...counts]
    .filter(([, count]) => count === witnesses.length)
    .map(([selector]) => selector)
    .slice(0, 100);
  const harmless = constant.filter((selector) =>
    witnesses.every(({ page, kept }) => {
      const matches = new Set(select(page, selector));
      return [...kept.keys()].every((text) => {
        for (let parent = text.parent; parent !== null; parent = parent.parent) if (matches.has(parent as Element)) return false;
        return true;
      });
    }),
  );
  return harmless.slice(0, MAX_EXCLUDES);
}

function learnFields(witnesses: readonly Witness[]): Record<string, readonly SelectorRule[]> {
  const fields: Record<string, readonly SelectorRule[]> = {};
  for (const field of Object.keys(FIELD_READERS)) {
    const rules = learnFieldRules(witnesses, field);
    if (rules.length > 0) fields[field] = rules;
  }
  return fields;
}

function fingerprintOf(witnesses: readonly Witness[]): TemplateConfig['fingerprint'] {
  const chars = witnesses.map(({ facts }) => facts.content.chars).toSorted((a, b) => a - b);
  return { minChars: chars[0] ?? 0, medianChars: chars[Math.floor(chars.length / 2)] ?? 0, maxChars: chars.at(-1) ?? 0 };
}

function readWitnesses(samples: readonly TemplateSample[]): Witness[] {
  return samples
    .slice(0, MAX_SAMPLES)
    .map(({ page }) => {
      const facts = findFacts(page);
      return { page, facts, kept: keptTexts(facts.content), titles: [facts.title.value, ...titleWordings(page)] };
    })
    .filter(({ facts }) => facts.content.chars >= MIN_CONTENT);
}

/**
 * Learns the rules of a template from at least two pages of it, without a model. The general extractor and structured data are
 * the witnesses; every candidate rule is tried on all pages, and the score is the agreement on pages that it was not learned
 * from (leave one out). `unlearnable` when that is low: then the general extractor alone is the better choice.
 */
export function learnTemplate(samples: readonly TemplateSample[]): LearnedTemplate {
  const witnesses = readWitnesses(samples);
  if (witnesses.length < 2) return { kind: 'unlearnable', reason: `needs two pages with content, has ${witnesses.length}` };
  const type = mostCommon(witnesses.map(({ facts }) => facts.type));
  const candidates = gatherCandidates(witnesses);
  for (const candidate of candidates) {
    for (const witness of witnesses) {
      const content = applyContentRule(witness.page, candidate.rule, { exclude: [], type }, witness.titles);
      candidate.scores.push(content === null ? 0 : agreement(witness.kept, keptTexts(content)));
    }
  }
  const all = witnesses.map((_, sample) => sample);
  const held = holdOut(candidates, witnesses.length);
  const scores: TemplateScores = {
    mean: round(mean(held)),
    min: round(Math.min(...held)),
    pagesLearned: witnesses.length,
    pagesHeldOut: held.length,
  };
  if (scores.mean < MIN_MEAN || scores.min < MIN_WORST) {
    return {
      kind: 'unlearnable',
      reason: `rules agree with the general extractor by ${scores.mean} on average and ${scores.min} at worst on pages held out`,
    };
  }
  const config: TemplateConfig = {
    content: chooseRules(candidates, all),
    exclude: learnExcludes(witnesses),
    fields: learnFields(witnesses),
    type,
    fingerprint: fingerprintOf(witnesses),
  };
  return { kind: 'learned', config, scores };
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
