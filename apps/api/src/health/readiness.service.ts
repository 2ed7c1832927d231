import type { BlobStore } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, BLOB_STORE, CHECK_DATABASE, LOG } from '../platform/platform.module.js';
import type { CheckView, ReadyView } from './health.dto.js';
import { TemporalHealth } from './temporal-health.service.js';

/** What is said to anyone; the error itself goes to the log. */
const REASONS = {
  database: 'The database does not answer.',
  temporal: 'The Temporal server does not answer.',
  blobs: 'The blob store cannot be written and read.',
  queues: 'The pollers of the task queues are not known.',
} as const;

class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

/** Whether everything that a job needs answers. Checks run in parallel, each with its own time limit. */
@Injectable()
export class Readiness {
  private last: Promise<ReadyView> | undefined;

  constructor(
    @Inject(CHECK_DATABASE) private readonly checkDatabase: (timeoutMs: number) => Promise<unknown>,
    @Inject(BLOB_STORE) private readonly blobs: Pick<BlobStore, 'check'>,
    private readonly temporalHealth: TemporalHealth,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** The route is public: callers at the same moment share one round of checks. */
  check(): Promise<ReadyView> {
    this.last ??= this.run().finally(() => (this.last = undefined));
    return this.last;
  }

  private async run(): Promise<ReadyView> {
    const timeoutMs = this.config.timings.checkTimeoutMs;
    const deadline = Date.now() + timeoutMs;
    const [database, temporal, blobs, queues] = await Promise.all([
      this.timed('database', () => this.checkDatabase(timeoutMs)),
      this.timed('temporal', () => this.temporalHealth.answers(deadline)),
      this.timed('blobs', () => this.blobs.check()),
      this.timed('queues', async () => {
        const unserved = await this.temporalHealth.unserved(deadline);
        if (unserved.length > 0) throw new CheckFailure(`No worker polls ${unserved.join(', ')}.`);
      }),
    ]);
    const checks = { database, temporal, blobs, queues };
    return { status: Object.values(checks).every(({ status }) => status === 'ok') ? 'ok' : 'failed', checks };
  }

  private async timed(name: keyof typeof REASONS, check: () => Promise<unknown>): Promise<CheckView> {
    const { checkTimeoutMs } = this.config.timings;
    const before = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CheckFailure(`No answer within ${checkTimeoutMs} ms.`)), checkTimeoutMs);
    });
    try {
      await Promise.race([check(), late]);
      return { status: 'ok', latencyMs: elapsedSince(before) };
    } catch (error) {
      if (!(error instanceof CheckFailure)) this.log.warn({ err: error, check: name }, 'a readiness check failed');
      return { status: 'failed', latencyMs: elapsedSince(before), reason: error instanceof CheckFailure ? error.message : REASONS[name] };
    } finally {
      clearTimeout(timer);
    }
  }
}

function elapsedSince(before: number): number {
  return Math.round((performance.now() - before) * 10) / 10;
}
