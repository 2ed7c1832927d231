import { type AuthenticatedKey, NO_OVERRIDES, type RequestPermits, limitsInForce, tooManyRequests } from '@gleaner/domain';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, REQUEST_PERMITS } from '../platform/platform.module.js';
import { PermitPurse } from './permit-purse.js';

/** How many requests a key may send: whatever serves a request with a key asks here once. */
@Injectable()
export class RequestRate {
  private readonly purse: PermitPurse;

  constructor(
    @Inject(REQUEST_PERMITS) permits: RequestPermits,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {
    this.purse = new PermitPurse(permits);
  }

  /** Throws Fault RATE_LIMITED. */
  async admit({ id, limits = NO_OVERRIDES }: AuthenticatedKey): Promise<void> {
    const { requestsPerMinute } = limitsInForce(limits, this.config.limits.owners);
    if (requestsPerMinute === 0) return;
    const waitMs = await this.purse.take(id, requestsPerMinute);
    if (waitMs > 0) throw tooManyRequests(requestsPerMinute, waitMs);
  }
}
