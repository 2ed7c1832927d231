import type { TemplateConfig } from '@gleaner/domain';
import type { ParsedPage } from '../parse/parsed-page.js';
import { findContent } from '../template/apply.js';
import { isSameValue, readRule, readerOf } from '../template/field-readers.js';
import { witnessValue } from '../template/field-rules.js';
import { type Witness, readWitnesses, scoreContent } from '../template/witness.js';

/** How a configuration does on some pages: content and fields together, 0 … 1; a page that no rule answers scores 0 for content. */
export interface ConfigScore {
  readonly mean: number;
  readonly min: number;
  /** Pages that a content rule answered. */
  readonly answered: number;
}

export interface PromotionVerdict {
  readonly winner: 'old' | 'new' | 'tie';
  readonly pages: number;
  readonly old: ConfigScore;
  readonly new: ConfigScore;
}

/** Less than this is noise. */
const MIN_GAIN = 0.01;
const CONTENT_SHARE = 0.7;
const MAX_PAGES = 24;

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Share of the fields that witnesses know on a page which the rules of a configuration read the same. */
function scoreFields({ page, facts }: Witness, config: TemplateConfig, fields: readonly string[]): number | null {
  const known = fields.flatMap((field) => {
    const value = witnessValue(facts, field);
    return value === null ? [] : [{ field, value }];
  });
  if (known.length === 0) return null;
  const right = known.filter(({ field, value }) => {
    const reader = readerOf(field);
    const read = (config.fields[field] ?? []).map((rule) => readRule(page, rule, reader)).find((answer) => answer !== null);
    return read !== undefined && read !== null && isSameValue(read, value);
  });
  return right.length / known.length;
}

function scoreConfig(witnesses: readonly Witness[], config: TemplateConfig, fields: readonly string[]): ConfigScore {
  let answered = 0;
  const scores = witnesses.map((witness) => {
    const answer = findContent(witness.page, config, witness.titles);
    if (!('miss' in answer)) answered++;
    const content = 'miss' in answer ? 0 : scoreContent(witness, answer.content);
    const filled = scoreFields(witness, config, fields);
    return filled === null ? content : content * CONTENT_SHARE + filled * (1 - CONTENT_SHARE);
  });
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
  return { mean: round(mean), min: round(scores.length === 0 ? 0 : Math.min(...scores)), answered };
}

/**
 * Sets two configurations of a template against each other on pages of it (at most 24; stored snapshots from before and new ones
 * alike), by the witnesses that learning uses. `new` wins only when its mean is better by a hundredth, or as good with a better
 * worst page; a new version is promoted when it wins. Pages without content count for neither.
 */
export function comparePromotions(oldConfig: TemplateConfig, newConfig: TemplateConfig, pages: readonly ParsedPage[]): PromotionVerdict {
  const witnesses = readWitnesses(pages.slice(0, MAX_PAGES));
  const fields = [...new Set([...Object.keys(oldConfig.fields), ...Object.keys(newConfig.fields)])];
  const [before, after] = [scoreConfig(witnesses, oldConfig, fields), scoreConfig(witnesses, newConfig, fields)];
  const gain = after.mean - before.mean;
  const worst = after.min - before.min;
  const isClose = Math.abs(gain) < MIN_GAIN;
  const winner =
    gain >= MIN_GAIN || (isClose && worst >= MIN_GAIN) ? 'new' : gain <= -MIN_GAIN || (isClose && worst <= -MIN_GAIN) ? 'old' : 'tie';
  return { winner, pages: witnesses.length, old: before, new: after };
}
