/** Workers on every queue with the built workflow bundle, around stages that a test gives. */
import { readFile } from 'node:fs/promises';
import { QUEUES } from '@gleaner/domain';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerInterceptors } from '@temporalio/worker';
import type { StubStages } from './stub-stages.js';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  shutdownSignals: [],
  telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
});

export const BUNDLE_PATH = new URL('../../apps/workers/dist/workflow-bundle.js', import.meta.url);

/** As our workers do it: a cancellation reaches a stage with its next heartbeat. */
const HEARTBEAT_EVERY_MS = 500;

/** `interceptors`: what stands around the stages, none by default. */
export async function withWorkers<T>(
  address: string,
  stages: Pick<StubStages, 'byQueue'>,
  use: () => Promise<T>,
  interceptors: WorkerInterceptors = {},
): Promise<T> {
  const connection = await NativeConnection.connect({ address });
  const workflowBundle = { code: await readFile(BUNDLE_PATH, 'utf8') };
  const workers = await Promise.all(
    QUEUES.filter((queue) => Object.keys(stages.byQueue[queue]).length > 0).map((taskQueue) =>
      Worker.create({
        connection,
        taskQueue,
        maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
        defaultHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
        activities: stages.byQueue[taskQueue],
        interceptors,
        ...(taskQueue === 'workflows' ? { workflowBundle } : {}),
      }),
    ),
  );
  const runs = Promise.all(workers.map((worker) => worker.run()));
  try {
    return await Promise.race([use(), runs.then(() => Promise.reject(new Error('the workers ended')))]);
  } finally {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await runs.catch(() => {}); // what failed a worker has failed the test above
    await connection.close();
  }
}
