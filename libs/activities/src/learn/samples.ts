import type { BlobStore, CrawlLedger, LearnActivities, PlanSamplesInput, PlanSamplesOutcome } from '@gleaner/domain';
import { keyOf, templateKeyOf } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, pageBody } from '../cpu/cpu-tasks.js';
import { type PlaceDeps, bareKey, placePages } from '../extract/place-pages.js';

export interface SampleDependencies extends PlaceDeps {
  readonly blobs: BlobStore;
  readonly ledger: Pick<CrawlLedger, 'samples'>;
  readonly cpu: Pick<CpuTasks, 'sampleCandidates'>;
}

const MAX_SAMPLE_URL_LENGTH = 600;

/** Further pages that are fetched where a shape has several templates: not every link of the shape leads to the one that is learned. */
const WANTED_OF_SEVERAL = 8;

/** Where a learning gets its pages from: links of a page, or what a crawl has fetched. */
export function createSampleActivities(deps: SampleDependencies): Pick<LearnActivities, 'planSamples' | 'pickSamples'> {
  const { blobs, ledger, cpu, pageTemplates } = deps;
  return {
    async planSamples({ jobId, snapshot, maxSamples }: PlanSamplesInput): Promise<PlanSamplesOutcome> {
      const shape = templateKeyOf(snapshot.finalUrl);
      const [known, bytes] = await Promise.all([pageTemplates.ofShapes([shape]), blobs.get(snapshot.body.hash)]);
      const templates = known.get(shape.templateId) ?? [];
      const body = pageBody(snapshot, bytes);
      const { place, candidates } = await cpu.sampleCandidates({ body, templates, shape, max: maxSamples }, cancellationSignal());
      const key = keyOf(snapshot.url);
      const placed = await placePages(deps, jobId, [{ key, shape, templates, place }]);
      const template = placed.templates.get(key) ?? null;
      const state = template?.state ?? { kind: 'unknown' };
      return {
        template: bareKey(template ?? shape),
        // What is out of service is to be learned again.
        state: state.kind === 'quarantined' ? 'unknown' : state.kind,
        activeVersion: state.kind === 'active' ? state.version.version : null,
        candidates,
        ...(templates.length > 1 ? { wanted: WANTED_OF_SEVERAL } : {}),
      };
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
