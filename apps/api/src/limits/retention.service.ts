import type { OwnerRetention } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, LOG, OWNER_RETENTION } from '../platform/platform.module.js';

/** Takes away what keys, rates and models leave behind, some rows at a time. */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<unknown> | undefined;

  constructor(
    @Inject(OWNER_RETENTION) private readonly retention: OwnerRetention,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep(), this.config.timings.sweepEveryMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Never two at once. */
  private sweep(): Promise<unknown> {
    this.sweeping ??= this.retention
      .sweep()
      .catch((error: unknown) => this.log.warn({ err: error }, 'old keys, rates and sums of models could not be deleted'))
      .finally(() => (this.sweeping = undefined));
    return this.sweeping;
  }
}
