import { readFile } from 'node:fs/promises';
import { HEARTBEAT_EVERY_MS, activityInterceptor } from './activity-interceptor.js';
import type { Queue, Settings } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { type NativeConnection, Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { TRACED_BUNDLE_PATH, WORKFLOW_BUNDLE_PATH } from './bundle.js';
import type { PoolActivities } from './compose.js';
import type { WorkerMetrics } from './worker-metrics.js';

export interface PoolsOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly pools: readonly Queue[];
  readonly settings: Settings;
  readonly activities: PoolActivities;
  readonly log: Logger;
  readonly metrics: WorkerMetrics;
  /** Of tracing; none without it. */
  readonly plugins: readonly WorkerPlugin[];
}

/** What runs when the process is told to stop gets this long to end by itself; then it is cancelled, then cut. */
const DRAIN = { shutdownGraceTime: '15 seconds', shutdownForceTime: '20 seconds' } as const;

/** Least recently used first out; a cached workflow costs memory, an evicted one a replay. */
const MAX_CACHED_WORKFLOWS = 300;

/** One Worker per task queue, all over one connection: eight in one process cost little more than one. */
export async function createWorkers(options: PoolsOptions): Promise<readonly Worker[]> {
  const common = {
    connection: options.connection,
    namespace: options.namespace,
    ...DRAIN,
    // By default 80 % of the heartbeat timeout: a cancellation would take 8 s to arrive.
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
    plugins: [...options.plugins, stages(options)],
  };
  return Promise.all(options.pools.map(async (queue) => Worker.create({ ...common, taskQueue: queue, ...(await sizeOf(queue, options)) })));
}

/** A plugin and the last one, because what is added last is innermost: it runs inside the span of its activity. */
function stages({ log, metrics }: PoolsOptions): WorkerPlugin {
  const activity = activityInterceptor(log, (end) => metrics.activityEnded(end));
  return {
    name: 'gleaner-stages',
    configureWorker: ({ interceptors, ...others }) => ({
      ...others,
      interceptors: { ...interceptors, activity: [...(interceptors?.activity ?? []), activity] },
    }),
  };
}

async function sizeOf(queue: Queue, { settings, activities, plugins }: PoolsOptions): Promise<Partial<WorkerOptions>> {
  if (queue === 'workflows') {
    return {
      workflowBundle: { code: await readFile(plugins.length > 0 ? TRACED_BUNDLE_PATH : WORKFLOW_BUNDLE_PATH, 'utf8') },
      activities: activities.workflows ?? {},
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      maxConcurrentWorkflowTaskExecutions: Math.max(2, settings.GLEANER_POOL_WORKFLOWS_SIZE),
      // Stages live on queues of their own, so that their limits hold: nothing is run here out of turn.
      maxEagerActivityReservationsPerWorkflowTask: 0,
    };
  }
  const slots = settings[`GLEANER_POOL_${queue.toUpperCase() as Uppercase<Exclude<Queue, 'workflows'>>}_SIZE`];
  return {
    activities: activities[queue] ?? {},
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentActivityTaskPolls: Math.min(5, slots),
  };
}
