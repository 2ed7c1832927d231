import { Fault } from '@gleaner/domain';
import { annotateSpan } from '@gleaner/telemetry';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, ActivityInterceptorsFactory, Next } from '@temporalio/worker';
import { CountedAttempts, beat, toApplicationFailure } from '@gleaner/activities';
import { type ActivityFields, fieldsOf, hostOf, runWithFields } from './activity-fields.js';
import type { ActivityEnd } from './worker-metrics.js';

/** Often enough for a heartbeat timeout of 10 s, and for a cancellation to arrive within 2 s. Workers throttle to the same. */
export const HEARTBEAT_EVERY_MS = 1_500;

export interface ActivityLog {
  debug?(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * Around every activity: heartbeats while it runs, a fault translated when it throws, one log line when it ends (a warning for
 * what was unexpected), its measure, and the ids of its job on its span.
 */
export function activityInterceptor(log: ActivityLog, ended?: (end: ActivityEnd) => void): ActivityInterceptorsFactory {
  return () => ({ inbound: new StageInterceptor(log, ended) });
}

class StageInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly log: ActivityLog,
    private readonly ended: ((end: ActivityEnd) => void) | undefined,
  ) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const context = Context.current();
    const fields = fieldsOf(context.info, input.args[0]);
    annotate(fields, input.args[0]);
    return runWithFields(fields, () => this.run(context, fields, () => next(input)));
  }

  private async run(context: Context, fields: ActivityFields, work: () => Promise<unknown>): Promise<unknown> {
    // Local activities have no heartbeat: they are one short write.
    const attempts = new CountedAttempts(context);
    const heartbeat = context.info.isLocal ? undefined : setInterval(() => beat(context), HEARTBEAT_EVERY_MS);
    const startedAt = performance.now();
    try {
      const result = await work();
      this.tell(fields, startedAt, { outcome: outcomeOf(result), result });
      return result;
    } catch (error) {
      const failure = this.translate(error, context, attempts.current);
      attempts.end(failure);
      this.tell(fields, startedAt, { outcome: codeOf(failure) });
      throw failure;
    } finally {
      clearInterval(heartbeat);
    }
  }

  private tell({ stage, activity }: ActivityFields, startedAt: number, end: Pick<ActivityEnd, 'outcome' | 'result'>): void {
    const durationMs = performance.now() - startedAt;
    this.ended?.({ stage, activity, durationMs, ...end });
    annotateSpan({ 'gleaner.outcome': end.outcome });
    this.log.debug?.({ outcome: end.outcome, durationMs: Math.round(durationMs) }, 'activity ended');
  }

  private translate(error: unknown, context: Context, attempt: number): Error {
    // Whatever a cancelled activity throws on its way out, it was the cancellation that ended it.
    if (context.cancellationSignal.aborted) return new CancelledFailure('The activity was cancelled.');
    if (!(error instanceof Fault) || error.code === 'INTERNAL') this.log.warn({ err: error }, 'activity failed unexpectedly');
    return toApplicationFailure(error, attempt);
  }
}

function annotate({ jobId, stage, attempt }: ActivityFields, input: unknown): void {
  annotateSpan({
    'gleaner.job.id': jobId,
    'gleaner.stage': stage,
    'gleaner.attempt': attempt,
    'gleaner.page.host': hostOf(input),
  });
}

/** A refusal is a value; its code is what came of the activity. */
function outcomeOf(result: unknown): string {
  const isRefusal = typeof result === 'object' && result !== null && 'code' in result && 'reason' in result;
  return isRefusal && typeof result.code === 'string' ? result.code : 'ok';
}

function codeOf(failure: Error): string {
  if (failure instanceof CancelledFailure) return 'CANCELLED';
  return failure instanceof ApplicationFailure ? (failure.type ?? 'INTERNAL') : 'INTERNAL';
}
