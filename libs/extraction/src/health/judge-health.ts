import type { TemplateFingerprint, TemplateScores } from '@gleaner/domain';
import type { Observation } from './observation.js';

export interface HealthReason {
  /**
   * What broke: `shape` (rules do not answer), `fill` (fields stay empty), `length` (content is shorter or longer than ever
   * learned), `agreement` (content is not where the page's text is).
   */
  readonly measure: 'shape' | 'fill' | 'length' | 'agreement';
  readonly value: number;
  /** The bound that `value` passed. */
  readonly limit: number;
}

export type Health =
  | { readonly kind: 'unknown'; readonly observed: number }
  | { readonly kind: 'healthy'; readonly observed: number }
  | { readonly kind: 'breached'; readonly observed: number; readonly reasons: readonly HealthReason[] };

export interface HealthBaseline {
  readonly scores: TemplateScores;
  readonly fingerprint: TemplateFingerprint;
}

/** Pages that are looked back on, and how many make a judgement. */
export const HEALTH_WINDOW = 20;
const MIN_OBSERVED = 5;
const MAX_FALLBACKS = 0.2;
const MAX_ALTERNATIVES = 0.8;
/** Parts of the baseline that a healthy template keeps. */
const KEPT_FILL = 0.7;
const KEPT_AGREEMENT = 0.7;
const KEPT_LENGTH = 0.4;
const GROWN_LENGTH = 2.5;

const round = (value: number): number => Math.round(value * 1_000) / 1_000;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const shareOf = (window: readonly Observation[], test: (observation: Observation) => boolean): number =>
  window.filter(test).length / window.length;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function shapeReason(window: readonly Observation[]): HealthReason | null {
  const fallbacks = shareOf(window, ({ fellBack }) => fellBack);
  if (fallbacks > MAX_FALLBACKS) return { measure: 'shape', value: round(fallbacks), limit: MAX_FALLBACKS };
  const alternatives = shareOf(window, ({ alternativeUsed }) => alternativeUsed);
  return alternatives > MAX_ALTERNATIVES ? { measure: 'shape', value: round(alternatives), limit: MAX_ALTERNATIVES } : null;
}

function fillReason(window: readonly Observation[], { fingerprint }: HealthBaseline): HealthReason | null {
  const value = mean(window.map(({ fieldsFilled }) => fieldsFilled));
  const limit = (fingerprint.fill ?? 1) * KEPT_FILL;
  return value < limit ? { measure: 'fill', value: round(value), limit: round(limit) } : null;
}

function lengthReason(answered: readonly Observation[], { fingerprint }: HealthBaseline): HealthReason | null {
  if (answered.length < MIN_OBSERVED) return null;
  const value = median(answered.map(({ contentChars }) => contentChars));
  const [least, most] = [fingerprint.minChars * KEPT_LENGTH, fingerprint.maxChars * GROWN_LENGTH];
  if (value < least) return { measure: 'length', value, limit: round(least) };
  return value > most ? { measure: 'length', value, limit: round(most) } : null;
}

function agreementReason(answered: readonly Observation[], { fingerprint }: HealthBaseline): HealthReason | null {
  const known = answered.map(({ agreement }) => agreement).filter((agreement) => agreement !== null);
  if (known.length < MIN_OBSERVED || fingerprint.proseShare === undefined) return null;
  const value = mean(known);
  const limit = fingerprint.proseShare * KEPT_AGREEMENT;
  return value < limit ? { measure: 'agreement', value: round(value), limit: round(limit) } : null;
}

/**
 * Judges a template by how it served its last pages (the newest last; at most the last 20 count, under five are no judgement)
 * against what it was like when it was learned. Each measure is a mean or a share over the window, so that one odd page breaks
 * nothing. Breached means: learn again, once.
 */
export function judgeHealth(observations: readonly Observation[], baseline: HealthBaseline): Health {
  const window = observations.slice(-HEALTH_WINDOW);
  if (window.length < MIN_OBSERVED) return { kind: 'unknown', observed: window.length };
  const answered = window.filter(({ fellBack }) => !fellBack);
  const reasons = [
    shapeReason(window),
    fillReason(window, baseline),
    lengthReason(answered, baseline),
    agreementReason(answered, baseline),
  ].filter((reason) => reason !== null);
  return reasons.length === 0 ? { kind: 'healthy', observed: window.length } : { kind: 'breached', observed: window.length, reasons };
}
