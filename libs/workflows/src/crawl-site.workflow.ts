import { type CrawlChange, type CrawlEnd, type CrawlInput, type JobResult, failureReport, isErrorCode } from '@gleaner/domain';
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
import { PageRefused } from './failure.js';
import { PAUSE_SETTLES_WITHIN } from './policies.js';
import { type JobRun, runJob } from './run-job.js';
import { crawlStages as stages } from './stages.js';

const changeCrawl = defineUpdate<void, [CrawlChange]>(CHANGE_CRAWL);

/** Hosts of one crawl that are served at once. */
const MOST_HOSTS = 20;

/** A whole site: sitemaps and start page into the frontier, a workflow for each host, and the end when nothing is left. */
export async function crawlSite(job: JobWorkflowInput): Promise<JobResult> {
  return runJob(job, (run) => new SiteCrawl(job, run).crawl(), { isCrawl: true });
}

class SiteCrawl {
  private readonly waiting: string[] = [];
  private readonly running = new Map<string, ChildWorkflowHandle<typeof crawlHost>>();
  private readonly resting = new Set<string>();
  private failure: unknown = null;
  private isEnding = false;
  private isLate = false;
  private priority: number | undefined;
  private readonly work = new CancellationScope();

  constructor(
    private readonly job: JobWorkflowInput,
    private readonly run: JobRun,
  ) {
    setHandler(hostsFound, ({ hosts }) => this.add(hosts));
    setHandler(hostRests, ({ host }) => void this.resting.add(host));
    setHandler(changeCrawl, (change) => this.change(change), {
      validator: (_change: CrawlChange) => {
        if (this.isEnding) throw new Error('The crawl is ending: nothing can be changed any more.');
      },
    });
    run.gate.onSteer = (priority) => {
      this.priority = priority;
      void this.tellHosts((host) => host.signal(steerHost, { priority }));
    };
  }

  async crawl(): Promise<JobResult> {
    const { deadlineSeconds } = this.job.input as CrawlInput;
    const watch = new CancellationScope();
    if (deadlineSeconds !== undefined) void watch.run(() => this.endAt(deadlineSeconds * 1_000)).catch(() => undefined);
    void watch.run(() => this.watchPause()).catch((error: unknown) => this.stop(error));
    let end: CrawlEnd = 'limit';
    let cause: unknown = null;
    try {
      await this.work.run(() => this.crawlHosts());
    } catch (error) {
      cause = this.failure ?? error;
      end = this.isLate ? 'deadline' : isCancellation(cause) ? 'cancelled' : 'failed';
    }
    watch.cancel();
    return CancellationScope.nonCancellable(() => this.finish(end, cause));
  }

