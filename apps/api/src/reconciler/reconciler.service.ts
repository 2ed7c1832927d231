import { setTimeout as sleep } from 'node:timers/promises';
import type { JobLog, JobReader, JobRecord } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, JOB_LOG, JOB_READER, LOG } from '../platform/platform.module.js';
import { JobWorkflows } from '../temporal/job-workflows.service.js';
import { isAwayError } from '../temporal/temporal-client.js';

/** Rows that one pass looks at, and those of them it asks the server about: the ones asked least recently. */
const ROWS_A_PASS = 1_000;
const CHECKS_A_PASS = 100;
const PARALLEL_CHECKS = 8;

/**
 * Mends the rows where they and Temporal differ: starts what was stored and never started (the API or Temporal died in
 * between), and finishes what ended without writing its end (terminated, timed out). Temporal is right, the row follows.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly closing = new AbortController();
  private readonly checkedAt = new Map<string, number>();
  private running: Promise<void> = Promise.resolve();
  private isAway = false;

  constructor(
    @Inject(JOB_READER) private readonly jobs: JobReader,
    @Inject(JOB_LOG) private readonly jobLog: JobLog,
    private readonly workflows: JobWorkflows,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  /** One pass after the other, never two at once. */
  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.pass().catch((error: unknown) => this.log.warn({ err: error }, 'the reconciler could not read the jobs; trying again'));
      // The sleep ends early when the process stops; the loop ends with it.
      await sleep(this.config.timings.reconcileEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async pass(): Promise<void> {
    const rows = await this.jobs.unfinished(new Date(Date.now() - this.config.timings.untouchedMs), ROWS_A_PASS);
    const present = new Set(rows.map(({ id }) => id));
    for (const id of this.checkedAt.keys()) if (!present.has(id)) this.checkedAt.delete(id);
    let isAway = false;
    const wasAway = this.isAway;
    const due = rows.toSorted((a, b) => (this.checkedAt.get(a.id) ?? 0) - (this.checkedAt.get(b.id) ?? 0)).slice(0, CHECKS_A_PASS);
    const lanes = Array.from({ length: PARALLEL_CHECKS }, async () => {
      for (let job = due.shift(); job !== undefined && !isAway && !this.closing.signal.aborted; job = due.shift())
        isAway ||= !(await this.check(job));
    });
    await Promise.all(lanes);
    this.isAway = isAway;
    if (isAway && !wasAway) this.log.warn({ jobs: rows.length }, 'Temporal does not answer: unfinished jobs are compared with it later');
  }

  /** False when the server does not answer, so that the rest of the pass need not try. */
  private async check(job: JobRecord): Promise<boolean> {
    try {
      await this.mend(job);
      this.checkedAt.set(job.id, Date.now());
      return true;
    } catch (error) {
      if (isAwayError(error)) return false;
      this.checkedAt.set(job.id, Date.now());
      this.log.warn({ err: error, jobId: job.id }, 'a job could not be compared with its workflow; trying again');
      return true;
    }
  }

  private async mend(job: JobRecord): Promise<void> {
    const standing = await this.workflows.standing(job.workflowId);
    if (standing.kind === 'running') return;
    if (standing.kind === 'missing') {
      await this.workflows.start(job);
      this.log.info({ jobId: job.id }, 'started a job that had no workflow');
      return;
    }
    const { kind: _, ...end } = standing;
    if (await this.jobLog.finish(job.id, end))
      this.log.info({ jobId: job.id, state: end.state, code: end.error?.code }, 'finished a job whose workflow had ended');
  }
}
