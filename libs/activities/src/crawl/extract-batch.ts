import {
  type BatchInput,
  type CrawlLedger,
  type CrawlPlan,
  type ExtractBatchOutcome,
  type ExtractedMark,
  type FoundPage,
  type JobLog,
  type KnownDocument,
  type LeasedPage,
  type PageEnd,
  type SiteMemory,
  type TemplateHealth,
  type TemplateKey,
  type TemplateObservation,
  type TemplateStore,
  type TemplateVersion,
  embedsAtLeast,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import type { CrawlPageInput, CrawlPageResult, FailedPage } from './crawl-page.js';
import { extractPages } from './extract-pages.js';
import { watchHealth } from '../extract/watch-health.js';
import type { KnownUrls } from './known-urls.js';
import { createLinkJudge } from './link-judge.js';

export interface ExtractBatchDeps {
  readonly ledger: CrawlLedger;
  readonly templates: TemplateStore;
  readonly cpu: Pick<CpuTasks, 'crawlPages'>;
  readonly known: KnownUrls;
  readonly memory: Pick<SiteMemory, 'rememberBrowser'>;
  readonly health: TemplateHealth;
  readonly jobLog: JobLog;
  /** An embedding model is configured. */
  readonly hasEmbedder: boolean;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

/** A page of the batch with what serves it and what the thread made of it. */
interface Gleaned {
  readonly page: LeasedPage;
  readonly serving: Serving;
  readonly result: CrawlPageResult;
}

interface Serving {
  readonly template: TemplateKey;
  /** The version is out of service, and nobody seems to be learning another. */
  readonly isOverdue: boolean;
  readonly version: TemplateVersion | null;
  readonly isUnknown: boolean;
  readonly templateId: string;
  readonly shape: string;
  /** The document of an earlier visit that stays where the page says the same. */
  readonly earlier: KnownDocument | null;
  /** It does for certain: the body is the one that it was made from. */
  readonly isSameBody: boolean;
}

/** Parses the fetched pages of a batch in the threads, and writes what they gave to the ledger; the documents are in blobs. */
export async function extractBatch(deps: ExtractBatchDeps, input: BatchInput, signal: AbortSignal): Promise<ExtractBatchOutcome> {
  const { ledger, known } = deps;
  const plan = await ledger.plan(input.jobId);
  const pages = await ledger.pagesOf(input, ['fetched', 'extracted']);
  const servings = await servingsOf(deps, plan, pages);
  const { results, failed } = await extractPages(
    deps.cpu,
    {
      pages: pages.flatMap((page) => inputOf(page, servings.get(page.key))),
      maxChunkTokens: plan.settings.embed ? MAX_CHUNK_TOKENS : 0,
      embedding: { mode: plan.settings.embed ? 'lexical' : 'none' },
    },
    signal,
  );
  const gleaned = gleanedOf(
    pages,
    servings,
    results.flatMap((result) => result.pages),
  );
  await rememberBrowser(deps, plan, gleaned);
  const unseen = known.unknown(input.jobId, foundPages(plan, gleaned));
  const judge = createLinkJudge(plan);
  const { queued, newHosts } = await ledger.extracted(input, {
    pages: gleaned.flatMap(markOf),
    ends: [...gleaned.flatMap((one) => endOf(plan, one)), ...failedEnds(pages, failed)],
    shells: gleaned.filter((one) => isShell(plan, one)).map(({ page }) => page.key),
    found: unseen.map((page) => judge.judge(page)),
  });
  known.remember(
    input.jobId,
    unseen.map(({ key }) => key),
  );
  return {
    pages: results.flatMap(({ lines }) => lines ?? []),
    count: gleaned.filter(({ result }) => result.kind === 'page').length,
    toRender: gleaned.filter((one) => isShell(plan, one)).length,
    toEmbed: deps.hasEmbedder && plan.settings.embed,
    queued,
    newHosts,
    unknownTemplates: unknownTemplates(gleaned),
    drifted: await driftedTemplates(deps, input.jobId, gleaned),
  };
}

function inputOf(page: LeasedPage, serving: Serving | undefined): CrawlPageInput[] {
  const { key, url, depth, fetchMs, snapshot } = page;
  if (snapshot === null || serving === undefined) return [];
  const { version, isSameBody, earlier } = serving;
  const input = { key, url, depth, fetchMs, snapshot, version, wantsContent: !isSameBody };
  if (earlier === null || isSameBody) return [input];
  return [{ ...input, earlier: { title: earlier.title, contentHash: earlier.contentHash, isGeneral: earlier.method === 'general' } }];
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
  return result.kind === 'shell' && settings.render !== 'never' && !settings.offline && !page.needsBrowser;
}

function endOf(plan: CrawlPlan, gleaned: Gleaned): PageEnd[] {
  const { page, serving, result } = gleaned;
  const { key } = page;
  if (result.kind === 'page' || isShell(plan, gleaned)) return [];
  if (result.kind === 'known')
    return [{ key, state: 'unchanged', reason: null, detail: null, documentId: serving.earlier?.documentId ?? '' }];
  if (result.kind === 'noindex') return [{ key, state: 'skipped', reason: 'noindex', detail: 'the page asks not to be indexed' }];
  if (result.kind === 'missing')
    return [{ key, state: 'failed', reason: 'internal', code: 'BLOB_MISSING', detail: 'the stored body is not there any more' }];
  return [{ key, state: 'skipped', reason: 'empty', code: 'EMPTY_CONTENT', detail: emptyDetail(plan, gleaned) }];
}

function emptyDetail({ settings }: CrawlPlan, { page, result }: Gleaned): string {
  if (result.kind === 'empty') return 'the page has no text';
  if (settings.offline) return 'no text in the stored body: it is built by JavaScript';
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

/** What serves each page: the active version of its template, looked up once for each template. */
async function servingsOf(
  { ledger, templates, hasEmbedder }: ExtractBatchDeps,
  plan: CrawlPlan,
  pages: readonly LeasedPage[],
): Promise<ReadonlyMap<string, Serving>> {
  const keys = pages.map(({ key }) => key);
  const stored = plan.settings.refresh ? await ledger.known(plan.ownerId, keys) : [];
  const wanted = wantedEmbedding(plan, hasEmbedder);
  const documents = new Map(stored.filter(({ embedding }) => embedsAtLeast(embedding, wanted)).map((document) => [document.key, document]));
  const states = new Map<string, ReturnType<TemplateStore['find']>>();
  const servings = new Map<string, Serving>();
  for (const { key, snapshot } of pages) {
    if (snapshot === null) continue;
    const template = templateKeyOf(snapshot.finalUrl);
    const asked = states.get(template.templateId) ?? templates.find(template);
    states.set(template.templateId, asked);
    const state = await asked;
    const version = state.kind === 'active' ? state.version : null;
    const earlier = documents.get(key) ?? null;
    // The question of a visit is whether the page has changed, not what rules that were learned since would make of it.
    const isSameBody = earlier?.snapshotHash === snapshot.body.hash;
    servings.set(key, {
      template,
      isOverdue: state.kind === 'quarantined' && state.isOverdue,
      version,
      isUnknown: state.kind === 'unknown',
      templateId: template.templateId,
      shape: template.shape,
      earlier,
      isSameBody,
    });
  }
  return servings;
}

function wantedEmbedding({ settings }: CrawlPlan, hasEmbedder: boolean): KnownDocument['embedding'] {
  if (!settings.embed) return 'none';
  return hasEmbedder ? 'vector' : 'lexical';
}

function foundPages({ settings }: CrawlPlan, gleaned: readonly Gleaned[]): FoundPage[] {
  if (settings.sitemap === 'only' || settings.offline) return [];
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
    // A page whose text is the earlier one has shown how its template serves it; one that was not extracted has not.
    if (result.kind !== 'page' && !result.observation) continue;
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
    if (!serving.isUnknown || result.kind !== 'page') continue;
    const { templateId, shape } = serving;
    const known = counted.get(templateId)?.pages ?? 0;
    counted.set(templateId, { templateId, shape: shape.slice(0, 200), pages: known + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.pages - a.pages).slice(0, 10);
}