  private async crawlHosts(): Promise<void> {
    const { jobId } = this.job;
    const opened = await stages.store.openCrawl({ jobId });
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.stage, value: 'crawl' }]);
    const sitemaps = opened.sitemap === 'skip' ? null : this.readSitemaps();
    if (opened.sitemap === 'only') await sitemaps;
    this.add(opened.hosts);
    await this.serve();
    await sitemaps;
    await this.serve();
    // What signals did not tell, the ledger does; a turn that brings nothing new is the last one.
    for (let left = await this.left(); left.length > 0 && this.failure === null; left = await this.left()) {
      this.add(left);
      await this.serve();
    }
    this.isEnding = true;
    await condition(allHandlersFinished);
  }

  private async left(): Promise<readonly string[]> {
    return (await stages.store.openCrawl({ jobId: this.job.jobId })).hosts;
  }

  private async readSitemaps(): Promise<void> {
    try {
      const { pages, newHosts } = await stages.fetch.readSitemaps({ jobId: this.job.jobId });
      this.run.story.tell(`${pages} pages in sitemaps`);
      this.add(newHosts);
      await this.tellHosts((host) => host.signal(wakeHost));
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.run.story.tell('the sitemaps could not be read: links alone lead on');
    }
  }

  private add(hosts: readonly string[]): void {
    for (const host of hosts) if (!this.running.has(host) && !this.waiting.includes(host)) this.waiting.push(host);
  }

  /** Serves hosts until none waits and none runs. */
  private async serve(): Promise<void> {
    for (;;) {
      if (this.failure !== null) throw this.failure as Error;
      while (!this.run.gate.isClosed && this.waiting.length > 0 && this.running.size < MOST_HOSTS)
        await this.start(this.waiting.shift() ?? '');
      if (this.waiting.length === 0 && this.running.size === 0) return;
      const { size } = this.running;
      const isClosed = this.run.gate.isClosed;
      await condition(
        () =>
          this.failure !== null ||
          this.running.size < size ||
          isClosed !== this.run.gate.isClosed ||
          (!this.run.gate.isClosed && this.waiting.length > 0 && this.running.size < MOST_HOSTS),
      );
    }
  }

  private async start(host: string): Promise<void> {
    const { jobId, ownerId } = this.job;
    const { priority } = this;
    const child = await startChild<typeof crawlHost>('crawlHost', {
      workflowId: crawlHostId(jobId, host),
      taskQueue: WORKFLOW_QUEUE,
      args: [{ jobId, ownerId, host, ...(priority === undefined ? {} : { priority }) }],
      staticSummary: `Pages of ${host}`,
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.site, value: host }],
    });
    this.running.set(host, child);
    void child.result().then(
      () => void this.running.delete(host),
      (error: unknown) => {
        this.running.delete(host);
        this.stop(error);
      },
    );
  }

  /** The first failure ends the crawl; what is stored stays. */
  private stop(error: unknown): void {
    if (this.isEnding) return;
    this.failure ??= error;
    this.work.cancel();
  }

  private async endAt(deadlineMs: number): Promise<void> {
    await sleep(deadlineMs);
    this.isLate = true;
    this.stop(new PageRefused(failureReport('DEADLINE_EXCEEDED', `It took longer than its deadline of ${deadlineMs / 1_000} s.`)));
  }

  /** Pauses the hosts first, and says that the job is paused when their batches have ended. */
  private async watchPause(): Promise<void> {
    const { gate } = this.run;
    for (;;) {
      await condition(() => gate.isClosed);
      this.resting.clear();
      await this.tellHosts((host) => host.signal(pauseHost));
      await condition(() => !gate.isClosed || [...this.running.keys()].every((host) => this.resting.has(host)), PAUSE_SETTLES_WITHIN);
      await gate.pass();
      await this.tellHosts((host) => host.signal(resumeHost));
    }
  }

  private async change(change: CrawlChange): Promise<void> {
    await stages.store.changeCrawl({ jobId: this.job.jobId, change });
    this.add((await stages.store.openCrawl({ jobId: this.job.jobId })).hosts);
    await this.tellHosts((host) => host.signal(wakeHost));
  }

  /** A host that ends at this moment needs to hear nothing. */
  private async tellHosts(tell: (host: ChildWorkflowHandle<typeof crawlHost>) => Promise<void>): Promise<void> {
    await Promise.all(
      [...this.running.values()].map((host) =>
        tell(host).catch((error: unknown) => {
          if (isCancellation(error)) throw error;
        }),
      ),
    );
  }

  /** Nothing is left open in the ledger; the job has failed when no page at all can be read. */
  private async finish(end: CrawlEnd, cause: unknown): Promise<JobResult> {
    this.isEnding = true;
    const { pages, failure } = await stages.store.finishCrawl({ jobId: this.job.jobId, end });
    this.run.story.tell(`${pages} pages can be read`);
    if (cause !== null) throw cause as Error;
    if (failure === null) return { pages };
    throw new PageRefused(failureReport(isErrorCode(failure.code) ? failure.code : 'EMPTY_CONTENT', failure.detail));
  }
}
