import type { LearnOutcome } from '@gleaner/domain';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, log, startChild } from '@temporalio/workflow';
import { type LearnSiteInput, SEARCH_ATTRIBUTES, WORKFLOW_QUEUE, learnSiteId } from './contract.js';
import type { StageGate } from './stage-gate.js';
import { learnStage } from './stages.js';

export interface BackgroundLearning {
  readonly jobId: string;
  readonly ownerId: string;
  readonly host: string;
  readonly templateId: string;
  readonly shape: string;
  readonly gate: StageGate;
}

/** A learning that runs in a workflow of its own, or that there is nothing of to wait for. */
export interface Lesson {
  /** Resolves when it is over, whatever came of it. */
  readonly end: Promise<void>;
}

/** Pages that a template is learned from and validated on. */
const MOST_SAMPLES = 8;

const NO_LESSON: Lesson = { end: Promise.resolve() };

/**
 * Learns a template from pages that the crawl has fetched already. Resolves when the learning runs by itself and never rejects:
 * pages are served by the general extractor meanwhile. Where it is being learned already there is nothing to do.
 */
export async function learnInBackground(wanted: BackgroundLearning): Promise<Lesson> {
  const { templateId } = wanted;
  const ignore = (error: unknown): void => {
    log.info('a template was not learned; the general extractor serves', { templateId, error: String(error) });
  };
  try {
    const { gate, jobId } = wanted;
    const samples = await gate.run(() => learnStage.pickSamples({ jobId, templateId, max: MOST_SAMPLES }));
    const child = await gate.run(() => startLesson(wanted, samples));
    return child === null ? NO_LESSON : { end: child.result().then(() => undefined, ignore) };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) ignore(error);
    return NO_LESSON;
  }
}

async function startLesson(
  { jobId, ownerId, host, templateId, shape }: BackgroundLearning,
  [snapshot, ...samples]: Awaited<ReturnType<typeof learnStage.pickSamples>>,
): Promise<{ result(): Promise<LearnOutcome> } | null> {
  if (snapshot === undefined) return null;
  const template = { site: host, templateId, shape };
  const input: LearnSiteInput = { jobId, ownerId, template, snapshot, samples };
  return startChild<(input: LearnSiteInput) => Promise<LearnOutcome>>('learnSite', {
    workflowId: learnSiteId(template),
    taskQueue: WORKFLOW_QUEUE,
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    staticSummary: `Learn ${host}${shape}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.site, value: host },
      { key: SEARCH_ATTRIBUTES.stage, value: 'learn' },
    ],
  });
}
