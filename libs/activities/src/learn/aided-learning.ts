import { createHash } from 'node:crypto';
import {
  type Fault,
  type FieldWish,
  type JobUsage,
  type SelectorProposer,
  type SelectorsQuestion,
  type TemplateConfig,
  isModelFault,
  spendingOf,
} from '@gleaner/domain';
import type { CpuTasks, LearnInput, LearnMiss, LearnResult } from '../cpu/cpu-tasks.js';

export interface AidedLearning {
  readonly cpu: Pick<CpuTasks, 'learn' | 'prune'>;
  /** Null where no model is set: learning is heuristic, in one round. */
  readonly proposer: SelectorProposer | null;
  readonly jobId: string;
}

export interface AidedResult {
  readonly result: LearnResult;
  /** `provider:model` whose rule won; null: the rules are those that learning found by itself. */
  readonly model: string | null;
  readonly usage: Pick<JobUsage, 'modelCalls' | 'tokens' | 'costUsd'>;
  /** Why no model proposed although one is set. */
  readonly problem: Fault | null;
}

const MAX_ROUNDS = 3;
const MAX_SKELETON_BYTES = 40_000;
const MAX_PROPOSALS = 60;
/** What every template is asked for besides content. */
const PARTS = ['content', 'exclude', 'title', 'author', 'publishedAt', 'modifiedAt', 'price', 'rating', 'breadcrumbs'];

/**
 * Learning with the proposals of a model where one is set: once with the skeleton of a page, and again with what the best rules
 * miss, at most three times in all. Measuring judges; a model that fails leaves learning as it is without.
 */
export async function learnAided(aid: AidedLearning, input: LearnInput, signal: AbortSignal): Promise<AidedResult> {
  const { cpu, proposer } = aid;
  const usage = { modelCalls: 0, tokens: 0, costUsd: 0 };
  const [sample] = input.samples;
  if (proposer === null || sample === undefined) return { result: await cpu.learn(input, signal), model: null, usage, problem: null };
  const skeleton = await cpu.prune({ body: sample, maxBytes: MAX_SKELETON_BYTES }, signal);
  const parts = [...PARTS, ...askedParts(input.wishes ?? {})];
  const proposals: unknown[] = [];
  let result: LearnResult | null = null;
  let model: string | null = null;
  let problem: Fault | null = null;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const misses = result === null ? '' : missesText(result.misses);
    const key = keyOf(aid.jobId, round, [...parts.slice(PARTS.length), skeleton + misses].join('\n'));
    const asked = await propose(proposer, { jobId: aid.jobId, key, parts, skeleton, misses }, signal);
    usage.modelCalls += asked.spent.modelCalls;
    usage.tokens += asked.spent.tokens;
    usage.costUsd += asked.spent.costUsd;
    if (asked.kind === 'failed') {
      problem = asked.fault;
      break;
    }
    if (asked.proposals.length === 0) break;
    // The newest first: there is a most that learning reads.
    proposals.unshift(...asked.proposals);
    const next = await cpu.learn({ ...input, proposals: proposals.slice(0, MAX_PROPOSALS) }, signal);
    const isFirst = result === null;
    if (isFirst || isBetter(next, result)) {
      result = next;
      if (next.kind === 'learned' && next.isAided) ({ model } = asked);
    } else break;
    if (next.misses.length === 0) break;
  }
  result ??= await cpu.learn(input, signal);
  return { result, model: result.kind === 'learned' && result.isAided ? model : null, usage, problem };
}

type Asked =
  | { readonly kind: 'failed'; readonly fault: Fault; readonly spent: Spent }
  | { readonly kind: 'proposed'; readonly proposals: readonly unknown[]; readonly model: string; readonly spent: Spent };
type Spent = AidedResult['usage'];

async function propose(proposer: SelectorProposer, question: SelectorsQuestion, signal: AbortSignal): Promise<Asked> {
  try {
    const { proposals, ...receipt } = await proposer.propose(question, signal);
    return { kind: 'proposed', proposals, model: `${receipt.provider}:${receipt.model}`, spent: spendingOf(receipt) };
  } catch (error) {
    signal.throwIfAborted();
    if (isModelFault(error)) return { kind: 'failed', fault: error, spent: spendingOf(error) };
    throw error;
  }
}

/** Names of asked fields, as proposals have to name them, with what their callers say of them. */
function askedParts(wishes: Readonly<Record<string, FieldWish>>): readonly string[] {
  return Object.entries(wishes).map(([name, { description }]) =>
    description === undefined ? JSON.stringify(name) : `${JSON.stringify(name)} (${description})`,
  );
}

const meanOf = (result: LearnResult | null): number => (result?.kind === 'learned' ? result.scores.mean : -1);
const fieldsOf = (config: TemplateConfig): number => Object.keys(config.fields).length;

function isBetter(next: LearnResult, best: LearnResult | null): boolean {
  if (meanOf(next) !== meanOf(best)) return meanOf(next) > meanOf(best);
  return next.kind === 'learned' && best?.kind === 'learned' && fieldsOf(next.config) > fieldsOf(best.config);
}

function missesText(misses: readonly LearnMiss[]): string {
  return misses.map(({ url, score, missing }) => `${url} (agreement ${score}): ${missing.join(' | ')}`).join('\n');
}

function keyOf(jobId: string, round: number, shown: string): string {
  return `${jobId}/propose-selectors/${round}/${createHash('sha256').update(shown).digest('hex')}`;
}
