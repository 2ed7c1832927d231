import {
  type CrawlChange,
  type CrawlEnd,
  type CrawlInput,
  type JobResult,
  type OpenedCrawl,
  failureReport,
  isErrorCode,
} from '@gleaner/domain';
import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  type ChildWorkflowHandle,
  allHandlersFinished,
  condition,
  defineUpdate,
  isCancellation,
  setHandler,
  sleep,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { CHANGE_CRAWL, type JobWorkflowInput, SEARCH_ATTRIBUTES, WORKFLOW_QUEUE } from './contract.js';
import { crawlHostId, hostRests, hostsFound, pauseHost, resumeHost, steerHost, wakeHost } from './crawl-contract.js';
import type { crawlHost } from './crawl-host.workflow.js';
import { PageRefused, PausedTooLong, reportOf } from './failure.js';
import { CRAWL_STOPS_WITHIN, PAUSE_SETTLES_WITHIN } from './policies.js';
import type { JobGate } from './pause.js';
import { type JobRun, runJob } from './run-job.js';
import { StageGate } from './stage-gate.js';
import { crawlStages as stages } from './stages.js';
import type { Story } from './story.js';

const changeCrawl = defineUpdate<void, [CrawlChange]>(CHANGE_CRAWL);

/** Hosts of one crawl that are served at once. */
const MOST_HOSTS = 20;
/** Looks into the ledger for what was not told; one is enough unless pages come back or messages are lost. */
const MOST_LOOKS = 100;

type Host = ChildWorkflowHandle<typeof crawlHost>;

/** A whole site: sitemaps and start page into the frontier, a workflow for each host, and the end when nothing is left. */
export async function crawlSite(job: JobWorkflowInput): Promise<JobResult> {
  // Before anything else: messages may come with the start.
  const site = new SiteCrawl(job);
  return runJob(job, (run) => site.crawl(run), { isCrawl: true });
}

class SiteCrawl {
  private readonly waiting: string[] = [];
  private readonly running = new Map<string, Host>();
  /** Batches that hosts had which ended: a host may come again. */
  private readonly batches = new Map<string, number>();
  /** The number of the last pause, and in which each host said that it rests. */
  private pauses = 0;
  private readonly resting = new Map<string, number>();
  private isPaused = false;
  private readonly gate = new StageGate(() => this.isPaused);
  private failure: unknown = null;
  private isOpen = false;
  private isEnding = false;
  private isLate = false;
  private priority: number | undefined;
  private readonly work = new CancellationScope();

  constructor(private readonly job: JobWorkflowInput) {
    setHandler(hostsFound, ({ hosts }) => this.add(hosts));
    setHandler(hostRests, ({ host, pause }) => void this.resting.set(host, Math.max(pause, this.resting.get(host) ?? 0)));
    setHandler(changeCrawl, (change) => this.change(change), {
      validator: (_change: CrawlChange) => {
        if (this.isEnding) throw tooLate();
      },
    });
  }

  async crawl({ gate, story }: JobRun): Promise<JobResult> {
    const { deadlineSeconds } = this.job.input as CrawlInput;
    this.priority = gate.priority;
    gate.onSteer = (priority) => this.steer(priority);
    this.isPaused = gate.isClosed;
    const watch = new CancellationScope();
    if (deadlineSeconds !== undefined) void watch.run(() => this.endAt(deadlineSeconds * 1_000)).catch(() => undefined);
    void watch.run(() => this.watchPause(gate)).catch((error: unknown) => this.stop(error));
    let end: CrawlEnd = 'limit';
    let cause: unknown = null;
    try {
      await this.work.run(() => this.crawlHosts(story));
    } catch (error) {
      cause = this.failure ?? error;
      end = this.isLate ? 'deadline' : isCancellation(cause) || cause instanceof PausedTooLong ? 'cancelled' : 'failed';
    }
    this.isEnding = true;
    watch.cancel();
    return CancellationScope.nonCancellable(() => this.finish(end, cause, story));
  }

