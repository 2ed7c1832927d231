/** The stages of a crawl over a ledger in memory, as far as its workflows can tell; what happens at a stage a test decides. */
import {
  type BatchInput,
  type CrawlBrowserActivities,
  type CrawlChange,
  type CrawlEmbedActivities,
  type CrawlExtractActivities,
  type CrawlFetchActivities,
  type CrawlStoreActivities,
  type JobActivities,
  type LearnActivities,
  type Queue,
  renderedBatch,
} from '@gleaner/domain';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { snapshotOf } from './stub-stages.js';

type Stages = CrawlFetchActivities &
  CrawlBrowserActivities &
  CrawlExtractActivities &
  CrawlEmbedActivities &
  CrawlStoreActivities &
  Pick<LearnActivities, 'pickSamples' | 'learnTemplate'> &
  Omit<JobActivities, 'findResumePoint'>;
export type StageName = keyof Stages;
/** `host` and `batch` where the stage has them; `end` of finishCrawl, `state` of finishJob. */
export interface StageInput extends Partial<BatchInput> {
  readonly end?: string;
  readonly state?: string;
  readonly change?: CrawlChange;
  readonly error?: { readonly code: string };
}

export interface StubPage {
  readonly host: string;
  /** Hosts that the page leads to: each gets a page. */
  readonly links?: readonly string[];
  /** Attempts that fail for now, and when the next is due. */
  readonly failsFirst?: { readonly times: number; readonly dueInMs: number };
  /** How it turns out that it needs the browser. */
  readonly scripted?: 'known' | 'shell';
  /** A template that nobody knows. */
  readonly template?: string;
}

interface Row {
  readonly page: StubPage;
  state: 'queued' | 'leased' | 'fetched' | 'extracted' | 'stored' | 'failed' | 'skipped';
  batch: string | null;
  dueAtMs: number;
  attempts: number;
  readonly went: string[];
}

export interface StageCall {
  readonly name: StageName;
  readonly input: StageInput;
  end: 'runs' | 'done' | 'failed' | 'cancelled';
}

const BLOB = { hash: `sha256:${'0'.repeat(64)}`, bytes: 100 };
const LOCAL: ReadonlySet<StageName> = new Set(['startJob', 'finishJob', 'pauseJob', 'resumeJob']);

export class StubCrawl {
  readonly rows: Row[] = [];
  readonly calls: StageCall[] = [];
  /** Least time between two requests, by host. */
  readonly intervals = new Map<string, number>();
  readonly learned: string[] = [];
  limit = 100_000;
  /** Pages that the sitemaps bring. */
  sitemap: readonly StubPage[] = [];
  /** How often a pause cuts their reading off. */
  sitemapCuts = 0;
  /** The ledger does not tell of new hosts: as if the signal were lost. */
  isSilent = false;
  private readonly hooks = new Map<StageName, (input: StageInput) => unknown>();

  constructor(pages: readonly StubPage[]) {
    this.put(pages);
  }

  /** Runs before the stage does anything; what it throws the stage throws. */
  on(name: StageName, hook: (input: StageInput) => unknown): this {
    this.hooks.set(name, hook);
    return this;
  }

  callsOf(name: StageName): readonly StageCall[] {
    return this.calls.filter((call) => call.name === name);
  }

  /** How many pages are in each state. */
  get states(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { state } of this.rows) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  put(pages: readonly StubPage[]): readonly string[] {
    const known = new Set(this.rows.map(({ page }) => page.host));
    for (const page of pages) this.rows.push({ page, state: 'queued', batch: null, dueAtMs: 0, attempts: 0, went: [] });
    return [...new Set(pages.map(({ host }) => host))].filter((host) => !known.has(host));
  }

  get byQueue(): Readonly<Record<Queue, object>> {
    const stages = (...names: readonly StageName[]): object => Object.fromEntries(names.map((name) => [name, this.stage(name)]));
    return {
      workflows: stages('startJob', 'finishJob', 'pauseJob', 'resumeJob'),
      fetch: stages('fetchBatch', 'readSitemaps'),
      browser: stages('renderBatch'),
      learn: stages('pickSamples', 'learnTemplate'),
      extract: stages('extractBatch'),
      embed: stages('embedBatch'),
      store: stages('openCrawl', 'storeBatch', 'abandonBatch', 'changeCrawl', 'finishCrawl'),
      analyze: {},
    };
  }

  /** As every stage of ours it heartbeats, which is how a cancellation reaches it. */
  private stage(name: StageName): (input: never) => Promise<unknown> {
    const stages: Stages = this.stages;
    return async (input) => {
      const call: StageCall = { name, input, end: 'runs' };
      this.calls.push(call);
      const context = Context.current();
      const beat = LOCAL.has(name) ? undefined : setInterval(() => context.heartbeat(), 100);
      try {
        await Promise.race([this.hooks.get(name)?.(input), context.cancelled]);
        const answer = await stages[name](input);
        call.end = 'done';
        return answer;
      } catch (error) {
        call.end = error instanceof CancelledFailure ? 'cancelled' : 'failed';
        throw error;
      } finally {
        clearInterval(beat);
      }
    };
  }

