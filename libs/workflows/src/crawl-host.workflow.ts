import { type BatchInput, type ExtractBatchOutcome, type FetchBatchOutcome, renderedBatch } from '@gleaner/domain';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CrawlHostInput,
  type CrawlHostOutcome,
  HOSTS_FOUND,
  HOST_RESTS,
  pauseHost,
  resumeHost,
  steerHost,
  wakeHost,
} from './crawl-contract.js';
import { type Lesson, learnInBackground } from './crawl-learning.js';
import { reportOf } from './failure.js';
import { CRAWL_LEARNING_TIMEOUT } from './policies.js';
import { StageGate } from './stage-gate.js';
import { steerTo, crawlStages as stages } from './stages.js';
import { Story } from './story.js';
import { together } from './together.js';

/** Batches of a host that run side by side: enough that fetching, extracting and storing overlap. */
const MOST_BATCHES = 6;
/** A host that wants a pause between requests is served by few: pages that wait their turn are better left in the frontier. */
const MOST_PACED_BATCHES = 2;
const MIN_PAGES = 8;
const MAX_PAGES = 40;
/** Pages after which a template is learned while the crawl goes on, and with which it is tried at the end. */
const GOOD_SAMPLES = 6;
const FEWEST_SAMPLES = 3;
const MOST_TEMPLATES = 100;
/** A batch of a paced host should not take longer. */
const PACED_BATCH_MS = 15_000;
/** The shortest wait for what is due later: what the ledger calls due now is not asked for in a circle. */
const MIN_WAIT_MS = 100;

/** All pages of one host of one crawl: batches from the frontier go through the stages until nothing is left. */
export async function crawlHost(input: CrawlHostInput): Promise<CrawlHostOutcome> {
  const host = new HostCrawl(input);
  await host.run();
  if (host.isDone) return { batches: host.carried().batches ?? 0 };
  await condition(allHandlersFinished);
  return continueAsNew<typeof crawlHost>({ ...input, ...host.carried() });
}

class HostCrawl {
  private readonly story = new Story();
  private readonly running = new Set<Promise<void>>();
  private readonly learning: Set<string>;
  private batches: number;
  private intervalMs: number;
  /** Pages that wait, as the ledger last said. */
  private queued = 1;
  private dueAtMs: number | null = null;
  /** Pages were taken since the ledger last said what waits: some of them may have gone back. */
  private mayHaveMore = false;
  private pause: number;
  private resumed: number;
  private readonly gate = new StageGate(() => this.isPaused);
  private failure: unknown = null;
  private news = 0;
  private priority: number | undefined;
  /** Pages of templates that are not known, by template. */
  private readonly unknown = new Map<string, number>();
  private readonly shapes = new Map<string, string>();
  /** Learnings that do not run by themselves yet, and all that are not over. */
  private readonly beginning = new Set<Promise<Lesson>>();
  private readonly lessons = new Set<Promise<void>>();
  isDone = false;

  constructor(private readonly input: CrawlHostInput) {
    this.batches = input.batches ?? 0;
    this.intervalMs = input.intervalMs ?? 0;
    this.learning = new Set(input.learning ?? []);
    this.pause = input.pause ?? 0;
    this.resumed = input.resumed ?? 0;
    this.priority = input.priority;
    if (input.priority !== undefined) steerTo(input.priority);
    setHandler(pauseHost, ({ pause }) => {
      this.pause = Math.max(this.pause, pause);
      this.news++;
    });
    setHandler(resumeHost, ({ pause }) => {
      this.resumed = Math.max(this.resumed, pause);
      this.news++;
    });
    setHandler(wakeHost, () => {
      this.queued = Math.max(1, this.queued);
      this.news++;
    });
    setHandler(steerHost, ({ priority }) => {
      this.priority = priority;
      steerTo(priority);
    });
  }

  carried(): Omit<CrawlHostInput, 'jobId' | 'ownerId' | 'host'> {
    const { batches, intervalMs, pause, resumed, priority } = this;
    return { batches, intervalMs, pause, resumed, learning: [...this.learning], ...(priority === undefined ? {} : { priority }) };
  }

