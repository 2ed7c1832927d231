import { setInterval } from 'node:timers';
import { Context } from '@temporalio/activity';

/** What a running stage needs of its surroundings: when to stop, and how to say that it is alive. */
export interface StageContext {
  readonly signal: AbortSignal;
  heartbeat(): void;
}

const HEARTBEAT_MS = 2_000;

/** The only place in these stages that knows Temporal: the context of the activity that is running. */
export function activityStage(): StageContext {
  const context = Context.current();
  return { signal: context.cancellationSignal, heartbeat: () => context.heartbeat() };
}

/** Does the work while it says every two seconds that it is alive; without that a cancellation would not arrive. */
export async function withHeartbeat<T>(stage: StageContext, work: () => Promise<T>): Promise<T> {
  stage.signal.throwIfAborted();
  stage.heartbeat();
  const timer = setInterval(() => stage.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
