import type { LearnOutcome, Snapshot, TemplateKey } from '@gleaner/domain';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  sleep,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type LearnSiteInput, SEARCH_ATTRIBUTES, WORKFLOW_QUEUE, learnSiteId } from './contract.js';
import { JOIN_LEARNING_TIMEOUT } from './policies.js';

/** "Tell me when you are done", from a job that found the learning of its template under way. */
export const joinLearning = defineSignal<[{ readonly workflowId: string }]>('joinLearning');
/** The answer to it. */
export const learningDone = defineSignal<[{ readonly outcome: LearnOutcome | null }]>('learningDone');

export interface LearningRequest {
  readonly jobId: string;
  readonly ownerId: string;
  readonly template: TemplateKey;
  readonly snapshot: Snapshot;
}

/**
 * Learns the template, or joins the learning that is under way: one per template, however many pages ask. Null when it
 * failed or did not end in time: the caller goes on without a template.
 */
export async function learnShared(request: LearningRequest): Promise<LearnOutcome | null> {
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'learn' }]);
  const input: LearnSiteInput = request;
  try {
    const child = await startLearning(input);
    return await inTime(child.result());
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (error instanceof WorkflowExecutionAlreadyStartedError) return join(request.template);
    log.warn('learning failed; the general extractor serves', { error: String(error) });
    return null;
  }
}

/**
 * Has a template learned again that stopped fitting its pages; nobody waits for it. A learning that is under way already is as good.
 */
export async function learnAgain(request: LearningRequest): Promise<void> {
  const input: LearnSiteInput = request;
  try {
    await startLearning(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) log.warn('learning again did not start', { error: String(error) });
  }
}

function startLearning(input: LearnSiteInput): Promise<ChildWorkflowHandle<(input: LearnSiteInput) => Promise<LearnOutcome>>> {
  const { site, shape } = input.template;
  return startChild<(input: LearnSiteInput) => Promise<LearnOutcome>>('learnSite', {
    workflowId: learnSiteId(input.template),
    taskQueue: WORKFLOW_QUEUE,
    args: [input],
    // Others may have joined: the learning outlives the job that started it, and that job's cancellation.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    staticSummary: `Learn ${site}${shape}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.site, value: site },
      { key: SEARCH_ATTRIBUTES.stage, value: 'learn' },
    ],
  });
}

/** Learning waits for the turns of a busy host; the job that started it does not wait longer than those that joined. */
async function inTime(result: Promise<LearnOutcome>): Promise<LearnOutcome | null> {
  const timer = new CancellationScope();
  try {
    const late = timer.run(() => sleep(JOIN_LEARNING_TIMEOUT)).then(() => null);
    late.catch(() => {}); // the timer was cancelled, because the answer came first
    return await Promise.race([result, late]);
  } finally {
    timer.cancel();
  }
}

async function join(template: TemplateKey): Promise<LearnOutcome | null> {
  let done = false;
  let outcome: LearnOutcome | null = null;
  setHandler(learningDone, (answer) => {
    done = true;
    outcome = answer.outcome;
  });
  try {
    await getExternalWorkflowHandle(learnSiteId(template)).signal(joinLearning, { workflowId: workflowInfo().workflowId });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return null; // It ended between the two calls: what it saved is there for the next extraction.
  }
  await condition(() => done, JOIN_LEARNING_TIMEOUT);
  return outcome;
}
