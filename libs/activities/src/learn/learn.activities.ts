import {
  type BlobStore,
  type CrawlLedger,
  Fault,
  type JobLog,
  type LearnActivities,
  type LearnOutcome,
  type LearnTemplateInput,
  type PlanSamplesInput,
  type PlanSamplesOutcome,
  type TemplateStore,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, type LearnResult, pageBody } from '../cpu/cpu-tasks.js';
import { startClock } from '../runtime/stage-clock.js';

export interface LearnDependencies {
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly jobLog: JobLog;
  readonly ledger: Pick<CrawlLedger, 'samples'>;
  readonly cpu: CpuTasks;
  readonly now: () => Date;
}

/** Pages that cannot be compared within the parse limit will not be an hour later: that is a result, and remembered. */
function tooHeavy(error: unknown): LearnResult {
  if (error instanceof Fault && error.code === 'PARSE_TIMEOUT')
    return { kind: 'unlearnable', reason: 'its pages take too long to compare' };
  throw error;
}

const MAX_SAMPLE_URL_LENGTH = 600;
const HOUR_MS = 3_600_000;
/** A site that grows has more pages of the template soon; rules that did not hold will not hold an hour later. */
const RETRY_FEW_SAMPLES_MS = HOUR_MS;
const RETRY_UNRELIABLE_MS = 24 * HOUR_MS;

export function createLearnActivities(dependencies: LearnDependencies): LearnActivities {
  const { blobs, templates, jobLog, ledger, cpu, now } = dependencies;
  return {
    async planSamples({ snapshot, maxSamples }: PlanSamplesInput): Promise<PlanSamplesOutcome> {
      const template = templateKeyOf(snapshot.finalUrl);
      const state = await templates.find(template);
      const activeVersion = state.kind === 'active' ? state.version.version : null;
      if (maxSamples === 0) return { template, state: state.kind, activeVersion, candidates: [] };
      const body = pageBody(snapshot, await blobs.get(snapshot.body.hash));
      const candidates = await cpu.sampleCandidates({ body, template, max: maxSamples }, cancellationSignal());
      return { template, state: state.kind, activeVersion, candidates };
    },

    async pickSamples({ jobId, templateId, max }) {
      const found = await ledger.samples(jobId, templateId, max);
      // Messages stay small: addresses that fill pages are no better samples than others.
      return found
        .filter(({ url, finalUrl }) => url.length + finalUrl.length < MAX_SAMPLE_URL_LENGTH)
        .map((sample) => ({ ...sample, redirects: [] }));
    },

    async learnTemplate({ jobId, template, samples }: LearnTemplateInput): Promise<LearnOutcome> {
      const elapsedMs = startClock();
      const unlearnable = async (reason: string, retryAfterMs: number): Promise<LearnOutcome> => {
        await templates.markUnlearnable(template, reason, new Date(now().getTime() + retryAfterMs).toISOString());
        await jobLog.append(jobId, `learned:${template.templateId}`, {
          type: 'job.progress',
          stage: 'learn',
          message: `no template for ${template.shape}: ${reason}`,
        });
        return { kind: 'unlearnable', reason, durationMs: elapsedMs() };
      };
      const distinct = [...new Map(samples.map((sample) => [sample.body.hash, sample])).values()];
      if (distinct.length < 2) return unlearnable('the page links to no further page of its kind', RETRY_FEW_SAMPLES_MS);
      const bodies = await Promise.all(distinct.map(async (sample) => pageBody(sample, await blobs.get(sample.body.hash))));
      const result = await cpu.learn({ samples: bodies }, cancellationSignal()).catch(tooHeavy);
      if (result.kind === 'unlearnable') return unlearnable(result.reason, RETRY_UNRELIABLE_MS);
      const { version, scores, state } = await templates.save({
        ...template,
        config: result.config,
        scores: result.scores,
        author: 'heuristic',
        model: null,
        costUsd: 0,
        sampleUrls: distinct.map((sample) => sample.finalUrl),
      });
      if (state === 'rejected') return unlearnable(`learning finds only version ${version}, which was rejected`, RETRY_UNRELIABLE_MS);
      const message = `version ${version} of ${template.site}${template.shape}: agreement ${scores.mean.toFixed(2)} on ${scores.pagesHeldOut} held-out pages`;
      await jobLog.append(jobId, `learned:${template.templateId}`, { type: 'site.learned', stage: 'learn', message });
      return { kind: 'learned', version, scores, durationMs: elapsedMs() };
    },
  };
}
