import type { BlobStore, CrawlLedger, LearnActivities, PlanSamplesInput, PlanSamplesOutcome, TemplateStore } from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, pageBody } from '../cpu/cpu-tasks.js';

export interface SampleDependencies {
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly ledger: Pick<CrawlLedger, 'samples'>;
  readonly cpu: Pick<CpuTasks, 'sampleCandidates'>;
}

const MAX_SAMPLE_URL_LENGTH = 600;

/** Where a learning gets its pages from: links of a page, or what a crawl has fetched. */
export function createSampleActivities({
  blobs,
  templates,
  ledger,
  cpu,
}: SampleDependencies): Pick<LearnActivities, 'planSamples' | 'pickSamples'> {
  return {
    async planSamples({ snapshot, maxSamples }: PlanSamplesInput): Promise<PlanSamplesOutcome> {
      const template = templateKeyOf(snapshot.finalUrl);
      const state = await templates.find(template);
      // What is out of service is to be learned again.
      const standing = state.kind === 'quarantined' ? 'unknown' : state.kind;
      const activeVersion = state.kind === 'active' ? state.version.version : null;
      if (maxSamples === 0) return { template, state: standing, activeVersion, candidates: [] };
      const body = pageBody(snapshot, await blobs.get(snapshot.body.hash));
      const candidates = await cpu.sampleCandidates({ body, template, max: maxSamples }, cancellationSignal());
      return { template, state: standing, activeVersion, candidates };
    },

    async pickSamples({ jobId, templateId, max }) {
      const found = await ledger.samples(jobId, templateId, max);
      // Messages stay small: addresses that fill pages are no better samples than others.
      return found
        .filter(({ url, finalUrl }) => url.length + finalUrl.length < MAX_SAMPLE_URL_LENGTH)
        .map((sample) => ({ ...sample, redirects: [] }));
    },
  };
}