  private get isPaused(): boolean {
    return this.pause > this.resumed;
  }

  /** Ends when nothing is left, or when the history has become long and no batch runs. Throws what ended a batch. */
  async run(): Promise<void> {
    this.watchPause().catch(() => undefined); // it ends with the workflow
    try {
      while (!workflowInfo().continueAsNewSuggested) {
        if (this.failure !== null) throw this.failure as Error;
        while (!this.isPaused && this.queued > 0 && this.running.size < this.mostBatches) this.start();
        if (this.running.size > 0) await this.next();
        else if (this.isPaused) await condition(() => !this.isPaused);
        else if (!(await this.hasMore())) break;
      }
    } finally {
      // Batches that run write to the ledger: nobody says that this host is done before they are.
      await Promise.allSettled(this.running);
    }
    if (this.failure !== null) throw this.failure as Error;
    if (this.isDone) await this.finishLessons();
    // What the next run is told to be under way must be.
    await Promise.all(this.beginning);
  }

  /** Says of every pause when no stage runs any more. */
  private async watchPause(): Promise<void> {
    for (let told = 0; ;) {
      await condition(() => this.isPaused && this.pause > told && this.gate.isIdle);
      told = this.pause;
      await this.tellParent(HOST_RESTS, { host: this.input.host, pause: told });
    }
  }

  private async finishLessons(): Promise<void> {
    for (const [templateId, shape] of this.shapes)
      if ((this.unknown.get(templateId) ?? 0) >= FEWEST_SAMPLES && !this.learning.has(templateId)) this.teach(templateId, shape);
    if (this.lessons.size > 0) await Promise.race([Promise.all(this.lessons), sleep(CRAWL_LEARNING_TIMEOUT)]);
  }

  private get mostBatches(): number {
    return this.intervalMs > 0 ? MOST_PACED_BATCHES : MOST_BATCHES;
  }

  /** Waits until a batch or a signal has something to tell; false when nothing came in time. */
  private async next(timeoutMs?: number): Promise<boolean> {
    const seen = this.news;
    const isNews = (): boolean => this.news > seen;
    if (timeoutMs !== undefined) return condition(isNews, timeoutMs);
    await condition(isNews);
    return true;
  }

  /** Nothing runs and nothing is known to be due: asks the ledger again, waits for what is due later; false when there is nothing at all. */
  private async hasMore(): Promise<boolean> {
    if (this.queued > 0) return true;
    if (this.mayHaveMore) {
      this.mayHaveMore = false;
    } else {
      if (this.dueAtMs === null) {
        this.isDone = true;
        return false;
      }
      if (await this.next(Math.max(this.dueAtMs - Date.now(), MIN_WAIT_MS))) return true;
      this.dueAtMs = null;
    }
    this.queued = 1;
    return true;
  }

