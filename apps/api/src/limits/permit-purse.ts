import type { RequestPermits } from '@gleaner/domain';

/** Permits that were leased and not used by then are lost: they count as used. */
const PERMIT_LIFE_MS = 5_000;
/** After a refusal the database is not asked again for this long, so that a caller who ignores it costs nothing. */
const REFUSAL_MS = 1_000;
const MAX_PORTION = 50;
/** A twentieth of the limit: what several processes hold at once stays small beside it. */
const PORTIONS_A_MINUTE = 20;
const MAX_KEYS = 1_000;

interface Purse {
  left: number;
  /** Milliseconds since the epoch: when what is left is lost. */
  until: number;
  /** How many are asked for next time: more when the last ones were spent, fewer when they were lost. */
  portion: number;
  refusedUntil: number;
  /** When a permit can be had again, as far as known. */
  freeAt: number;
  waiting: number;
  lease: Promise<void> | undefined;
}

/**
 * Permits that this process has leased for each key. Most requests take one from here and cost no query; over all processes no
 * more pass in a minute than the limit and what was leased at its beginning.
 */
export class PermitPurse {
  /** A Map remembers insertion order: the first one is the oldest. */
  private readonly purses = new Map<string, Purse>();

  constructor(
    private readonly permits: RequestPermits,
    private readonly now: () => number = Date.now,
  ) {}

  /** 0: the request may pass. Else in how many milliseconds it can. */
  async take(keyId: string, limit: number): Promise<number> {
    const purse = this.purseOf(keyId);
    for (;;) {
      const now = this.now();
      if (purse.left > 0 && now < purse.until) {
        purse.left--;
        return 0;
      }
      if (now < purse.refusedUntil) return Math.max(1, purse.freeAt - now);
      purse.waiting++;
      // Requests at the same moment share one lease, and ask again when it was not enough for all.
      purse.lease ??= this.lease(purse, keyId, limit).finally(() => (purse.lease = undefined));
      await purse.lease.finally(() => purse.waiting--);
    }
  }

  private async lease(purse: Purse, keyId: string, limit: number): Promise<void> {
    const most = Math.min(MAX_PORTION, Math.max(1, Math.ceil(limit / PORTIONS_A_MINUTE)));
    purse.portion = Math.min(most, Math.max(1, purse.left > 0 ? purse.portion >> 1 : purse.portion * 2));
    purse.left = 0;
    const wanted = Math.min(most, Math.max(purse.portion, purse.waiting));
    const { granted, retryAfterMs } = await this.permits.lease({ keyId, limit, wanted });
    const now = this.now();
    purse.left = granted;
    purse.until = now + PERMIT_LIFE_MS;
    if (granted > 0) return;
    purse.freeAt = now + retryAfterMs;
    purse.refusedUntil = now + Math.min(REFUSAL_MS, retryAfterMs);
  }

  private purseOf(keyId: string): Purse {
    const known = this.purses.get(keyId);
    if (known !== undefined) return known;
    const purse: Purse = { left: 0, until: 0, portion: 0, refusedUntil: 0, freeAt: 0, waiting: 0, lease: undefined };
    this.purses.set(keyId, purse);
    const oldest = this.purses.size > MAX_KEYS ? this.purses.keys().next().value : undefined;
    if (oldest !== undefined) this.purses.delete(oldest);
    return purse;
  }
}
