import { isCounted, isErrorCode } from '@gleaner/domain';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { carriedBy, carry } from './activity-progress.js';

/**
 * How many attempts of this activity ended with a fault that counts. Temporal's own number also grows with every wait for a busy host and every killed
 * worker: by that number a batch that waited six times would be given up at its first hiccup. Local activities have no heartbeat: there it is
 * Temporal's number.
 */
export class CountedAttempts {
  private readonly before: number;

  constructor(private readonly context: Context) {
    this.before = context.info.isLocal ? context.info.attempt - 1 : (carriedBy(context).counted ?? 0);
  }

  /** The number of the attempt that runs, if it comes to count: 1 is the first. */
  get current(): number {
    return this.before + 1;
  }

  /** Keeps for the next attempt that this one ended with the failure; the SDK sends what was last heartbeat before it reports a failure. */
  end(failure: Error): void {
    if (this.context.info.isLocal || !(failure instanceof ApplicationFailure)) return;
    const code = failure.type;
    if (typeof code === 'string' && isErrorCode(code) && isCounted(code)) carry(this.context, { counted: this.current });
  }
}
