import { createHash } from 'node:crypto';
import {
  type Evidence,
  type ExtractedPage,
  type FieldReader,
  type FieldReport,
  type JobUsage,
  type MissingField,
  type WantedField,
  callsOf,
  isLastAttempt,
  isModelFault,
} from '@gleaner/domain';
import type { CpuTasks, FieldAnswer, PageBody } from '../cpu/cpu-tasks.js';
import { mergedData } from './merged-data.js';

export interface FieldServing {
  readonly jobId: string;
  readonly body: PageBody;
  readonly page: ExtractedPage;
  readonly wanted: readonly WantedField[];
  /** What rules and the general extractor found. */
  readonly answer: FieldAnswer;
  /** Of the activity, from 1. */
  readonly attempt: number;
}

export interface FieldServingDeps {
  readonly cpu: Pick<CpuTasks, 'acceptAnswers'>;
  /** Null where no model is set: what rules do not find stays empty. */
  readonly reader: FieldReader | null;
}

/** A model is quick to fail and a person waits: asked three times at the most, whatever the table allows. */
const MOST_ATTEMPTS = 3;
const LONGEST_WAIT_MS = 30_000;

type Asked = Omit<FieldAnswer, 'shownText'> & Pick<FieldReport, 'modelCalls' | 'model' | 'tokens' | 'costUsd' | 'problem'>;

/**
 * The page with the fields that its caller asked for: what rules found, and of the rest what a model reads off the page, where one is
 * set. Nothing is asked where nothing is missing. A model that fails leaves its fields empty and is named in the report; its
 * fault is thrown while trying again may help.
 */
export async function serveFields(deps: FieldServingDeps, serving: FieldServing, signal: AbortSignal): Promise<ExtractedPage> {
  const { page, wanted, answer } = serving;
  const asked = await askModel(deps, serving, signal);
  const evidence = { ...answer.evidence, ...asked.evidence };
  const missing = stillMissing(answer.missing, asked);
  const report: FieldReport = {
    methods: Object.fromEntries(wanted.map(({ path }) => [path, methodOf(evidence, path, page)])),
    missing,
    valid: !missing.some(({ required }) => required),
    modelCalls: asked.modelCalls,
    modelCallsAvoided: answer.missing.length === 0 ? 1 : 0,
    model: asked.model,
    tokens: asked.tokens,
    costUsd: asked.costUsd,
    ...(asked.problem === undefined ? {} : { problem: asked.problem }),
  };
  return {
    ...page,
    fields: mergedData(answer.data, asked.data),
    evidence: { ...ownEvidence(page), ...named(evidence) },
    fieldReport: report,
  };
}

/** What a job used of models for such a page. */
export function usageOf({ fieldReport }: ExtractedPage): Partial<JobUsage> {
  if (fieldReport === undefined) return {};
  const { modelCalls, modelCallsAvoided, tokens, costUsd } = fieldReport;
  return { modelCalls, modelCallsAvoided, tokens, costUsd };
}

const NOTHING: Asked = { data: {}, evidence: {}, missing: [], modelCalls: 0, model: null, tokens: 0, costUsd: 0 };

async function askModel({ cpu, reader }: FieldServingDeps, serving: FieldServing, signal: AbortSignal): Promise<Asked> {
  const { jobId, body, wanted, answer, attempt } = serving;
  const lacking = new Set(answer.missing.map(({ path }) => path));
  const fields = wanted.filter(({ path }) => lacking.has(path));
  if (reader === null || fields.length === 0) return NOTHING;
  const question = { jobId, key: keyOf(serving, fields), fields, pageText: answer.shownText };
  try {
    const { answers, ...receipt } = await reader.read(question, signal);
    const model = `${receipt.provider}:${receipt.model}`;
    const { inputTokens, outputTokens } = receipt.usage;
    const accepted = await cpu.acceptAnswers({ body, wanted: fields, answers, model }, signal);
    return { ...accepted, modelCalls: callsOf(receipt), model, tokens: inputTokens + outputTokens, costUsd: receipt.costUsd };
  } catch (error) {
    signal.throwIfAborted();
    if (!isModelFault(error)) throw error;
    const isSoon = (error.retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
    if (isSoon && attempt < MOST_ATTEMPTS && !isLastAttempt(error.code, attempt)) throw error;
    return { ...NOTHING, problem: { code: error.code, detail: error.message } };
  }
}

/** The same at every attempt for the same page and fields: what was answered is answered again, and charged once. */
function keyOf({ jobId, body, answer }: FieldServing, fields: readonly WantedField[]): string {
  const asked = createHash('sha256')
    .update(JSON.stringify([body.url, fields, answer.shownText]))
    .digest('hex');
  return `${jobId}/extract-fields/${asked}`;
}

/** The model's reason stands where it was asked and found nothing either. */
function stillMissing(missing: readonly MissingField[], { evidence, missing: left }: Asked): readonly MissingField[] {
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
