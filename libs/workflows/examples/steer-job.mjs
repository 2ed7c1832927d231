/** A job's workflow from inside, by the contract: node steer-job.mjs TEMPORAL_ADDRESS WORKFLOW_ID */
import { createJobWorkflowClient } from '@gleaner/workflows/client';
import { Client, Connection } from '@temporalio/client';

const [address, workflowId] = process.argv.slice(2);
const connection = await Connection.connect({ address });
try {
  const job = createJobWorkflowClient(new Client({ connection })).of({ workflowId });
  await job.pause();
  await job.steer({ priority: 1 });
  console.log(JSON.stringify({ status: await job.status() }));
  await job.resume();
  const { documentId } = await job.result();
  console.log(JSON.stringify({ status: await job.status(), documentId }));
  console.log(JSON.stringify({ story: await job.story() }));
} finally {
  await connection.close();
}
