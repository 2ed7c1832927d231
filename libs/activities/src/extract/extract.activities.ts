import {
  type BlobStore,
  type ExtractActivities,
  type ExtractDocumentInput,
  type ExtractOutcome,
  type ExtractedPage,
  type FieldReader,
  type JobReader,
  type ShapeTemplate,
  type TemplateKey,
  type WantedField,
  askedOf,
} from '@gleaner/domain';
import { keyOf, templateKeyOf } from '@gleaner/extraction';
import { Context, cancellationSignal } from '@temporalio/activity';
import { type CpuTasks, type ExtractResult, type PageBody, pageBody } from '../cpu/cpu-tasks.js';
import { madeOnce } from '../runtime/activity-progress.js';
import { putJson } from '../runtime/blob-json.js';
import { CountedAttempts } from '../runtime/counted-attempts.js';
import { type PlaceDeps, bareKey, placePages } from './place-pages.js';
import { serveFields, usageOf } from './serve-fields.js';
import { wantedOf } from './wanted-of.js';
import { watchHealth } from './watch-health.js';
import { startClock } from '../runtime/stage-clock.js';

export interface ExtractDependencies extends PlaceDeps {
  readonly blobs: BlobStore;
  readonly cpu: CpuTasks;
  /** For the fields that a job asks for. */
  readonly jobs: Pick<JobReader, 'get'>;
  /** Null where no model is set for the role `extract`. */
  readonly reader: FieldReader | null;
}

/** Stored snapshot in, document out: by the template of the page where one is known, else as the caller wants it. */
export function createExtractActivities(dependencies: ExtractDependencies): ExtractActivities {
  const { blobs, jobLog, jobs } = dependencies;
  // A template that is learned between two attempts would make another question of the page, and that is another charge.
  const asksModel = (parsed: ParsedPlaced): boolean =>
    dependencies.reader !== null && parsed.kind === 'page' && (parsed.result.answer?.missing.length ?? 0) > 0;
  return {
    async extractDocument(input: ExtractDocumentInput): Promise<ExtractOutcome> {
      const elapsedMs = startClock();
      const signal = cancellationSignal();
      const { jobId, snapshot, askedBy } = input;
      const [asked, bytes] = await Promise.all([
        askedBy === undefined ? null : askedIn(jobs, askedBy, jobId),
        blobs.get(snapshot.body.hash),
      ]);
      const wanted = wantedOf(asked);
      const body = pageBody(snapshot, bytes);
      const parsed = await madeOnce(blobs, () => parsePlaced(dependencies, input, { body, wanted }, signal), asksModel);
      if (parsed.kind !== 'page') return { ...parsed, durationMs: elapsedMs() };
      const { result, template } = parsed;
      const { observation, answer } = result;
      const page =
        wanted === null || answer === undefined
          ? result.page
          : await serveFields(
              dependencies,
              { jobId, url: body.url, body, page: result.page, wanted, answer, attempt: new CountedAttempts(Context.current()).current },
              signal,
            );
      const isDrifted =
        template?.state.kind === 'active' &&
        observation !== null &&
        (await watchHealth(dependencies, { jobId, template, version: template.state.version, observations: [observation] }));
      const isOverdue = template?.state.kind === 'quarantined' && template.state.isOverdue;
      const ref = await putJson(blobs, page);
      const message = messageOf(page);
      await jobLog.append(
        jobId,
        'extracted',
        { type: 'job.progress', stage: 'extract', url: snapshot.finalUrl, message },
        { extracted: 1 },
        usageOf(page),
      );
      return {
        kind: 'extracted',
        page: ref,
        method: page.method,
        version: page.version,
        characters: page.text.length,
        ...(template !== null && (parsed.isRedesigned || isDrifted || isOverdue) ? { drifted: bareKey(template) } : {}),
        durationMs: elapsedMs(),
      };
    },
  };
}

type ParsedPlaced =
  | {
      readonly kind: 'page';
      readonly result: Extract<ExtractResult, { kind: 'page' }>;
      readonly template: ShapeTemplate | null;
      /** The page showed that the template has a new design. */
      readonly isRedesigned: boolean;
    }
  | { readonly kind: 'unknown_template'; readonly template: TemplateKey }
  | Exclude<ExtractResult, { kind: 'page' | 'unknown_template' }>;

/** The page by its template, or by the general extractor where nobody is to learn one, or not yet. */
async function parsePlaced(
  deps: ExtractDependencies,
  { jobId, snapshot, unknownTemplate }: ExtractDocumentInput,
  { body, wanted }: { readonly body: PageBody; readonly wanted: readonly WantedField[] | null },
  signal: AbortSignal,
): Promise<ParsedPlaced> {
  const { cpu, pageTemplates } = deps;
  const shape = templateKeyOf(snapshot.finalUrl);
  const templates = (await pageTemplates.ofShapes([shape])).get(shape.templateId) ?? [];
  const task = { body, ...(wanted === null ? {} : { wanted }) };
  const first = await cpu.extract({ ...task, templates, unknownTemplate }, signal);
  if (first.kind === 'shell' || first.kind === 'empty') return first;
  const key = keyOf(snapshot.url);
  const placed = await placePages(deps, jobId, [{ key, shape, templates, place: first.place }]);
  const template = placed.templates.get(key) ?? null;
  const isRedesigned = placed.redesigned.length > 0;
  if (first.kind === 'page') return { kind: 'page', result: first, template, isRedesigned };
  if (template?.state.kind === 'unknown' && !placed.undecided.has(template.templateId))
    return { kind: 'unknown_template', template: bareKey(template) };
  const result = await cpu.extract(
    { ...task, templates: template === null || isRedesigned ? [] : [template], unknownTemplate: 'general' },
    signal,
  );
  return result.kind === 'page'
    ? { kind: 'page', result, template, isRedesigned }
    : { kind: 'empty', detail: `${body.url} has no content.` };
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
