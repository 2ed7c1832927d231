import { createHash } from 'node:crypto';
import type { Evidence, ExtractedPage, FieldReport, MissingField, WantedField } from '@gleaner/domain';
import { mergedData } from './merged-data.js';
import type { SchemaAnswer } from './schema-extraction.js';

/** What a model found of the fields that were left for it, and what it took. */
export interface ModelShare extends SchemaAnswer, Pick<FieldReport, 'modelCalls' | 'model' | 'tokens' | 'costUsd' | 'problem'> {}

/** No model was asked. */
export const NO_MODEL: ModelShare = { data: {}, evidence: {}, missing: [], modelCalls: 0, model: null, tokens: 0, costUsd: 0 };

/** Fingerprint of what is asked for; see `FieldReport.asked`. */
export function askedKeyOf(wanted: readonly WantedField[]): string {
  return createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 32);
}

/** The page with the fields that its caller asked for and nothing else, and the report of who served them. */
export function answeredPage(
  page: ExtractedPage,
  wanted: readonly WantedField[],
  answer: SchemaAnswer,
  byModel: ModelShare = NO_MODEL,
): ExtractedPage {
  const evidence = { ...answer.evidence, ...byModel.evidence };
  const missing = stillMissing(answer.missing, byModel);
  const { modelCalls, model, tokens, costUsd, problem } = byModel;
  const fieldReport: FieldReport = {
    asked: askedKeyOf(wanted),
    methods: Object.fromEntries(wanted.map(({ path }) => [path, methodOf(evidence, path, page)])),
    missing,
    valid: !missing.some(({ required }) => required),
    modelCalls,
    modelCallsAvoided: answer.missing.length === 0 ? 1 : 0,
    model,
    tokens,
    costUsd,
    ...(problem === undefined ? {} : { problem }),
  };
  return { ...page, fields: mergedData(answer.data, byModel.data), evidence: { ...ownEvidence(page), ...named(evidence) }, fieldReport };
}

/** The model's reason stands where it was asked and found nothing either. */
function stillMissing(missing: readonly MissingField[], { evidence, missing: left }: ModelShare): readonly MissingField[] {
  const reasons = new Map(left.map((field) => [field.path, field]));
  return missing.filter(({ path }) => !Object.hasOwn(evidence, path)).map((field) => reasons.get(field.path) ?? field);
}

function methodOf(evidence: Readonly<Record<string, Evidence>>, path: string, page: ExtractedPage): FieldReport['methods'][string] {
  return Object.hasOwn(evidence, path) ? (evidence[path]?.method ?? page.method) : null;
}

/** Parts of every document; a field of such a name has its evidence under `fields.NAME`. */
const OWN_PARTS: ReadonlySet<string> = new Set(['title', 'author', 'publishedAt', 'modifiedAt', 'language', 'siteName', 'description', 'canonicalUrl', 'content', 'type']); // prettier-ignore

function ownEvidence({ evidence }: ExtractedPage): Readonly<Record<string, Evidence>> {
  return Object.fromEntries(Object.entries(evidence).filter(([name]) => OWN_PARTS.has(name)));
}

function named(evidence: Readonly<Record<string, Evidence>>): Readonly<Record<string, Evidence>> {
  return Object.fromEntries(Object.entries(evidence).map(([path, of]) => [OWN_PARTS.has(path) ? `fields.${path}` : path, of]));
}
