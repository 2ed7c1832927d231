import {
  type BatchInput,
  type BlobStore,
  type CrawlLedger,
  type CrawlPlan,
  type EmbeddingLabel,
  type ExtractBatchOutcome,
  type ExtractedBatchPage,
  type ExtractedMark,
  Fault,
  type FoundPage,
  type KnownDocument,
  type LeasedPage,
  type PageEnd,
  type SiteMemory,
  type TemplateStore,
  type TemplateVersion,
} from '@gleaner/domain';
import { templateKeyOf } from '@gleaner/extraction';
import { type CpuTasks, pageBody } from '../cpu/cpu-tasks.js';
import { startClock } from '../runtime/stage-clock.js';
import type { CrawlLink, CrawlPageResult } from './crawl-page.js';
import type { KnownUrls } from './known-urls.js';
import { createLinkJudge } from './link-judge.js';

export interface ExtractBatchDeps {
  readonly ledger: CrawlLedger;
  readonly blobs: BlobStore;
  readonly templates: TemplateStore;
  readonly cpu: Pick<CpuTasks, 'crawlPage'>;
  readonly known: KnownUrls;
  readonly memory: Pick<SiteMemory, 'rememberBrowser'>;
  /** An embedding model is configured. */
  readonly hasEmbedder: boolean;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;
const NEWLINE = Buffer.from('\n');

/** What one page of the batch gave. */
interface Gleaned {
  readonly page: LeasedPage;
  readonly links: readonly CrawlLink[];
  readonly line?: Buffer;
  readonly mark?: ExtractedMark;
  readonly end?: PageEnd;
  readonly isShell?: boolean;
  /** Shape of a template that is not known yet. */
  readonly unknown?: { readonly templateId: string; readonly shape: string };
}

/** Parses the fetched pages of a batch side by side, each once, and writes what they gave to one blob and to the ledger. */
export async function extractBatch(deps: ExtractBatchDeps, input: BatchInput, signal: AbortSignal): Promise<ExtractBatchOutcome> {
  const { ledger, blobs, known } = deps;
  const plan = await ledger.plan(input.jobId);
  const pages = await ledger.pagesOf(input, ['fetched', 'extracted']);
  const stored = plan.settings.refresh ? await knownDocuments(ledger, plan, pages) : new Map<string, KnownDocument>();
  const versionOf = versionsOf(deps.templates);
  const gleaned = await Promise.all(
    pages.map((page) => gleanOne({ deps, plan, versionOf, stored: stored.get(page.key) ?? null, signal }, page)),
  );
  await rememberBrowser(deps, plan, gleaned);
  const lines = gleaned.flatMap(({ line }) => (line === undefined ? [] : [line, NEWLINE]));
  const ref = lines.length === 0 ? null : await blobs.put(Buffer.concat(lines));
  const unseen = known.unknown(input.jobId, foundPages(plan, gleaned));
  const judge = createLinkJudge(plan);
  const { queued, newHosts } = await ledger.extracted(input, {
    pages: gleaned.flatMap(({ mark }) => mark ?? []),
    ends: gleaned.flatMap(({ end }) => end ?? []),
    shells: gleaned.flatMap(({ isShell, page }) => (isShell === true ? [page.key] : [])),
    found: unseen.map((page) => judge.judge(page)),
  });
  known.remember(
    input.jobId,
    unseen.map(({ key }) => key),
  );
  return {
    pages: ref,
    count: lines.length / 2,
    toRender: gleaned.filter(({ isShell }) => isShell === true).length,
    toEmbed: deps.hasEmbedder && plan.settings.embed,
    queued,
    newHosts,
    unknownTemplates: unknownTemplates(gleaned),
    drifted: [],
  };
}

interface Gleaning {
  readonly deps: ExtractBatchDeps;
  readonly plan: CrawlPlan;
  readonly versionOf: (url: string) => Promise<Serving>;
  /** What an earlier visit stored of the page. */
  readonly stored: KnownDocument | null;
  readonly signal: AbortSignal;
}

interface Serving {
  readonly version: TemplateVersion | null;
  readonly isUnknown: boolean;
  readonly templateId: string;
  readonly shape: string;
}

async function gleanOne(run: Gleaning, page: LeasedPage): Promise<Gleaned> {
  const { deps, plan, stored, signal } = run;
  const { snapshot } = page;
  if (snapshot === null) return { page, links: [], end: ended(page, 'failed', 'internal', 'the page has no body') };
  const elapsedMs = startClock();
  const serving = await run.versionOf(snapshot.finalUrl);
  const isKnown = stored !== null && isMadeOf(stored, snapshot.body.hash, serving);
  try {
    const body = pageBody(snapshot, await deps.blobs.get(snapshot.body.hash));
    const maxChunkTokens = plan.settings.embed ? MAX_CHUNK_TOKENS : 0;
    const result = await deps.cpu.crawlPage({ body, version: serving.version, maxChunkTokens, wantsContent: !isKnown }, signal);
    return gleanedOf({ page, plan, serving, stored, extractMs: elapsedMs() }, result);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault) || (error.code !== 'PARSE_TIMEOUT' && error.code !== 'BLOB_MISSING')) throw error;
    return { page, links: [], end: { ...ended(page, 'failed', 'internal', error.message), code: error.code } };
  }
}