  private start(): void {
    const free = this.mostBatches - this.running.size;
    const share = Math.ceil(this.queued / free);
    const most = this.intervalMs > 0 ? Math.max(1, Math.min(MAX_PAGES, Math.floor(PACED_BATCH_MS / this.intervalMs))) : MAX_PAGES;
    const size = Math.min(most, Math.max(MIN_PAGES, share));
    // What the batch takes does not wait any more; the ledger corrects it as soon as it answers.
    this.queued = Math.max(0, this.queued - size);
    const batch: BatchInput = { jobId: this.input.jobId, host: this.input.host, batch: `${this.input.host}#${++this.batches}` };
    const work = this.work(batch, size)
      .catch((error: unknown) => this.abandon(batch, error))
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.running.delete(work);
        this.news++;
      });
    this.running.add(work);
  }

  private async work(batch: BatchInput, size: number): Promise<void> {
    const fetched = await this.gate.run(() => stages.fetch.fetchBatch({ ...batch, size }));
    this.learn(fetched);
    const rendering = fetched.toRender > 0 ? this.render(batch) : Promise.resolve();
    await together([rendering, fetched.fetched > 0 ? this.extractAndStore(batch, rendering) : undefined]);
  }

  /** A stage that cannot cope with a batch fails its pages, not the crawl. */
  private async abandon(batch: BatchInput, error: unknown): Promise<void> {
    if (isCancellation(error)) throw error;
    const { code, detail } = reportOf(error);
    this.story.tell(`batch ${batch.batch} failed: ${code}, ${detail}`);
    await this.gate.run(() => stages.store.abandonBatch({ ...batch, code, detail }));
  }

  private learn({ leased, queued, dueInMs, intervalMs }: FetchBatchOutcome): void {
    if (leased > 0) {
      this.mayHaveMore = true;
      // Who got no page, or only such with a body, asked nothing of the host, and knows no interval.
      this.intervalMs = intervalMs ?? this.intervalMs;
    }
    this.dueAtMs = dueInMs === null ? null : Date.now() + dueInMs;
    // Nothing was due: what waits is due later, and asking again at once would give the same.
    this.queued = leased === 0 && dueInMs !== null ? 0 : queued;
    this.news++;
  }

  private async render({ batch, ...rest }: BatchInput): Promise<void> {
    const again = { ...rest, batch: renderedBatch(batch) };
    const { fetched } = await this.gate.run(() => stages.browser.renderBatch(again));
    if (fetched > 0) await this.extractAndStore(again);
  }

  /** `rendering`: pages of the batch that are in the browser already; empty shells follow them, so that no page is there twice. */
  private async extractAndStore(batch: BatchInput, rendering: Promise<void> = Promise.resolve()): Promise<void> {
    const extracted = await this.gate.run(() => stages.extract.extractBatch(batch));
    this.queued = Math.max(this.queued, extracted.queued);
    this.news++;
    await this.tellHosts(extracted);
    this.learnTemplates(extracted);
    await together([
      extracted.toRender > 0 ? rendering.then(() => this.render(batch)) : undefined,
      extracted.pages.length === 0 ? undefined : this.embedAndStore(batch, extracted),
    ]);
  }

  private async embedAndStore(batch: BatchInput, { toEmbed, count, pages: extracted }: ExtractBatchOutcome): Promise<void> {
    const { pages } = toEmbed ? await this.gate.run(() => stages.embed.embedBatch({ ...batch, pages: extracted })) : { pages: extracted };
    const { stored, queued } = await this.gate.run(() => stages.store.storeBatch({ ...batch, ownerId: this.input.ownerId, pages }));
    this.queued = Math.max(this.queued, queued);
    this.story.tell(`batch ${batch.batch}: ${stored} of ${count} pages stored, ${queued} wait`);
  }

  /** New hosts are crawled beside this one. */
  private async tellHosts({ newHosts }: ExtractBatchOutcome): Promise<void> {
    const others = newHosts.filter((host) => host !== this.input.host);
    // The parent looks into the ledger itself before it ends: a signal that is lost costs time, never a page.
    if (others.length > 0) await this.tellParent(HOSTS_FOUND, { hosts: others });
  }

  private async tellParent(signal: string, news: object): Promise<void> {
    const parent = workflowInfo().parent;
    if (parent === undefined) return;
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(signal, news)
      .catch((error: unknown) => {
        if (isCancellation(error)) throw error;
      });
  }

  private learnTemplates({ unknownTemplates, drifted }: ExtractBatchOutcome): void {
    // Each is told once, by the batch that took the version out of service.
    for (const { templateId, shape } of drifted) this.teach(templateId, shape);
    for (const { templateId, shape, pages } of unknownTemplates) {
      const total = (this.unknown.get(templateId) ?? 0) + pages;
      if (this.unknown.size < MOST_TEMPLATES || this.unknown.has(templateId)) {
        this.unknown.set(templateId, total);
        this.shapes.set(templateId, shape);
      }
      if (total >= GOOD_SAMPLES && !this.learning.has(templateId) && this.learning.size < MOST_TEMPLATES) this.teach(templateId, shape);
    }
  }

  private teach(templateId: string, shape: string): void {
    this.learning.add(templateId);
    const begun = learnInBackground({ ...this.input, templateId, shape, gate: this.gate }).finally(() => this.beginning.delete(begun));
    this.beginning.add(begun);
    const lesson = begun.then(({ end }) => end).finally(() => this.lessons.delete(lesson));
    this.lessons.add(lesson);
  }
}
