import type { LearnOutcome, Snapshot } from '@gleaner/domain';
import { getExternalWorkflowHandle, isCancellation, setHandler } from '@temporalio/workflow';
import type { LearnSiteInput } from './contract.js';
import { joinLearning, learningDone } from './learning.js';
import { browserStage, fetchStage, learnStage } from './stages.js';
import { Story } from './story.js';

/** Pages besides the first one: two to learn from at the least, one that was not learned from. */
const WANTED_SAMPLES = 4;
/** Links tried at the most: some lead to errors, redirects or other templates. */
const MAX_CANDIDATES = 8;
const PARALLEL_FETCHES = 2;

/** Learns one template of one site: samples further pages, proposes rules, validates them on held-out pages, saves a version. */
export async function learnSite(input: LearnSiteInput): Promise<LearnOutcome> {
  const waiting = new Set<string>();
  setHandler(joinLearning, ({ workflowId }) => void waiting.add(workflowId));
  const story = new Story();
  let outcome: LearnOutcome | null = null;
  try {
    outcome = await learn(input, story);
    return outcome;
  } finally {
    // A waiter may come while others are told; a signal that arrives with the last command starts this loop again.
    for (const workflowId of waiting) {
      waiting.delete(workflowId);
      await getExternalWorkflowHandle(workflowId).signal(learningDone, { outcome }).catch(ignoreGone);
    }
  }
}

/** A waiter that ended meanwhile needs no answer. */
function ignoreGone(error: unknown): void {
  if (isCancellation(error)) throw error;
}

async function learn(input: LearnSiteInput, story: Story): Promise<LearnOutcome> {
  if (input.samples !== undefined) return learnFrom(input, [input.snapshot, ...input.samples], story);
  const plan = await learnStage.planSamples({ jobId: input.jobId, snapshot: input.snapshot, maxSamples: MAX_CANDIDATES });
  story.tell(`${plan.candidates.length} further pages look like \`${input.template.shape}\``);
  const samples = [input.snapshot, ...(await fetchSamples(input, plan.candidates, plan.wanted))];
  story.tell(`${samples.length} sample pages fetched`);
  return learnFrom(input, samples, story);
}

async function learnFrom(input: LearnSiteInput, samples: readonly Snapshot[], story: Story): Promise<LearnOutcome> {
  const { jobId, ownerId, template } = input;
  const outcome = await learnStage.learnTemplate({ jobId, ownerId, template, samples });
  story.tell(
    outcome.kind === 'learned'
      ? `saved version ${outcome.version}: mean ${outcome.scores.mean.toFixed(3)}, minimum ${outcome.scores.min.toFixed(3)} on ${outcome.scores.pagesHeldOut} held-out pages`
      : `not learned: ${outcome.reason}`,
  );
  return outcome;
}

async function fetchSamples(input: LearnSiteInput, candidates: readonly string[], wanted = WANTED_SAMPLES): Promise<readonly Snapshot[]> {
  const samples: Snapshot[] = [];
  const queue = candidates.map((url, index) => ({ url, step: `sample-${index + 1}` }));
  const take = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && samples.length < wanted; next = queue.shift()) {
      const snapshot = await fetchSample(input, next);
      if (snapshot !== null && samples.length < wanted) samples.push(snapshot);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_FETCHES }, take));
  return samples;
}

/** Null for a page that cannot be had: learning goes on with the others. */
async function fetchSample(input: LearnSiteInput, sample: { readonly url: string; readonly step: string }): Promise<Snapshot | null> {
  const request = { jobId: input.jobId, fresh: false, ...sample };
  try {
    const outcome =
      input.snapshot.method === 'browser'
        ? await browserStage.renderPage({ ...request, render: 'always' })
        : await fetchStage.fetchPage({ ...request, render: 'never' });
    return outcome.kind === 'fetched' ? outcome.snapshot : null;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return null;
  }
}
