import type { LearnOutcome } from '@gleaner/domain';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, log, startChild } from '@temporalio/workflow';
import { type LearnSiteInput, SEARCH_ATTRIBUTES, WORKFLOW_QUEUE, learnSiteId } from './contract.js';
import { learnStage } from './stages.js';

export interface BackgroundLearning {
  readonly jobId: string;
  readonly ownerId: string;
  readonly host: string;
  readonly templateId: string;
  readonly shape: string;
}

/** Pages that a template is learned from and validated on. */
const MOST_SAMPLES = 8;

/**
 * Learns a template from pages that the crawl has fetched already. Resolves when it is over and never rejects: pages are served by
 * the general extractor meanwhile. Where it is being learned already there is nothing to do.
 */
export async function learnInBackground({ jobId, ownerId, host, templateId, shape }: BackgroundLearning): Promise<void> {
  const template = { site: host, templateId, shape };
  try {
    const [snapshot, ...samples] = await learnStage.pickSamples({ jobId, templateId, max: MOST_SAMPLES });
    if (snapshot === undefined) return;
    const input: LearnSiteInput = { jobId, ownerId, template, snapshot, samples };
    const child = await startChild<(input: LearnSiteInput) => Promise<LearnOutcome>>('learnSite', {
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
    await child.result();
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    log.info('a template was not learned; the general extractor serves', { templateId, error: String(error) });
  }
}
