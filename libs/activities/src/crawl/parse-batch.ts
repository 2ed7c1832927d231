import type { BlobStore, CrawlPlan, LeasedPage, WantedField } from '@gleaner/domain';
import { askedKeyOf } from '@gleaner/extraction';
import type { CpuTasks } from '../cpu/cpu-tasks.js';
import { madeOnce } from '../runtime/activity-progress.js';
import type { CrawlPageInput } from './crawl-page.js';
import { type ExtractedPages, extractPages } from './extract-pages.js';
import { type Serving, type ServingDeps, servingsOf } from './page-servings.js';

export interface ParseDeps extends ServingDeps {
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

/** What the threads made of a batch, with what served each page. */
export interface ParsedBatch extends ExtractedPages {
  readonly servings: ReadonlyMap<string, Serving>;
}

/** The usual window of small embedding models, and short enough to cite. */
const MAX_CHUNK_TOKENS = 256;

/**
 * Parses the pages of a batch. Where a model is going to be asked, the next attempt goes on from what this one parsed: a template that
 * was learned meanwhile would make another question of each page, and that is another charge.
 */
export async function parseBatch(deps: ParseDeps, batch: BatchToParse, signal: AbortSignal): Promise<ParsedBatch> {
  const make = (): Promise<PlainBatch> => parse(deps, batch, signal);
  const { servings, ...extracted } = await madeOnce(deps.blobs, make, ({ results }) => results.some(({ toAsk }) => toAsk !== null));
  return { ...extracted, servings: new Map(servings) };
}

interface PlainBatch extends ExtractedPages {
  readonly servings: readonly (readonly [key: string, serving: Serving])[];
}

async function parse(deps: ParseDeps, { plan, pages, wanted, hasModel }: BatchToParse, signal: AbortSignal): Promise<PlainBatch> {
  const { embed } = plan.settings;
  const servings = await servingsOf(deps, plan, pages, { key: wanted === null ? null : askedKeyOf(wanted), hasModel });
  const extracted = await extractPages(
    deps.cpu,
    {
      pages: pages.flatMap((page) => inputOf(page, servings.get(page.key))),
      maxChunkTokens: embed ? MAX_CHUNK_TOKENS : 0,
      embedding: { mode: embed ? 'lexical' : 'none' },
      ...(wanted === null ? {} : { asked: { wanted, hasModel } }),
    },
    signal,
  );
  return { ...extracted, servings: [...servings] };
}

function inputOf(page: LeasedPage, serving: Serving | undefined): CrawlPageInput[] {
  const { key, url, depth, fetchMs, snapshot } = page;
  if (snapshot === null || serving === undefined) return [];
  return [{ key, url, depth, fetchMs, snapshot, version: serving.version, wantsContent: serving.sameAs === null }];
}
