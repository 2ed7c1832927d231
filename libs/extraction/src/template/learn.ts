import type { FieldWish, PageType, SelectorRule, TemplateConfig, TemplateScores } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';
import { lineOf } from '../parse/visible-text.js';
import { keptTexts } from './agreement.js';
import { askedPart, isAsked, wishesToTry } from './asked-fields.js';
import { type Candidate, CandidatePool, addContentBoxes, addMissedBoxes, candidateLimit } from './candidates.js';
import { bestOf, chooseRules, holdOut, mean } from './choose-rules.js';
import { applyContentRule } from './content-rule.js';
import { learnExcludes, learnRepeated, proseShare } from './excludes.js';
import { LEARNED_FIELDS } from './field-readers.js';
import { type LearnedField, learnFieldRules, witnessValue } from './field-rules.js';
import { proseOf } from './page-texts.js';
import type { Proposal } from './proposals.js';
import { SAME_STRUCTURE, commonStructure, structureOf, structureSimilarity } from './structure.js';
import { type Witness, readWitnesses, scoreContent } from './witness.js';

const MAX_SAMPLES = 12;
const MIN_SAMPLES = 2;
const MIN_MEAN = 0.75;
const MIN_WORST = 0.5;
const MAX_ROUNDS = 3;
/** Nothing is gained by looking further for a rule that is this good on every sample. */
const GOOD_ENOUGH = 0.95;

export interface TemplateSample {
  readonly page: ParsedPage;
  readonly url: string;
}

/** What a sample shows that the best content rule does not get right: for a person, or for a model's next proposal. */
export interface ContentMiss {
  readonly url: string;
  readonly score: number;
  /** Running text of the page's own that is missing, at most five beginnings. */
  readonly missing: readonly string[];
}

export interface LearnOptions {
  /** Fields that jobs want besides those that every template learns; the first 30 are tried, and those that have proposals. */
  readonly wishes?: Readonly<Record<string, FieldWish>>;
  /** Rules that a model proposes. */
  readonly proposals?: readonly Proposal[];
  /** What the template's pages are built of, where it is known; without it the first sample shows it. */
  readonly structure?: readonly string[] | null;
}

export type LearnedTemplate =
  | {
      readonly kind: 'learned';
      readonly config: TemplateConfig;
      readonly scores: TemplateScores;
      /** Share of judged samples on which each field's best rule is right. */
      readonly fieldScores: Readonly<Record<string, number>>;
      readonly misses: readonly ContentMiss[];
      /** Samples that are built otherwise: they belong to another template. */
      readonly setAside: readonly string[];
    }
  | { readonly kind: 'unlearnable'; readonly reason: string; readonly misses: readonly ContentMiss[] };

function mostCommon(types: readonly PageType[]): PageType {
  const counts = new Map<PageType, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 'other';
}

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

function scoreAll(pool: CandidatePool, witnesses: readonly Witness[], type: PageType): void {
  for (const candidate of pool.all) {
    if (candidate.scores.length > 0) continue;
    for (const witness of witnesses) {
      const content = applyContentRule(witness.page, candidate.rule, { exclude: [], type }, witness.titles);
      candidate.scores.push(content === null ? 0 : scoreContent(witness, content));
    }
  }
}

/** At most three rounds: propose, measure on every sample, and propose again where the best so far fails. */
function findCandidates(witnesses: readonly Witness[], type: PageType, proposals: readonly Proposal[]): readonly Candidate[] {
  const samples = witnesses.map((_, sample) => sample);
  const limit = candidateLimit(witnesses);
  const pool = new CandidatePool(limit * 2);
  for (const { field, rule } of proposals) if (field === 'content') pool.add(rule, samples);
  addContentBoxes(pool, witnesses);
  for (let attempt = 1; ; attempt++) {
    scoreAll(pool, witnesses, type);
    const best = bestOf(pool.all, samples);
    const known = pool.all.length;
    if (best === null || attempt === MAX_ROUNDS || Math.min(...best.scores) >= GOOD_ENOUGH) return pool.all;
    addMissedBoxes(pool, witnesses, best, GOOD_ENOUGH);
    if (pool.all.length === known) return pool.all;
  }
}

/** What is left out of the content, unless the content is the worse for it. */
function learnOmissions(
  witnesses: readonly Witness[],
  rule: SelectorRule | undefined,
  type: PageType,
  proposals: readonly Proposal[],
): Pick<TemplateConfig, 'exclude' | 'repeated'> {
  const proposed = proposals.filter(({ field }) => field === 'exclude').map((proposal) => proposal.rule.selector);
  const repeated = learnRepeated(witnesses);
  const omissions = { exclude: learnExcludes(witnesses, proposed), ...(repeated.length === 0 ? {} : { repeated }) };
  const scoreWith = (config: Pick<TemplateConfig, 'exclude' | 'repeated'>): number =>
    mean(
      witnesses.map((witness) => {
        const content = rule === undefined ? null : applyContentRule(witness.page, rule, { ...config, type }, witness.titles);
        return content === null ? 0 : scoreContent(witness, content);
      }),
    );
  return scoreWith(omissions) >= scoreWith({ exclude: [] }) - OMISSION_TOLERANCE ? omissions : { exclude: [] };
}

const OMISSION_TOLERANCE = 0.02;
const MAX_SHOWN = 5;
const SHOWN_CHARS = 120;

