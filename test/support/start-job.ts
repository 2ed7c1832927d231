import { type ExtractInput, type JobKind, type JobRecord, jobWorkflowId } from '@gleaner/domain';
import { type JobWorkflowInput, jobStart } from '@gleaner/workflows/contract';
import type { Client, WorkflowHandle } from '@temporalio/client';

let serial = 0;

export interface StartOptions extends Pick<JobWorkflowInput, 'retryOf' | 'pauseLimitMs'> {
  /** Sent with the start: it is there before the workflow does anything. */
  readonly signal?: string;
}

/** Starts the workflow of a job as the API does. */
export async function startJob(
  client: Client,
  kind: JobKind,
  input: ExtractInput,
  { signal, ...more }: StartOptions = {},
): Promise<WorkflowHandle> {
  const id = `job_test${++serial}`;
  const job: Pick<JobRecord, 'id' | 'ownerId' | 'kind' | 'input' | 'priority' | 'workflowId'> = {
    id,
    ownerId: 'usr_test',
    kind,
    input,
    priority: 3,
    workflowId: jobWorkflowId(kind, input.url, id),
  };
  const { workflowType, ...planned } = jobStart(job);
  const options = { ...planned, args: [{ ...planned.args[0], ...more }] as [JobWorkflowInput] };
  if (signal !== undefined) return client.workflow.signalWithStart(workflowType, { ...options, signal, signalArgs: [] });
  return client.workflow.start<(input: JobWorkflowInput) => Promise<unknown>>(workflowType, options);
}
