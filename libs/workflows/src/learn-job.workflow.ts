import { type JobResult, type LearnInput, failureReport } from '@gleaner/domain';
import type { JobWorkflowInput } from './contract.js';
import { PageRefused } from './failure.js';
import { learnShared } from './learning.js';
import { obtainPage, resumePoint } from './obtain-page.js';
import { runJob } from './run-job.js';
import { learnStage } from './stages.js';

/** A job of kind `learn`: fetches the page, then shares the learning of its template. */
export async function learnJob(job: JobWorkflowInput): Promise<JobResult> {
  const { jobId, ownerId } = job;
  const { url, render = 'auto', fresh = false } = job.input as LearnInput;
  return runJob(job, async (run) => {
    const { story, gate } = run;
    const request = { jobId, url, render, fresh };
    const { snapshot } = await obtainPage(request, run, await resumePoint(job, request, run));
    await gate.pass();
    const { template, activeVersion } = await learnStage.planSamples({ jobId, snapshot, maxSamples: 0 });
    const result = (version: number): JobResult => ({ template: { site: template.site, templateId: template.templateId, version } });
    if (activeVersion !== null && !fresh) {
      story.tell(`known already: version ${activeVersion} serves \`${template.shape}\``);
      return result(activeVersion);
    }
    await gate.pass();
    const outcome = await learnShared({ jobId, ownerId, template, snapshot });
    if (outcome?.kind === 'learned') return result(outcome.version);
    throw new PageRefused(failureReport('NOT_LEARNABLE', outcome?.reason ?? 'The learning did not end; see its workflow.'));
  });
}