function missesOf(witnesses: readonly Witness[], rule: SelectorRule | undefined, type: PageType): ContentMiss[] {
  if (rule === undefined) return [];
  return witnesses.flatMap((witness) => {
    const content = applyContentRule(witness.page, rule, { exclude: [], type }, witness.titles);
    const score = content === null ? 0 : scoreContent(witness, content);
    if (score >= GOOD_ENOUGH) return [];
    const kept = content === null ? new Map() : keptTexts(content);
    const missing = [...witness.own.keys()].filter((text) => !kept.has(text)).slice(0, MAX_SHOWN);
    return [{ url: witness.page.url, score: round(score), missing: missing.map((text) => lineOf(text).slice(0, SHOWN_CHARS)) }];
  });
}

function learnFields(witnesses: readonly Witness[], { wishes = {}, proposals = [] }: LearnOptions): ReadonlyMap<string, LearnedField> {
  const learned = new Map<string, LearnedField>();
  const proposed = proposals.map(({ field }) => field).filter((field) => field !== 'content' && field !== 'exclude');
  for (const field of new Set([...LEARNED_FIELDS, ...Object.keys(wishes), ...proposed])) {
    const rules = proposals.filter((proposal) => proposal.field === field).map(({ rule }) => rule);
    const wish = Object.hasOwn(wishes, field) ? wishes[field] : undefined;
    const answer = learnFieldRules(witnesses, {
      field,
      ...(wish === undefined ? {} : { wish }),
      ...(rules.length === 0 ? {} : { proposed: rules }),
    });
    if (answer !== null) learned.set(field, answer);
  }
  return learned;
}

function fingerprintOf(witnesses: readonly Witness[], config: Omit<TemplateConfig, 'fingerprint'>): TemplateConfig['fingerprint'] {
  const [rule] = config.content;
  const chars = witnesses.map(({ facts }) => facts.content.chars).toSorted((a, b) => a - b);
  const shares = witnesses.flatMap((witness) => {
    const content = rule === undefined ? null : applyContentRule(witness.page, rule, config, witness.titles);
    return content === null ? [] : (proseShare(proseOf(witness.page), content) ?? []);
  });
  const fields = Object.keys(config.fields).filter((field) => !isAsked(config, field));
  const filled = witnesses.map(
    ({ facts }) =>
      fields.filter((field) => witnessValue(facts, field) !== null || !LEARNED_FIELDS.includes(field)).length / Math.max(1, fields.length),
  );
  return {
    minChars: chars[0] ?? 0,
    medianChars: chars[Math.floor(chars.length / 2)] ?? 0,
    maxChars: chars.at(-1) ?? 0,
    structure: commonStructure(witnesses.map(({ page }) => structureOf(page))),
    ...(shares.length === 0 ? {} : { proseShare: round(Math.min(...shares)) }),
    fill: fields.length === 0 ? 1 : round(mean(filled)),
  };
}

/** Samples that are built like the template, or like the first of them. */
function alike(
  samples: readonly TemplateSample[],
  structure: readonly string[] | null,
): { readonly used: readonly TemplateSample[]; readonly setAside: readonly string[] } {
  const structures = samples.map(({ page }) => structureOf(page));
  const wanted = structure ?? structures[0] ?? [];
  const isAlike = (position: number): boolean => structureSimilarity(wanted, structures[position] ?? []) >= SAME_STRUCTURE;
  return {
    used: samples.filter((_, position) => isAlike(position)),
    setAside: samples.filter((_, position) => !isAlike(position)).map(({ url }) => url),
  };
}

/**
 * Learns the rules of a template from its pages, at least two and at most twelve that are built alike, without a model. Every
 * candidate rule, proposed ones too, is tried on all pages and scored by witnesses (see `scoreContent`); the scores are those on
 * pages that a rule was not chosen by (leave one out). `unlearnable` when they are low (mean under 0.75, worst under 0.5): then
 * the general extractor alone is the better choice. Never throws for what pages hold.
 */
export function learnTemplate(samples: readonly TemplateSample[], options: LearnOptions = {}): LearnedTemplate {
  const { used, setAside } = alike(samples.slice(0, MAX_SAMPLES), options.structure ?? null);
  const witnesses = readWitnesses(used.map(({ page }) => page));
  if (witnesses.length < MIN_SAMPLES)
    return { kind: 'unlearnable', reason: `needs two pages of one structure with content, has ${witnesses.length}`, misses: [] };
  const { proposals = [] } = options;
  const wishes = wishesToTry(options.wishes ?? {}, proposals);
  const type = mostCommon(witnesses.map(({ facts }) => facts.type));
  const candidates = findCandidates(witnesses, type, proposals);
  const all = witnesses.map((_, sample) => sample);
  const held = holdOut(candidates, witnesses.length);
  const scores: TemplateScores = {
    mean: round(mean(held)),
    min: round(Math.min(...held)),
    pagesLearned: witnesses.length,
    pagesHeldOut: held.length,
  };
  const content = chooseRules(candidates, all);
  const misses = missesOf(witnesses, content[0], type);
  if (scores.mean < MIN_MEAN || scores.min < MIN_WORST) {
    const reason = `rules agree with the witnesses by ${scores.mean} on average and ${scores.min} at worst on pages held out`;
    return { kind: 'unlearnable', reason, misses };
  }
  const fields = learnFields(witnesses, { wishes, proposals });
  const rules: Omit<TemplateConfig, 'fingerprint'> = {
    content,
    ...learnOmissions(witnesses, content[0], type, proposals),
    fields: Object.fromEntries([...fields].map(([field, learned]) => [field, learned.rules])),
    ...askedPart([...fields.keys()], wishes),
    type,
  };
  return {
    kind: 'learned',
    config: { ...rules, fingerprint: fingerprintOf(witnesses, rules) },
    scores,
    fieldScores: Object.fromEntries([...fields].map(([field, learned]) => [field, learned.score])),
    misses,
    setAside,
  };
}
