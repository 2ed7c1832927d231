import { Fault } from '@gleaner/domain';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, ActivityInterceptorsFactory, Next } from '@temporalio/worker';
import { toApplicationFailure } from '@gleaner/activities';

/** Often enough for a heartbeat timeout of 10 s, and for a cancellation to arrive within 2 s. Workers throttle to the same. */
export const HEARTBEAT_EVERY_MS = 1_500;

export interface ActivityLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Around every activity: heartbeats while it runs, a fault translated when it throws, one log line for what was unexpected. */
export function activityInterceptor(log: ActivityLog): ActivityInterceptorsFactory {
  return () => ({ inbound: new StageInterceptor(log) });
}

class StageInterceptor implements ActivityInboundCallsInterceptor {
  constructor(private readonly log: ActivityLog) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const context = Context.current();
    // Local activities have no heartbeat: they are one short write.
    const heartbeat = context.info.isLocal ? undefined : setInterval(() => context.heartbeat(), HEARTBEAT_EVERY_MS);
    try {
      return await next(input);
    } catch (error) {
      throw this.translate(error, context);
    } finally {
      clearInterval(heartbeat);
    }
  }

  private translate(error: unknown, context: Context): Error {
    // Whatever a cancelled activity throws on its way out, it was the cancellation that ended it.
    if (context.cancellationSignal.aborted) return new CancelledFailure('The activity was cancelled.');
    const { activityType, attempt, workflowExecution } = context.info;
    if (!(error instanceof Fault) || error.code === 'INTERNAL') {
      this.log.warn({ err: error, activityType, attempt, workflowId: workflowExecution?.workflowId }, 'activity failed unexpectedly');
    }
    return toApplicationFailure(error, attempt);
  }
}
