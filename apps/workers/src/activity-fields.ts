import { AsyncLocalStorage } from 'node:async_hooks';
import type { Info } from '@temporalio/activity';

/** What every log line of an activity says of it. */
export interface ActivityFields {
  readonly jobId?: string;
  readonly workflowId?: string;
  readonly runId?: string;
  /** Name of the task queue: fetch, extract … */
  readonly stage: string;
  readonly activity: string;
  readonly attempt: number;
}

const running = new AsyncLocalStorage<ActivityFields>();

/** The activity that this line of code runs in. */
export function activityFields(): ActivityFields | undefined {
  return running.getStore();
}

/** Runs the activity so that log lines written in it, by whatever library, carry its fields. */
export function runWithFields<T>(fields: ActivityFields, work: () => Promise<T>): Promise<T> {
  return running.run(fields, work);
}

export function fieldsOf(info: Info, input: unknown): ActivityFields {
  const { workflowId, runId } = info.workflowExecution ?? {};
  const jobId = textAt(input, 'jobId');
  return {
    ...(jobId === undefined ? {} : { jobId }),
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(runId === undefined ? {} : { runId }),
    stage: info.taskQueue,
    activity: info.activityType,
    attempt: info.attempt,
  };
}

/** Host of the page that the activity is about; never its path or query. */
export function hostOf(input: unknown): string | undefined {
  const snapshot = typeof input === 'object' && input !== null && 'snapshot' in input ? input.snapshot : undefined;
  const url = textAt(input, 'url') ?? textAt(snapshot, 'finalUrl');
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}

function textAt(value: unknown, name: string): string | undefined {
  const found: unknown =
    typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}
