import { type ExtractInput, type JobKind, type JobRecord, jobWorkflowId } from '@gleaner/domain';
import { type JobWorkflowInput, jobStart } from '@gleaner/workflows/contract';
import type { Client, WorkflowHandle } from '@temporalio/client';

let serial = 0;

/** Starts the workflow of a job as the API does. */
export async function startJob(client: Client, kind: JobKind, input: ExtractInput): Promise<WorkflowHandle> {
  const id = `job_test${++serial}`;
  const job: Pick<JobRecord, 'id' | 'ownerId' | 'kind' | 'input' | 'priority' | 'workflowId'> = {
    id,
    ownerId: 'usr_test',
    kind,
    input,
    priority: 3,
    workflowId: jobWorkflowId(kind, input.url, id),
  };
  const { workflowType, ...options } = jobStart(job);
  return client.workflow.start<(input: JobWorkflowInput) => Promise<unknown>>(workflowType, options);
}
