import type { BlobStore, CrawlPlan, LeasedPage, WantedField } from '@gleaner/domain';
import { askedKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { madeOnce } from '../runtime/activity-progress.js';
import type { CrawlPageInput } from './crawl-page.js';
import { type ExtractedPages, extractPages } from './extract-pages.js';
import { type Choice, type ChoiceDeps, choicesOf } from './page-choices.js';

export interface ParseDeps extends ChoiceDeps {
  readonly blobs: BlobStore;
  readonly cpu: Pick<CpuTasks, 'crawlPages'>;
}

export interface BatchToParse {
  readonly plan: CrawlPlan;
  readonly pages: readonly LeasedPage[];
  /** Null where the crawl asks for nothing. */
  readonly wanted: readonly WantedField[] | null;
  readonly hasModel: boolean;
}

/** What the threads made of a batch, with what could serve each page. */
export interface ParsedBatch extends ExtractedPages {
  readonly choices: ReadonlyMap<string, Choice>;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

/**
 * Parses the pages of a batch. Where a model is going to be asked, the next attempt goes on from what this one parsed: a template that
 * was learned meanwhile would make another question of each page, and that is another charge.
 */
export async function parseBatch(deps: ParseDeps, batch: BatchToParse, signal: AbortSignal): Promise<ParsedBatch> {
  const make = (): Promise<PlainBatch> => parse(deps, batch, signal);
  const isToAsk = ({ results }: PlainBatch): boolean => results.some(({ toAsk }) => toAsk !== null);
  const { shapes, choices, ...extracted } =
    batch.wanted !== null && batch.hasModel ? await madeOnce(deps.blobs, make, isToAsk) : await make();
  const templates = new Map(shapes);
  return {
    ...extracted,
    choices: new Map(choices.map(([key, choice]) => [key, { ...choice, templates: templates.get(choice.shape.templateId) ?? [] }])),
  };
}

/** Plain data; the templates of a shape stand there once for all of its pages. */
interface PlainBatch extends ExtractedPages {
  readonly shapes: readonly (readonly [shapeId: string, templates: Choice['templates']])[];
  readonly choices: readonly (readonly [key: string, choice: Omit<Choice, 'templates'>])[];
}

async function parse(deps: ParseDeps, { plan, pages, wanted, hasModel }: BatchToParse, signal: AbortSignal): Promise<PlainBatch> {
  const { embed } = plan.settings;
  const choices = await choicesOf(deps, plan, pages, { key: wanted === null ? null : askedKeyOf(wanted), hasModel });
  const extracted = await extractPages(
    deps.cpu,
    {
      pages: pages.flatMap((page) => inputOf(page, choices.get(page.key))),
      maxChunkTokens: embed ? MAX_CHUNK_TOKENS : 0,
      embedding: { mode: embed ? 'lexical' : 'none' },
      ...(wanted === null ? {} : { asked: { wanted, hasModel } }),
    },
    signal,
  );
  const all = [...choices];
  return {
    ...extracted,
    shapes: [...new Map(all.map(([, { shape, templates }]) => [shape.templateId, templates]))],
    choices: all.map(([key, { templates: _templates, ...choice }]) => [key, choice]),
  };
}

function inputOf(page: LeasedPage, choice: Choice | undefined): CrawlPageInput[] {
  const { key, url, depth, fetchMs, snapshot } = page;
  if (snapshot === null || choice === undefined) return [];
  const { templates, isSameBody, earlier } = choice;
  const input = { key, url, depth, fetchMs, snapshot, templates };
  if (earlier === null) return [input];
  const { title, contentHash, templateVersion } = earlier;
  return [{ ...input, earlier: { title, contentHash, templateVersion, isSameBody } }];
}