  private async crawlHosts(story: Story): Promise<void> {
    const opened = await this.look();
    this.isOpen = true;
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'crawl' }]);
    const sitemaps = opened.sitemap === 'skip' ? Promise.resolve() : this.readSitemaps(story);
    sitemaps.catch(() => undefined); // awaited below, unless the crawl is cancelled meanwhile
    if (opened.sitemap === 'only') await sitemaps;
    this.add(opened.hosts);
    await this.serve();
    await sitemaps;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      await this.serve();
      await condition(() => !this.isPaused && allHandlersFinished());
      // What signals did not tell, the ledger does; a look that brings nothing new is the last one.
      this.add((await this.look()).hosts);
      if (this.waiting.length === 0 && !this.isPaused && allHandlersFinished()) return;
    }
  }

  private look(): Promise<OpenedCrawl> {
    return this.gate.run(() => stages.store.openCrawl({ jobId: this.job.jobId }));
  }

  private async readSitemaps(story: Story): Promise<void> {
    try {
      for (let isCut = true; isCut;) {
        const outcome = await this.gate.run(() => stages.fetch.readSitemaps({ jobId: this.job.jobId }));
        // Cut by a pause: the gate opens when that is over.
        isCut = outcome.isCut ?? false;
        story.tell(`${outcome.pages} pages in sitemaps`);
        this.add(outcome.newHosts);
        await this.tellHosts((host) => host.signal(wakeHost));
      }
    } catch (error) {
      if (isCancellation(error)) throw error;
      story.tell('the sitemaps could not be read: links alone lead on');
    }
  }

  private add(hosts: readonly string[]): void {
    for (const host of hosts) if (!this.running.has(host) && !this.waiting.includes(host)) this.waiting.push(host);
  }

  /** Serves hosts until none waits and none runs. */
  private async serve(): Promise<void> {
    for (;;) {
      await condition(() => this.failure !== null || this.hasTurn || this.running.size + this.waiting.length === 0);
      if (this.failure !== null) throw this.failure as Error;
      if (!this.hasTurn) return;
      await this.gate.run(() => this.start(this.waiting.shift() ?? ''));
    }
  }

  /** A host waits and may be started. */
  private get hasTurn(): boolean {
    return !this.isPaused && this.waiting.length > 0 && this.running.size < MOST_HOSTS;
  }

  private async start(host: string): Promise<void> {
    const { jobId, ownerId } = this.job;
    const { priority } = this;
    const child = await startChild<typeof crawlHost>('crawlHost', {
      workflowId: crawlHostId(jobId, host),
      taskQueue: WORKFLOW_QUEUE,
      args: [{ jobId, ownerId, host, batches: this.batches.get(host) ?? 0, ...(priority === undefined ? {} : { priority }) }],
      staticSummary: `Pages of ${host}`,
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.site, value: host }],
    });
    this.running.set(host, child);
    void this.follow(host, child);
    // Nobody could tell it while it was being started.
    if (this.isPaused) await tell(child.signal(pauseHost, { pause: this.pauses }));
    if (this.priority !== undefined && this.priority !== priority) await tell(child.signal(steerHost, { priority: this.priority }));
  }

  private async follow(host: string, child: ChildWorkflowHandle<typeof crawlHost>): Promise<void> {
    try {
      const { batches } = await child.result();
      this.batches.set(host, batches);
      this.running.delete(host);
    } catch (error) {
      this.running.delete(host);
      this.stop(error);
    }
  }

  /** The first failure ends the crawl; what is stored stays. */
  private stop(error: unknown): void {
    if (this.isEnding) return;
    this.failure ??= error;
    this.work.cancel();
  }

  private async endAt(deadlineMs: number): Promise<void> {
    await sleep(deadlineMs);
    this.isLate = this.failure === null;
    this.stop(new PageRefused(failureReport('DEADLINE_EXCEEDED', `It took longer than its deadline of ${deadlineMs / 1_000} s.`)));
  }

  /** Pauses the hosts first, and says that the job is paused when their stages have ended. */
  private async watchPause(gate: JobGate): Promise<void> {
    for (;;) {
      await condition(() => gate.isClosed);
      this.isPaused = true;
      const pause = ++this.pauses;
      await this.tellHosts((host) => host.signal(pauseHost, { pause }));
      await condition(() => !gate.isClosed || this.areResting(pause), PAUSE_SETTLES_WITHIN);
      await gate.pass();
      this.isPaused = false;
      await this.tellHosts((host) => host.signal(resumeHost, { pause }));
    }
  }

  private areResting(pause: number): boolean {
    return this.gate.isIdle && [...this.running.keys()].every((host) => this.resting.get(host) === pause);
  }

  private async change(change: CrawlChange): Promise<void> {
    await condition(() => this.isOpen || this.isEnding);
    if (this.isEnding) throw tooLate();
    await stages.store.changeCrawl({ jobId: this.job.jobId, change });
    this.add((await stages.store.openCrawl({ jobId: this.job.jobId })).hosts);
    await this.tellHosts((host) => host.signal(wakeHost));
  }

  private steer(priority: number): void {
    this.priority = priority;
    void this.tellHosts((host) => host.signal(steerHost, { priority })).catch(() => undefined); // the crawl was cancelled
  }

  private async tellHosts(message: (host: Host) => Promise<void>): Promise<void> {
    await Promise.all([...this.running.values()].map((host) => tell(message(host))));
  }

  /** Nothing is left open in the ledger; the job has failed when no page at all can be read. */
  private async finish(end: CrawlEnd, cause: unknown, story: Story): Promise<JobResult> {
    // Batches that were cancelled write what they have; what ends after this finds every page ended.
    await condition(() => this.running.size === 0 && this.gate.isIdle && allHandlersFinished(), CRAWL_STOPS_WITHIN);
    const { pages, failure, incomplete } = await stages.store.finishCrawl({ jobId: this.job.jobId, end }).catch((error: unknown) => {
      if (cause === null) throw error;
      story.tell(`the ledger could not be ended: ${reportOf(error).code}`);
      return { pages: 0, failure: null, incomplete: undefined };
    });
    story.tell(`${pages} pages can be read`);
    if (cause !== null) throw cause as Error;
    if (failure === null) return { pages, ...(incomplete === undefined ? {} : { incomplete }) };
    throw new PageRefused(failureReport(isErrorCode(failure.code) ? failure.code : 'EMPTY_CONTENT', failure.detail));
  }
}

/** A host that ends at this moment needs to hear nothing. */
async function tell(message: Promise<void>): Promise<void> {
  await message.catch((error: unknown) => {
    if (isCancellation(error)) throw error;
  });
}

function tooLate(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('The crawl is ending: nothing can be changed any more.', 'CONFLICT');
}
