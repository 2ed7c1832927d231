import type { SelectorRule } from '@gleaner/domain';
import type { Candidate } from './candidates.js';

const ALTERNATIVE_MEAN = 0.8;
const ALTERNATIVE_WORST = 0.5;
const MAX_RULES = 4;

/** 0 for no values. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** A step below a landmark that has no name holds whatever else is put there. */
const VAGUE = /^body(?: > (?:div|section|table|center))*$/;

/** Mean and worst score, less a little for long selectors: of two that say the same the shorter lives longer. */
function rank(candidate: Candidate, samples: readonly number[]): number {
  const scores = samples.map((sample) => candidate.scores[sample] ?? 0);
  const { selector } = candidate.rule;
  return mean(scores) * 0.7 + Math.min(...scores) * 0.3 - selector.length * 0.0005 - (VAGUE.test(selector) ? 0.02 : 0);
}

/** The best candidate by its scores on the given samples; null for none. */
export function bestOf(candidates: readonly Candidate[], samples: readonly number[]): Candidate | null {
  let best: Candidate | null = null;
  for (const candidate of candidates) if (best === null || rank(candidate, samples) > rank(best, samples)) best = candidate;
  return best;
}

/** Each page in turn is kept out: rules from the others are chosen by the others and judged on it. */
export function holdOut(candidates: readonly Candidate[], count: number): number[] {
  return Array.from({ length: count }, (_, held) => {
    const others = Array.from({ length: count }, (__, sample) => sample).filter((sample) => sample !== held);
    const fromOthers = candidates.filter((candidate) => others.some((sample) => candidate.origins.has(sample)));
    return bestOf(fromOthers, others)?.scores[held] ?? 0;
  });
}

/** One rule for each kind of evidence, the best first: what one redesign breaks, another kind may survive. */
export function chooseRules(candidates: readonly Candidate[], samples: readonly number[]): SelectorRule[] {
  const ranked = candidates.toSorted((a, b) => rank(b, samples) - rank(a, samples));
  const chosen: Candidate[] = ranked.slice(0, 1);
  for (const candidate of ranked.slice(1)) {
    const scores = samples.map((sample) => candidate.scores[sample] ?? 0);
    const isKnown = chosen.some((other) => other.rule.evidence === candidate.rule.evidence);
    if (chosen.length < MAX_RULES && !isKnown && mean(scores) >= ALTERNATIVE_MEAN && Math.min(...scores) >= ALTERNATIVE_WORST)
      chosen.push(candidate);
  }
  return chosen.map(({ rule }) => rule);
}