  private readonly stages: Stages = {
    startJob: async () => true,
    pauseJob: async () => {},
    resumeJob: async () => {},
    finishJob: async ({ state }) => state,
    openCrawl: async () => {
      const hosts = new Set(this.rows.filter(({ state }) => state === 'queued').map(({ page }) => page.host));
      return { hosts: this.room > 0 ? [...hosts] : [], sitemap: this.sitemap.length > 0 ? 'auto' : 'skip' };
    },
    readSitemaps: async () =>
      this.sitemapCuts-- > 0 ? { pages: 0, newHosts: [], isCut: true } : { pages: this.sitemap.length, newHosts: this.put(this.sitemap) },
    fetchBatch: async ({ batch, host, size }) => {
      const leased = this.lease(batch, host, size);
      const { queued, dueInMs } = this.waiting(host);
      for (const row of leased) this.fetch(row);
      const fetched = leased.filter(({ state }) => state === 'fetched').length;
      const toRender = leased.filter((row) => row.batch === renderedBatch(batch)).length;
      return {
        leased: leased.length,
        fetched,
        toRender,
        queued,
        dueInMs,
        intervalMs: leased.length > 0 ? (this.intervals.get(host) ?? 0) : null,
      };
    },
    renderBatch: async ({ batch }) => ({ fetched: this.move(batch, 'leased', 'fetched', 'render').length }),
    extractBatch: async ({ batch, host }) => {
      const all = this.rows.filter((row) => row.batch === batch && row.state === 'fetched');
      const shells = all.filter(({ page, went }) => page.scripted === 'shell' && !went.includes('render'));
      for (const row of shells) Object.assign(row, { state: 'leased', batch: renderedBatch(batch) });
      const moved = this.move(batch, 'fetched', 'extracted', 'extract');
      const newHosts = this.put(moved.flatMap(({ page }) => (page.links ?? []).map((link) => ({ host: link }))));
      const templates = moved.flatMap(({ page }) => (page.template === undefined ? [] : [page.template]));
      return {
        pages: moved.length > 0 ? [BLOB] : [],
        count: moved.length,
        toRender: shells.length,
        queued: this.waiting(host).queued,
        newHosts: this.isSilent ? [] : newHosts,
        toEmbed: true,
        unknownTemplates: [...new Set(templates)].map((templateId) => ({
          templateId,
          shape: '/news/*',
          pages: templates.filter((template) => template === templateId).length,
        })),
        drifted: [],
      };
    },
    embedBatch: async ({ pages }) => ({ pages }),
    storeBatch: async ({ batch, host }) => ({
      stored: this.move(batch, 'extracted', 'stored', 'store').length,
      queued: this.waiting(host).queued,
    }),
    abandonBatch: async ({ batch }) => {
      for (const row of this.rows) if (this.isOpen(row) && [batch, renderedBatch(batch)].includes(row.batch ?? '')) row.state = 'failed';
    },
    changeCrawl: async ({ change }) => {
      if (change.limit !== undefined) this.limit = change.limit;
    },
    finishCrawl: async () => {
      for (const row of this.rows) if (row.state === 'queued' || this.isOpen(row)) row.state = 'skipped';
      const pages = this.states['stored'] ?? 0;
      return { pages, failure: pages > 0 ? null : { code: 'HTTP_404', detail: 'the start page answered 404' } };
    },
    pickSamples: async ({ max }) => Array.from({ length: Math.min(max, 6) }, (_, page) => snapshotOf(`https://example.com/news/${page}`)),
    learnTemplate: async ({ template }) => {
      this.learned.push(template.templateId);
      return { kind: 'learned', version: 1, scores: { mean: 1, min: 1, pagesLearned: 4, pagesHeldOut: 2 }, durationMs: 1 };
    },
  };

  private isOpen({ state }: Row): boolean {
    return state === 'leased' || state === 'fetched' || state === 'extracted';
  }

  private get room(): number {
    return this.limit - this.rows.filter((row) => this.isOpen(row) || row.state === 'stored').length;
  }

  private lease(batch: string, host: string, size: number): readonly Row[] {
    const mine = this.rows.filter((row) => row.batch === batch && this.isOpen(row));
    if (mine.length > 0) return mine;
    const due = this.rows.filter(({ page, state, dueAtMs }) => page.host === host && state === 'queued' && dueAtMs <= Date.now());
    const taken = due.slice(0, Math.max(0, Math.min(size, this.room)));
    for (const row of taken) Object.assign(row, { state: 'leased', batch });
    return taken;
  }

  private waiting(host: string): { readonly queued: number; readonly dueInMs: number | null } {
    const { room } = this;
    const rows = this.rows.filter(({ page, state }) => page.host === host && state === 'queued').slice(0, Math.min(400, Math.max(0, room)));
    const dueInMs = Math.min(...rows.map(({ dueAtMs }) => dueAtMs)) - Date.now();
    return { queued: rows.length, dueInMs: rows.length > 0 && dueInMs > 0 ? Math.ceil(dueInMs) : null };
  }

  private fetch(row: Row): void {
    const { failsFirst, scripted } = row.page;
    row.attempts++;
    if (failsFirst !== undefined && row.attempts <= failsFirst.times)
      Object.assign(row, { state: 'queued', batch: null, dueAtMs: Date.now() + failsFirst.dueInMs });
    else if (scripted === 'known') row.batch = renderedBatch(row.batch ?? '');
    else {
      row.state = 'fetched';
      row.went.push('fetch');
    }
  }

  private move(batch: string, from: Row['state'], to: Row['state'], stage: string): readonly Row[] {
    const moved = this.rows.filter((row) => row.batch === batch && row.state === from);
    for (const row of moved) {
      row.state = to;
      row.went.push(stage);
    }
    return moved;
  }
}

export function pagesOf(host: string, count: number, more: Omit<StubPage, 'host'> = {}): readonly StubPage[] {
  return Array.from({ length: count }, () => ({ host, ...more }));
}
