import {
  type BatchInput,
  type BlobRef,
  type BlobStore,
  type CrawlLedger,
  type CrawlPlan,
  type ExtractBatchOutcome,
  type ExtractedMark,
  type FieldReader,
  type FoundPage,
  type JobLog,
  type LeasedPage,
  type PageEnd,
  type SiteMemory,
  type TemplateHealth,
  type TemplateObservation,
  type TemplateStore,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { wantedOf } from '../extract/wanted-of.js';
import { watchHealth } from '../extract/watch-health.js';
import { type AskedPages, askPages } from './ask-pages.js';
import type { CrawlPageResult, FailedPage, FieldsServed } from './crawl-page.js';
import { fieldsStory } from './fields-story.js';
import type { KnownUrls } from './known-urls.js';
import { createLinkJudge } from './link-judge.js';
import type { Serving } from './page-servings.js';
import { type BatchToParse, type ParsedBatch, parseBatch } from './parse-batch.js';

export interface ExtractBatchDeps {
  readonly ledger: CrawlLedger;
  readonly templates: TemplateStore;
  readonly blobs: BlobStore;
  readonly cpu: Pick<CpuTasks, 'crawlPages' | 'acceptAnswers'>;
  readonly known: KnownUrls;
  readonly memory: Pick<SiteMemory, 'rememberBrowser'>;
  readonly health: TemplateHealth;
  readonly jobLog: JobLog;
  /** Null where no model is set for the role `extract`. */
  readonly reader: FieldReader | null;
  /** An embedding model is configured. */
  readonly hasEmbedder: boolean;
}

export interface BatchAttempt {
  /** Of the activity, from 1. */
  readonly number: number;
  readonly signal: AbortSignal;
}

/** A page of the batch with what serves it and what the thread made of it. */
interface Gleaned {
  readonly page: LeasedPage;
  readonly serving: Serving;
  readonly result: CrawlPageResult;
}

/** Parses the fetched pages of a batch in the threads, and writes what they gave to the ledger; the documents are in blobs. */
export async function extractBatch(deps: ExtractBatchDeps, input: BatchInput, attempt: BatchAttempt): Promise<ExtractBatchOutcome> {
  const { ledger, known } = deps;
  const plan = await ledger.plan(input.jobId);
  const pages = await ledger.pagesOf(input, ['fetched', 'extracted']);
  const batch: BatchToParse = { plan, pages, wanted: wantedOf(plan.settings.asked), hasModel: deps.reader !== null };
  const parsed = await parseBatch(deps, batch, attempt.signal);
  const asked = await askRest(deps, batch, parsed, attempt);
  const gleaned = gleanedOf(
    pages,
    parsed.servings,
    parsed.results.flatMap((result) => result.pages),
  );
  await rememberBrowser(deps, plan, gleaned);
  const unseen = known.unknown(input.jobId, foundPages(plan, gleaned));
  const judge = createLinkJudge(plan);
  const { queued, newHosts } = await ledger.extracted(input, {
    pages: gleaned.flatMap(markOf),
    ends: [...gleaned.flatMap((one) => endOf(plan, one)), ...failedEnds(pages, parsed.failed)],
    shells: gleaned.filter((one) => isShell(plan, one)).map(({ page }) => page.key),
    found: unseen.map((page) => judge.judge(page)),
  });
  known.remember(
    input.jobId,
    unseen.map(({ key }) => key),
  );
  await tellOfFields(deps.jobLog, input, [...gleaned.flatMap(({ result }) => result.fields ?? []), ...asked.fields]);
  return {
    pages: [...parsed.results.flatMap(({ lines }) => lines ?? []), ...asked.lines],
    count: gleaned.filter(({ result }) => result.kind === 'page').length,
    toRender: gleaned.filter((one) => isShell(plan, one)).length,
    toEmbed: deps.hasEmbedder && plan.settings.embed,
    queued,
    newHosts,
    unknownTemplates: unknownTemplates(gleaned),
    drifted: await driftedTemplates(deps, input.jobId, gleaned),
  };
}

/** Asks a model for what the threads left, before anything of the batch is written: an attempt that fails here leaves no trace. */
async function askRest(
  { blobs, cpu, reader }: ExtractBatchDeps,
  { plan, wanted }: BatchToParse,
  { results }: ParsedBatch,
  { number, signal }: BatchAttempt,
): Promise<AskedPages> {
  const toAsk: BlobRef[] = results.flatMap((result) => result.toAsk ?? []);
  if (reader === null || wanted === null || toAsk.length === 0) return { lines: [], fields: [] };
  return askPages({ blobs, cpu, reader }, { jobId: plan.jobId, wanted, toAsk, attempt: number }, signal);
}

/** Once for each batch, whichever attempt of it comes through. */
async function tellOfFields(jobLog: JobLog, { jobId, batch }: BatchInput, pages: readonly FieldsServed[]): Promise<void> {
  const story = fieldsStory(pages);
  if (story === null) return;
  const { message, usage } = story;
  await jobLog.append(jobId, `fields:${batch}`, { type: 'job.progress', stage: 'extract', message }, {}, usage);
}

function gleanedOf(
  pages: readonly LeasedPage[],
  servings: ReadonlyMap<string, Serving>,
  results: readonly CrawlPageResult[],
): readonly Gleaned[] {
  const byKey = new Map(results.map((result) => [result.key, result]));
  return pages.flatMap((page) => {
    const result = byKey.get(page.key);
    const serving = servings.get(page.key);
    return result === undefined || serving === undefined ? [] : [{ page, serving, result }];
  });
}

function markOf({ page, serving, result }: Gleaned): ExtractedMark[] {
  return result.kind === 'page' ? [{ key: page.key, templateId: serving.templateId, extractMs: result.extractMs }] : [];
}

/** A shell is opened in the browser unless it has been there, or must not. */
function isShell({ settings }: CrawlPlan, { page, result }: Gleaned): boolean {
  return result.kind === 'shell' && settings.render !== 'never' && !page.needsBrowser;
}

function endOf(plan: CrawlPlan, gleaned: Gleaned): PageEnd[] {
  const { page, serving, result } = gleaned;
  const { key } = page;
  if (result.kind === 'page' || isShell(plan, gleaned)) return [];
  if (result.kind === 'known')
    return [{ key, state: 'unchanged', reason: null, detail: null, documentId: serving.sameAs?.documentId ?? '' }];
  if (result.kind === 'noindex') return [{ key, state: 'skipped', reason: 'noindex', detail: 'the page asks not to be indexed' }];
  if (result.kind === 'missing')
    return [{ key, state: 'failed', reason: 'internal', code: 'BLOB_MISSING', detail: 'the stored body is not there any more' }];
  return [{ key, state: 'skipped', reason: 'empty', code: 'EMPTY_CONTENT', detail: emptyDetail(gleaned) }];
}

function emptyDetail({ page, result }: Gleaned): string {
  if (result.kind === 'empty') return 'the page has no text';
  return page.needsBrowser ? 'no text, not even in the browser' : 'it is built by JavaScript and render is "never"';
}

/** Pages that no thread could cope with, and such without a body, which nothing leads to. */
function failedEnds(pages: readonly LeasedPage[], failed: readonly FailedPage[]): PageEnd[] {
  const bodiless = pages.filter(({ snapshot }) => snapshot === null);
  return [
    ...failed.map(
      ({ key, code, detail }) => ({ key, state: 'failed', reason: 'internal', detail, ...(code === undefined ? {} : { code }) }) as const,
    ),
    ...bodiless.map(({ key }) => ({ key, state: 'failed', reason: 'internal', code: 'INTERNAL', detail: 'the page has no body' }) as const),
  ];
}

function foundPages({ settings }: CrawlPlan, gleaned: readonly Gleaned[]): FoundPage[] {
  if (settings.sitemap === 'only') return [];
  return gleaned.flatMap(({ page, result }) =>
    result.links.map(({ url, key }) => ({ url, key, depth: page.depth + 1, source: 'link' as const })),
  );
}

/** Pages like those that only the browser could read are opened in it at once from now on; the start page always was. */
async function rememberBrowser({ memory }: ExtractBatchDeps, { settings }: CrawlPlan, gleaned: readonly Gleaned[]): Promise<void> {
  if (settings.render !== 'auto') return;
  const rendered = gleaned.filter(({ page, result }) => page.needsBrowser && page.depth > 0 && result.kind === 'page');
  const templates = new Map(rendered.map(({ page }) => templateKeyOf(page.url)).map((template) => [template.templateId, template]));
  for (const template of templates.values()) await memory.rememberBrowser(template);
}

/** Templates that this batch showed to have changed, each told once whoever sees it; and those that wait too long for learning. */
async function driftedTemplates(
  { health, jobLog }: ExtractBatchDeps,
  jobId: string,
  gleaned: readonly Gleaned[],
): Promise<ExtractBatchOutcome['drifted']> {
  const served = new Map<string, { serving: Serving; observations: TemplateObservation[] }>();
  for (const { serving, result } of gleaned) {
    if (result.kind !== 'page') continue;
    const known = served.get(serving.templateId) ?? { serving, observations: [] };
    if (result.observation) known.observations.push(result.observation);
    served.set(serving.templateId, known);
  }
  const drifted: { templateId: string; shape: string }[] = [];
  for (const { serving, observations } of served.values()) {
    const { template, version, isOverdue, templateId, shape } = serving;
    const isDrifted = version !== null && (await watchHealth({ health, jobLog }, { jobId, template, version, observations }));
    if (isDrifted || isOverdue) drifted.push({ templateId, shape: shape.slice(0, 200) });
  }
  return drifted.slice(0, 10);
}

function unknownTemplates(gleaned: readonly Gleaned[]): ExtractBatchOutcome['unknownTemplates'] {
  const counted = new Map<string, { templateId: string; shape: string; pages: number }>();
  for (const { serving, result } of gleaned) {
    if (result.kind !== 'page' || !(serving.isUnknown || result.wantsRules === true)) continue;
    const { templateId, shape } = serving;
    const known = counted.get(templateId)?.pages ?? 0;
    counted.set(templateId, { templateId, shape: shape.slice(0, 200), pages: known + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.pages - a.pages).slice(0, 10);
}
