import {
  type BatchInput,
  type BlobRef,
  type BlobStore,
  type CrawlLedger,
  type CrawlPlan,
  type ExtractBatchOutcome,
  type FieldReader,
  type FoundPage,
  type JobLog,
  type SiteMemory,
  type TemplateKey,
  renderedBatch,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { type PlaceDeps, placeKnown, placePages } from '../extract/place-pages.js';
import { wantedOf } from '../extract/wanted-of.js';
import { type AskedPages, askPages } from './ask-pages.js';
import type { FieldsServed } from './crawl-page.js';
import { SAMPLED_DEPTH } from './fetch-batch.js';
import { fieldsStory } from './fields-story.js';
import { type Gleaned, gleanedOf, isShell } from './gleaned.js';
import type { KnownUrls } from './known-urls.js';
import { createLinkJudge } from './link-judge.js';
import { endOf, failedEnds } from './page-ends.js';
import { type BatchToParse, type ParsedBatch, parseBatch } from './parse-batch.js';
import { passKey } from './pass-key.js';
import { NO_NEWS, markOf, newsOf, placeOf } from './template-news.js';

export interface ExtractBatchDeps extends PlaceDeps {
  readonly ledger: CrawlLedger;
  readonly blobs: BlobStore;
  readonly cpu: Pick<CpuTasks, 'crawlPages' | 'acceptAnswers'>;
  readonly known: KnownUrls;
  readonly memory: Pick<SiteMemory, 'rememberBrowser'>;
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
    parsed.choices,
    parsed.results.flatMap((result) => result.pages),
  );
  const { offline } = plan.settings;
  const places = gleaned.flatMap(placeOf);
  const placed = offline ? placeKnown(places) : await placePages(deps, input.jobId, places);
  await rememberBrowser(deps, plan, gleaned);
  const unseen = known.unknown(input.jobId, foundPages(plan, gleaned));
  const judge = createLinkJudge(plan);
  const { queued, newHosts } = await ledger.extracted(input, {
    pages: gleaned.flatMap((one) => markOf(placed, one)),
    ends: [...gleaned.flatMap((one) => endOf(plan, one)), ...failedEnds(pages, parsed.failed)],
    shells: gleaned.filter((one) => isShell(plan, one)).map(({ page }) => page.key),
    found: unseen.map((page) => judge.judge(page)),
  });
  known.remember(
    input.jobId,
    unseen.map(({ key }) => key),
  );
  await tellOfFields(deps.jobLog, input, gleaned, asked.fields);
  return {
    pages: [...parsed.results.flatMap(({ lines }) => lines ?? []), ...asked.lines],
    count: gleaned.filter(({ result }) => result.kind === 'page').length,
    toRender: await toRenderOf(ledger, plan, input),
    toEmbed: deps.hasEmbedder && plan.settings.embed,
    queued,
    newHosts,
    ...(offline ? NO_NEWS : await newsOf(deps, input.jobId, gleaned, placed)),
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

/** Once for each pass of a batch, whichever attempt of it comes through: pages that ended are not there any more at the next one, and do not count. */
async function tellOfFields(
  jobLog: JobLog,
  { jobId, batch }: BatchInput,
  gleaned: readonly Gleaned[],
  asked: readonly FieldsServed[],
): Promise<void> {
  const story = fieldsStory([...gleaned.flatMap(({ result }) => result.fields ?? []), ...asked]);
  if (story === null) return;
  const { message, usage } = story;
  const pages = gleaned.flatMap(({ page, result }) => (result.kind === 'page' ? page.key : []));
  await jobLog.append(jobId, passKey('fields', batch, pages), { type: 'job.progress', stage: 'extract', message }, {}, usage);
}

/** Of the ledger and not of this attempt: one that was cut off may have sent shells to the browser already. */
async function toRenderOf(ledger: Pick<CrawlLedger, 'pagesOf'>, { settings }: CrawlPlan, input: BatchInput): Promise<number> {
  if (settings.render === 'never' || settings.offline) return 0;
  return (await ledger.pagesOf({ ...input, batch: renderedBatch(input.batch) }, ['leased'])).length;
}

function foundPages({ settings }: CrawlPlan, gleaned: readonly Gleaned[]): FoundPage[] {
  if (settings.sitemap === 'only' || settings.offline) return [];
  return gleaned.flatMap(({ page, result }) =>
    result.links.map(({ url, key }) => ({ url, key, depth: page.depth + 1, source: 'link' as const })),
  );
}

/** What a browser is good for is remembered by template; pages that came without what the server had sent say that they needed one. */
async function rememberBrowser({ memory }: ExtractBatchDeps, { settings }: CrawlPlan, gleaned: readonly Gleaned[]): Promise<void> {
  if (settings.render !== 'auto' || settings.offline) return;
  const needs = new Map<string, { readonly template: TemplateKey; readonly isNeeded: boolean }>();
  for (const { page, result } of gleaned) {
    if (!page.needsBrowser || (result.kind !== 'page' && result.kind !== 'known')) continue;
    const isNeeded = result.browserAdds ?? (page.depth > SAMPLED_DEPTH ? true : null);
    if (isNeeded === null) continue;
    const template = templateKeyOf(page.url);
    needs.set(template.templateId, { template, isNeeded: isNeeded || (needs.get(template.templateId)?.isNeeded ?? false) });
  }
  for (const { template, isNeeded } of needs.values()) await memory.rememberBrowser(template, isNeeded);
}
