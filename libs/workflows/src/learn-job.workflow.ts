import { type JobResult, failureReport } from '@gleaner/domain';
import type { JobWorkflowInput } from './contract.js';
import { PageRefused } from './failure.js';
import { learnShared } from './learning.js';
import { obtainPage } from './obtain-page.js';
import { runJob } from './run-job.js';
import { learnStage } from './stages.js';
import { Story } from './story.js';

/** A job of kind `learn`: fetches the page, then shares the learning of its template. */
export async function learnJob({ jobId, ownerId, input }: JobWorkflowInput): Promise<JobResult> {
  const story = new Story();
  const { url, render = 'auto', fresh = false } = input;
  return runJob({ jobId, url }, story, async () => {
    const { snapshot } = await obtainPage({ jobId, url, render, fresh }, story);
    const { template, activeVersion } = await learnStage.planSamples({ jobId, snapshot, maxSamples: 0 });
    const result = (version: number): JobResult => ({ template: { site: template.site, templateId: template.templateId, version } });
    if (activeVersion !== null && !fresh) {
      story.tell(`known already: version ${activeVersion} serves \`${template.shape}\``);
      return result(activeVersion);
    }
    const outcome = await learnShared({ jobId, ownerId, template, snapshot });
    if (outcome?.kind === 'learned') return result(outcome.version);
    throw new PageRefused(failureReport('NOT_LEARNABLE', outcome?.reason ?? 'The learning did not end; see its workflow.'));
  });
}
