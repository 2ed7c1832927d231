import {
  type BlobStore,
  type ExtractActivities,
  type ExtractDocumentInput,
  type ExtractOutcome,
  type ExtractedPage,
  type FieldReader,
  type JobLog,
  type JobReader,
  type TemplateHealth,
  type TemplateStore,
  type TemplateVersion,
  askedOf,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, type ExtractResult, pageBody } from '../cpu/cpu-tasks.js';
import { madeOnce } from '../runtime/activity-progress.js';
import { putJson } from '../runtime/blob-json.js';
import { serveFields, usageOf } from './serve-fields.js';
import { wantedOf } from './wanted-of.js';
import { watchHealth } from './watch-health.js';
import { startClock } from '../runtime/stage-clock.js';

export interface ExtractDependencies {
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly jobLog: JobLog;
  readonly health: TemplateHealth;
  readonly cpu: CpuTasks;
  /** For the fields that a job asks for. */
  readonly jobs: Pick<JobReader, 'get'>;
  /** Null where no model is set for the role `extract`. */
  readonly reader: FieldReader | null;
}

/** What a thread made of the page, by which version of its template. */
interface Parsed {
  readonly version: TemplateVersion | null;
  readonly result: ExtractResult;
}

/** Stored snapshot in, document out: by the template of the page where one is known, else as the caller wants it. */
export function createExtractActivities(dependencies: ExtractDependencies): ExtractActivities {
  const { blobs, templates, jobLog, health, cpu, jobs } = dependencies;
  // A template that is learned between two attempts would make another question of the page, and that is another charge.
  const asksModel = ({ result }: Parsed): boolean =>
    dependencies.reader !== null && result.kind === 'page' && (result.answer?.missing.length ?? 0) > 0;
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
      const wanted = input.askedBy === undefined ? null : wantedOf(await askedIn(jobs, input.askedBy, input.jobId));
      const parse = async (version: TemplateVersion | null): Promise<Parsed> => ({
        version,
        result: await cpu.extract({ body, version, ...(wanted === null ? {} : { wanted }) }, signal),
      });
      const { version, result } = await madeOnce(blobs, () => parse(state.kind === 'active' ? state.version : null), asksModel);
      if (result.kind !== 'page') return { ...result, durationMs: elapsedMs() };
      const { observation, answer } = result;
      const page =
        wanted === null || answer === undefined
          ? result.page
          : await serveFields(
              dependencies,
              { jobId: input.jobId, url: body.url, body, page: result.page, wanted, answer, attempt: activityInfo().attempt },
              signal,
            );
      const isDrifted =
        version !== null &&
        observation !== null &&
        (await watchHealth({ health, jobLog }, { jobId: input.jobId, template, version, observations: [observation] }));
      const ref = await putJson(blobs, page);
      const message = messageOf(page);
      await jobLog.append(
        input.jobId,
        'extracted',
        { type: 'job.progress', stage: 'extract', url: input.snapshot.finalUrl, message },
        { extracted: 1 },
        usageOf(page),
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

async function askedIn(jobs: Pick<JobReader, 'get'>, ownerId: string, jobId: string): Promise<ReturnType<typeof askedOf>> {
  const job = await jobs.get(ownerId, jobId);
  return job === null ? null : askedOf(job.input);
}

function messageOf({ type, text, method, version, fieldReport }: ExtractedPage): string {
  const served = `${type}, ${text.length} characters by ${method}${version === null ? '' : ` version ${version}`}`;
  if (fieldReport === undefined) return served;
  const { methods, missing, model, problem } = fieldReport;
  const byModel = Object.values(methods).filter((one) => one === 'model').length;
  const asked = model === null ? '' : `, ${byModel} of them by ${model}`;
  const failed = problem === undefined ? '' : `; no model answered: ${problem.code}`;
  return `${served}; ${Object.keys(methods).length - missing.length} of ${Object.keys(methods).length} fields${asked}${failed}`;
}
