/** `extractPage` as a careless change would leave it: it stores before it fetches. Replaying it must fail. */
import { proxyActivities } from '@temporalio/workflow';

export { learnJob, learnSite } from '@gleaner/workflows';

const store = proxyActivities({ taskQueue: 'store', startToCloseTimeout: '1 minute' });

export async function extractPage({ jobId }) {
  return store.storeDocument({ jobId });
}