interface Facts {
  readonly page: LeasedPage;
  readonly plan: CrawlPlan;
  readonly serving: Serving;
  readonly stored: KnownDocument | null;
  readonly extractMs: number;
}

function gleanedOf({ page, plan, serving, stored, extractMs }: Facts, result: CrawlPageResult): Gleaned {
  const { links } = result;
  const { templateId, shape } = serving;
  if (result.kind === 'known')
    return { page, links, end: { ...ended(page, 'unchanged', null, null), documentId: stored?.documentId ?? '' } };
  if (result.kind === 'shell') {
    if (plan.settings.render !== 'never' && !page.needsBrowser) return { page, links, isShell: true };
    const why = page.needsBrowser ? 'no text, not even in the browser' : 'it is built by JavaScript and render is "never"';
    return { page, links, end: { ...ended(page, 'skipped', 'empty', why), code: 'EMPTY_CONTENT' } };
  }
  if (result.kind === 'empty') return { page, links, end: { ...ended(page, 'skipped', 'empty', result.detail), code: 'EMPTY_CONTENT' } };
  if (result.noindex) return { page, links, end: ended(page, 'skipped', 'noindex', 'the page asks not to be indexed') };
  const line = lineOf({ page, plan, extractMs }, result.record);
  const mark = { key: page.key, templateId, extractMs };
  return { page, links, line, mark, ...(serving.isUnknown ? { unknown: { templateId, shape } } : {}) };
}

function ended(page: LeasedPage, state: PageEnd['state'], reason: PageEnd['reason'], detail: string | null): PageEnd {
  return { key: page.key, state, reason, detail };
}

/** The thread's record with what only this side knows put before it: no page is parsed as JSON here. */
function lineOf({ page, plan, extractMs }: Pick<Facts, 'page' | 'plan' | 'extractMs'>, record: Uint8Array): Buffer {
  const { key, url, depth, snapshot, fetchMs } = page;
  const embedding: EmbeddingLabel = { mode: plan.settings.embed ? 'lexical' : 'none' };
  const head = JSON.stringify({ key, url, depth, snapshot, embedding, timingsMs: { fetch: fetchMs, extract: extractMs, embed: 0 } });
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},`), record.subarray(1)]);
}

/** Same body, made by what would make it today: extracting it again would give the same. */
function isMadeOf(stored: KnownDocument, bodyHash: string, { version }: Serving): boolean {
  return stored.snapshotHash === bodyHash && stored.templateVersion === (version?.version ?? null);
}

async function knownDocuments(
  ledger: CrawlLedger,
  plan: CrawlPlan,
  pages: readonly LeasedPage[],
): Promise<ReadonlyMap<string, KnownDocument>> {
  const found = await ledger.known(
    plan.ownerId,
    pages.map(({ key }) => key),
  );
  return new Map(found.map((document) => [document.key, document]));
}

/** Looks each template of the batch up once. */
function versionsOf(templates: TemplateStore): Gleaning['versionOf'] {
  const asked = new Map<string, Promise<Serving>>();
  return (url) => {
    const template = templateKeyOf(url);
    const { templateId, shape } = template;
    const known =
      asked.get(templateId) ??
      templates.find(template).then((state) => ({
        templateId,
        shape,
        version: state.kind === 'active' ? state.version : null,
        isUnknown: state.kind === 'unknown',
      }));
    asked.set(templateId, known);
    return known;
  };
}

function foundPages({ settings }: CrawlPlan, gleaned: readonly Gleaned[]): FoundPage[] {
  if (settings.sitemap === 'only') return [];
  return gleaned.flatMap(({ page, links }) => links.map(({ url, key }) => ({ url, key, depth: page.depth + 1, source: 'link' as const })));
}

/** Pages like those that only the browser could read are opened in it at once from now on; the start page always was. */
async function rememberBrowser({ memory }: ExtractBatchDeps, { settings }: CrawlPlan, gleaned: readonly Gleaned[]): Promise<void> {
  if (settings.render !== 'auto') return;
  const rendered = gleaned.filter(({ page, line }) => page.needsBrowser && page.depth > 0 && line !== undefined);
  const templates = new Map(rendered.map(({ page }) => templateKeyOf(page.url)).map((template) => [template.templateId, template]));
  for (const template of templates.values()) await memory.rememberBrowser(template);
}

function unknownTemplates(gleaned: readonly Gleaned[]): ExtractBatchOutcome['unknownTemplates'] {
  const counted = new Map<string, { templateId: string; shape: string; pages: number }>();
  for (const { unknown } of gleaned) {
    if (unknown === undefined) continue;
    const known = counted.get(unknown.templateId) ?? { ...unknown, shape: unknown.shape.slice(0, 200), pages: 0 };
    counted.set(unknown.templateId, { ...known, pages: known.pages + 1 });
  }
  return [...counted.values()].toSorted((a, b) => b.pages - a.pages).slice(0, 10);
}

/** Pages of a batch as they were written. Throws Fault BLOB_MISSING for what is none. */
export async function readBatch(blobs: BlobStore, hash: string): Promise<ExtractedBatchPage[]> {
  const text = Buffer.from(await blobs.get(hash)).toString('utf8');
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ExtractedBatchPage);
  } catch (cause) {
    throw new Fault('BLOB_MISSING', { detail: `The stored batch ${hash} is not what a stage wrote.`, cause });
  }
}
