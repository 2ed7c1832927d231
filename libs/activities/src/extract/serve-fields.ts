import { createHash } from 'node:crypto';
import {
  type ExtractedPage,
  type FieldReader,
  type JobUsage,
  type Snapshot,
  type WantedField,
  isLastAttempt,
  isModelFault,
  spendingOf,
} from '@gleaner/domain';
import { type ModelShare, NO_MODEL, answeredPage } from '@gleaner/extraction';
import type { CpuTasks, FieldAnswer, PageBody } from '../cpu/cpu-tasks.js';

export interface FieldServing {
  readonly jobId: string;
  /** Where the page was found in the end. */
  readonly url: string;
  readonly body: PageBody | Snapshot;
  readonly page: ExtractedPage;
  readonly wanted: readonly WantedField[];
  /** What rules and the general extractor found. */
  readonly answer: FieldAnswer;
  /** Of those of the activity that count, from 1. */
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

/**
 * The page with the fields that its caller asked for: what rules found, and of the rest what a model reads off the page, where one is
 * set. Nothing is asked where nothing is missing. A model that fails leaves its fields empty and is named in the report; its
 * fault is thrown while trying again may help.
 */
export async function serveFields(deps: FieldServingDeps, serving: FieldServing, signal: AbortSignal): Promise<ExtractedPage> {
  const { page, wanted, answer } = serving;
  return answeredPage(page, wanted, answer, await askModel(deps, serving, signal));
}

/** What a job used of models for such a page. */
export function usageOf({ fieldReport }: Pick<ExtractedPage, 'fieldReport'>): Partial<JobUsage> {
  if (fieldReport === undefined) return {};
  const { modelCalls, modelCallsAvoided, tokens, costUsd } = fieldReport;
  return { modelCalls, modelCallsAvoided, tokens, costUsd };
}

async function askModel({ cpu, reader }: FieldServingDeps, serving: FieldServing, signal: AbortSignal): Promise<ModelShare> {
  const { jobId, body, wanted, answer, attempt } = serving;
  const lacking = new Set(answer.missing.map(({ path }) => path));
  const fields = wanted.filter(({ path }) => lacking.has(path));
  if (reader === null || fields.length === 0) return NO_MODEL;
  const question = { jobId, key: keyOf(serving, fields), fields, pageText: answer.shownText };
  try {
    const { answers, ...receipt } = await reader.read(question, signal);
    const model = `${receipt.provider}:${receipt.model}`;
    const accepted = await cpu.acceptAnswers({ body, wanted: fields, answers, model }, signal);
    return { ...accepted, model, ...spendingOf(receipt) };
  } catch (error) {
    signal.throwIfAborted();
    if (!isModelFault(error)) throw error;
    const isSoon = (error.retryAfterMs ?? 0) <= LONGEST_WAIT_MS;
    if (isSoon && attempt < MOST_ATTEMPTS && !isLastAttempt(error.code, attempt)) throw error;
    return { ...NO_MODEL, ...spendingOf(error), problem: { code: error.code, detail: error.message } };
  }
}

/** The same at every attempt for the same page and fields: what was answered is answered again, and charged once. */
function keyOf({ jobId, url, answer }: FieldServing, fields: readonly WantedField[]): string {
  const asked = createHash('sha256')
    .update(JSON.stringify([url, fields, answer.shownText]))
    .digest('hex');
  return `${jobId}/extract-fields/${asked}`;
}
