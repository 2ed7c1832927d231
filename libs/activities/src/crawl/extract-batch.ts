import {
  type BatchInput,
  type CrawlLedger,
  type CrawlPlan,
  type ExtractBatchOutcome,
  type ExtractedMark,
  type FoundPage,
  type KnownDocument,
  type LeasedPage,
  type PageEnd,
  type ShapeTemplate,
  type SiteMemory,
  type TemplateKey,
  type TemplateObservation,
  embedsAtLeast,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import type { CrawlPageInput, CrawlPageResult, FailedPage } from './crawl-page.js';
import { extractPages } from './extract-pages.js';
import { type ParsedPlace, type PlaceDeps, type PlacedPages, placePages } from '../extract/place-pages.js';
import { watchHealth } from '../extract/watch-health.js';
import type { KnownUrls } from './known-urls.js';
import { createLinkJudge } from './link-judge.js';

export interface ExtractBatchDeps extends PlaceDeps {
  readonly ledger: CrawlLedger;
  readonly cpu: Pick<CpuTasks, 'crawlPages'>;
  readonly known: KnownUrls;
  readonly memory: Pick<SiteMemory, 'rememberBrowser'>;
  /** An embedding model is configured. */
  readonly hasEmbedder: boolean;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

/** A page of the batch with what the thread made of it. */
interface Gleaned {
  readonly page: LeasedPage;
  readonly choice: Choice;
  readonly result: CrawlPageResult;
}

/** What can serve a page: the thread, which sees what it is built of, chooses. */
interface Choice {
  /** Key of the address shape. */
  readonly shape: TemplateKey;
  readonly templates: readonly ShapeTemplate[];
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
  const choices = await choicesOf(deps, plan, pages);
  const { results, failed } = await extractPages(
    deps.cpu,
    {
      pages: pages.flatMap((page) => inputOf(page, choices.get(page.key))),
      maxChunkTokens: plan.settings.embed ? MAX_CHUNK_TOKENS : 0,
      embedding: { mode: plan.settings.embed ? 'lexical' : 'none' },
    },
    signal,
  );
  const gleaned = gleanedOf(
    pages,
    choices,
    results.flatMap((result) => result.pages),
  );
  const placed = await placePages(deps, input.jobId, gleaned.flatMap(placeOf));
  await rememberBrowser(deps, plan, gleaned);
  const unseen = known.unknown(input.jobId, foundPages(plan, gleaned));
  const judge = createLinkJudge(plan);
  const { queued, newHosts } = await ledger.extracted(input, {
    pages: gleaned.flatMap((one) => markOf(placed, one)),
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
    unknownTemplates: unknownTemplates(gleaned, placed),
    drifted: await driftedTemplates(deps, input.jobId, gleaned, placed),
  };
}

function inputOf(page: LeasedPage, choice: Choice | undefined): CrawlPageInput[] {
  const { key, url, depth, fetchMs, snapshot } = page;
  if (snapshot === null || choice === undefined) return [];
  const { templates, isSameBody, earlier } = choice;
  const input = { key, url, depth, fetchMs, snapshot, templates, wantsContent: !isSameBody };
  if (earlier === null || isSameBody) return [input];
  return [{ ...input, earlier: { title: earlier.title, contentHash: earlier.contentHash, isGeneral: earlier.method === 'general' } }];
}

function gleanedOf(
  pages: readonly LeasedPage[],
  choices: ReadonlyMap<string, Choice>,
  results: readonly CrawlPageResult[],
): readonly Gleaned[] {
  const byKey = new Map(results.map((result) => [result.key, result]));
  return pages.flatMap((page) => {
    const result = byKey.get(page.key);
    const choice = choices.get(page.key);
    return result === undefined || choice === undefined ? [] : [{ page, choice, result }];
  });
}

function placeOf({ page, choice, result }: Gleaned): ParsedPlace[] {
  const { shape, templates } = choice;
  return result.place === undefined ? [] : [{ key: page.key, shape, templates, place: result.place }];
}

function markOf({ templates }: PlacedPages, { page, result }: Gleaned): ExtractedMark[] {
  if (result.kind !== 'page') return [];
  return [{ key: page.key, templateId: templates.get(page.key)?.templateId ?? null, extractMs: result.extractMs }];
}

/** A shell is opened in the browser unless it has been there, or must not. */
function isShell({ settings }: CrawlPlan, { page, result }: Gleaned): boolean {
  return result.kind === 'shell' && settings.render !== 'never' && !settings.offline && !page.needsBrowser;
}

function endOf(plan: CrawlPlan, gleaned: Gleaned): PageEnd[] {
  const { page, choice, result } = gleaned;
  const { key } = page;
  if (result.kind === 'page' || isShell(plan, gleaned)) return [];
  if (result.kind === 'known')
    return [{ key, state: 'unchanged', reason: null, detail: null, documentId: choice.earlier?.documentId ?? '' }];
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

/** What can serve each page: the templates of its address shape, looked up once for all pages. */
async function choicesOf(
  { ledger, pageTemplates, hasEmbedder }: ExtractBatchDeps,
  plan: CrawlPlan,
  pages: readonly LeasedPage[],
): Promise<ReadonlyMap<string, Choice>> {
  const shapes = new Map(pages.flatMap(({ key, snapshot }) => (snapshot === null ? [] : [[key, templateKeyOf(snapshot.finalUrl)]])));
  const [templates, stored] = await Promise.all([
    pageTemplates.ofShapes([...new Map([...shapes.values()].map((shape) => [shape.templateId, shape])).values()]),
    plan.settings.refresh ? ledger.known(plan.ownerId, [...shapes.keys()]) : [],
  ]);
  const wanted = wantedEmbedding(plan, hasEmbedder);
  const documents = new Map(stored.filter(({ embedding }) => embedsAtLeast(embedding, wanted)).map((document) => [document.key, document]));
  const choices = new Map<string, Choice>();
  for (const { key, snapshot } of pages) {
    const shape = shapes.get(key);
    if (shape === undefined) continue;
    const earlier = documents.get(key) ?? null;
    // The question of a visit is whether the page has changed, not what rules that were learned since would make of it.
    const isSameBody = earlier !== null && earlier.snapshotHash === snapshot?.body.hash;
    choices.set(key, { shape, templates: templates.get(shape.templateId) ?? [], earlier, isSameBody });
  }
  return choices;
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
  deps: ExtractBatchDeps,
  jobId: string,
  gleaned: readonly Gleaned[],
  placed: PlacedPages,
): Promise<ExtractBatchOutcome['drifted']> {
  const served = new Map<string, { template: ShapeTemplate; observations: TemplateObservation[] }>();
  for (const { page, result } of gleaned) {
    const template = placed.templates.get(page.key);
    // A page whose text is the earlier one has shown how its template serves it; one that was not extracted has not.
    if ((result.kind !== 'page' && !result.observation) || !template) continue;
    const known = served.get(template.templateId) ?? { template, observations: [] };
    if (result.observation) known.observations.push(result.observation);
    served.set(template.templateId, known);
  }
  const drifted: TemplateKey[] = [...placed.redesigned];
  for (const { template, observations } of served.values()) {
    const { state } = template;
    const isDrifted = state.kind === 'active' && (await watchHealth(deps, { jobId, template, version: state.version, observations }));
    if (isDrifted || (state.kind === 'quarantined' && state.isOverdue)) drifted.push(template);
  }
  return drifted.slice(0, 10).map(({ templateId, shape }) => ({ templateId, shape: shape.slice(0, 200) }));
}

/** Nobody learns what may turn out to be a new design of a template that is known. */
function unknownTemplates(gleaned: readonly Gleaned[], { templates, undecided }: PlacedPages): ExtractBatchOutcome['unknownTemplates'] {
  const counted = new Map<string, { templateId: string; shape: string; pages: number }>();
  for (const { page, result } of gleaned) {
    const template = templates.get(page.key);
    if (result.kind !== 'page' || template?.state.kind !== 'unknown' || undecided.has(template.templateId)) continue;
    const { templateId, shape } = template;
    const known = counted.get(templateId)?.pages ?? 0;
    counted.set(templateId, { templateId, shape: shape.slice(0, 200), pages: known + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.pages - a.pages).slice(0, 10);
}
