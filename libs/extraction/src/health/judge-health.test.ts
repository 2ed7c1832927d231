import { describe, expect, it } from 'vitest';
import { judgeHealth } from './judge-health.js';
import type { Observation } from './observation.js';

const good: Observation = {
  ruleAnswered: true,
  alternativeUsed: false,
  fellBack: false,
  fieldsFilled: 1,
  contentChars: 1_500,
  agreement: 0.95,
};
const fallen: Observation = { ...good, ruleAnswered: false, fellBack: true, contentChars: 0, agreement: null };
const baseline = {
  scores: { mean: 0.97, min: 0.9, pagesLearned: 5, pagesHeldOut: 5 },
  fingerprint: { minChars: 1_000, medianChars: 1_500, maxChars: 3_000, proseShare: 0.9, fill: 1 },
};
const window = (bad: Observation, count: number): Observation[] => Array.from({ length: 20 }, (_, at) => (at < 20 - count ? good : bad));

describe('judgeHealth', () => {
  it('says nothing of less than five pages', () => {
    expect(
      judgeHealth(
        Array.from({ length: 4 }, () => fallen),
        baseline,
      ),
    ).toEqual({ kind: 'unknown', observed: 4 });
  });

  it.each([
    ['shape', fallen, 4, 5],
    ['shape', { ...good, ruleAnswered: false, alternativeUsed: true }, 16, 17],
    ['fill', { ...good, fieldsFilled: 0 }, 6, 7],
    ['length', { ...good, contentChars: 100 }, 9, 11],
    ['length', { ...good, contentChars: 9_000 }, 9, 11],
    ['agreement', { ...good, agreement: 0 }, 6, 7],
  ] as const)('breaches on %s when too many pages are %j, not before', (measure, bad, tolerated, tooMany) => {
    expect(judgeHealth(window(bad, tolerated), baseline).kind).toBe('healthy');
    const breached = judgeHealth(window(bad, tooMany), baseline);
    expect(breached.kind === 'breached' && breached.reasons.map((reason) => reason.measure)).toEqual([measure]);
  });

  it('forgets what is older than twenty pages', () => {
    expect(judgeHealth([...window(fallen, 20), ...window(good, 0)], baseline).kind).toBe('healthy');
  });

  it('judges versions of old, which have no such baseline, by what they have', () => {
    const old = { ...baseline, fingerprint: { minChars: 1_000, medianChars: 1_500, maxChars: 3_000 } };
    expect(judgeHealth(window({ ...good, agreement: 0 }, 20), old).kind).toBe('healthy');
    expect(judgeHealth(window(fallen, 20), old).kind).toBe('breached');
  });
});
