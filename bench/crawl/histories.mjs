/** Histories of the workflows of a crawl: how many events they have, and the largest payload in them. */
import { Client, Connection } from '@temporalio/client';

/** `{ events, largestPayloadBytes, workflows }` over the site's workflow, its hosts, and everything they continued as. */
export async function historyOf(temporalAddress, job) {
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const client = new Client({ connection });
    const result = { events: 0, largestPayloadBytes: 0, workflows: 0 };
    const query = `WorkflowId = "${job.workflow.id}" OR WorkflowId STARTS_WITH "crawl-host/"`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (workflowId !== job.workflow.id && !workflowId.endsWith(job.id)) continue;
      const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      result.events += events.length;
      result.workflows++;
      for (const event of events) result.largestPayloadBytes = Math.max(result.largestPayloadBytes, largestIn(event));
    }
    return result;
  } finally {
    await connection.close();
  }
}

function largestIn(value) {
  if (value === null || typeof value !== 'object') return 0;
  if (value instanceof Uint8Array) return value.length;
  return Math.max(0, ...Object.values(value).map(largestIn));
}
