import { isCounted, isErrorCode } from '@gleaner/domain';
import type { Context, Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/** What heartbeats carry from one attempt to the next. */
interface Carried {
  readonly counted: number;
}

/**
 * How many attempts of this activity ended with a fault that counts. Temporal's own number also grows with every wait for a busy host and every killed
 * worker: by that number a batch that waited six times would be given up at its first hiccup. Local activities have no heartbeat: there it is
 * Temporal's number.
 */
export class CountedAttempts {
  private counted: number;

  constructor(
    private readonly context: Pick<Context, 'heartbeat'> & { readonly info: Pick<Info, 'attempt' | 'isLocal' | 'heartbeatDetails'> },
  ) {
    this.counted = context.info.isLocal ? context.info.attempt - 1 : countedIn(context.info.heartbeatDetails);
  }

  /** The number of the attempt that runs, if it comes to count: 1 is the first. */
  get current(): number {
    return this.counted + 1;
  }

  /** Tells the server that the activity lives, and the count with it. */
  heartbeat(): void {
    const carried: Carried = { counted: this.counted };
    this.context.heartbeat(carried);
  }

  /** Keeps for the next attempt that this one ended with the failure; the SDK sends what was last heartbeat before it reports a failure. */
  end(failure: Error): void {
    if (this.context.info.isLocal || !(failure instanceof ApplicationFailure)) return;
    const code = failure.type;
    if (typeof code !== 'string' || !isErrorCode(code) || !isCounted(code)) return;
    this.counted++;
    this.heartbeat();
  }
}

function countedIn(details: unknown): number {
  const counted: unknown = typeof details === 'object' && details !== null && 'counted' in details ? details.counted : 0;
  return typeof counted === 'number' ? counted : 0;
}
