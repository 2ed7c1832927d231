import {
  type BlobStore,
  type ExtractActivities,
  type ExtractDocumentInput,
  type ExtractOutcome,
  type JobLog,
  type TemplateHealth,
  type TemplateStore,
  type TemplateVersion,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, pageBody } from '../cpu/cpu-tasks.js';
import { putJson } from '../runtime/blob-json.js';
import { watchHealth } from './watch-health.js';
import { startClock } from '../runtime/stage-clock.js';

export interface ExtractDependencies {
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly jobLog: JobLog;
  readonly health: TemplateHealth;
  readonly cpu: CpuTasks;
}

/** Stored snapshot in, document out: by the template of the page where one is known, else as the caller wants it. */
export function createExtractActivities({ blobs, templates, jobLog, health, cpu }: ExtractDependencies): ExtractActivities {
  return {
    async extractDocument(input: ExtractDocumentInput): Promise<ExtractOutcome> {
      const elapsedMs = startClock();
      const signal = cancellationSignal();
      const template = templateKeyOf(input.snapshot.finalUrl);
      const [state, bytes] = await Promise.all([templates.find(template), blobs.get(input.snapshot.body.hash)]);
      const body = pageBody(input.snapshot, bytes);
      if (state.kind === 'unknown' && input.unknownTemplate === 'report') {
        const seen = await cpu.inspect({ body }, signal);
        if (seen.kind === 'page') return { kind: 'unknown_template', template, durationMs: elapsedMs() };
        return { ...seen, durationMs: elapsedMs() };
      }
      const version: TemplateVersion | null = state.kind === 'active' ? state.version : null;
      const result = await cpu.extract({ body, version }, signal);
      if (result.kind !== 'page') return { ...result, durationMs: elapsedMs() };
      const { page, observation } = result;
      const isDrifted =
        version !== null &&
        observation !== null &&
        (await watchHealth({ health, jobLog }, { jobId: input.jobId, template, version, observations: [observation] }));
      const ref = await putJson(blobs, page);
      const message = `${page.type}, ${page.text.length} characters by ${page.method}${page.version === null ? '' : ` version ${page.version}`}`;
      await jobLog.append(
        input.jobId,
        'extracted',
        { type: 'job.progress', stage: 'extract', url: input.snapshot.finalUrl, message },
        { extracted: 1 },
      );
      return {
        kind: 'extracted',
        page: ref,
        method: page.method,
        version: page.version,
        characters: page.text.length,
        ...(isDrifted || (state.kind === 'quarantined' && state.isOverdue) ? { drifted: template } : {}),
        durationMs: elapsedMs(),
      };
    },
  };
}
