import { QUEUES, type Queue } from '@gleaner/domain';
import type { Logger } from '@gleaner/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { ApiConfig } from '../config.js';
import { API_CONFIG, LOG } from '../platform/platform.module.js';
import type { PoolView } from './system.dto.js';

const { TaskQueueType } = proto.temporal.api.enums.v1;
type Description = proto.temporal.api.workflowservice.v1.IDescribeTaskQueueResponse;
type Workers = proto.temporal.api.workflowservice.v1.IListWorkersResponse;
type Slots = NonNullable<PoolView['slots']>;

const MAX_WORKERS = 200;
/** Workers report once a minute; who did not for longer has gone. */
const SILENT_SECONDS = 130;

/** What the Temporal server tells of the task queues and of itself. What it does not know, or an older one cannot say, is null. */
@Injectable()
export class TemporalPools {
  constructor(
    private readonly client: Client,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async serverVersion(): Promise<string | null> {
    const info = await this.ask('version', () => this.client.workflowService.getSystemInfo({}));
    return info?.serverVersion || null;
  }

  async pools(): Promise<PoolView[]> {
    const { namespace } = this.client.options;
    const [workers, ...descriptions] = await Promise.all([
      this.ask('workers', () => this.client.workflowService.listWorkers({ namespace, pageSize: MAX_WORKERS })),
      ...QUEUES.map((queue) => this.ask(queue, () => this.describe(queue))),
    ]);
    return QUEUES.map((queue, index) => poolView(queue, descriptions[index] ?? null, slotsOf(queue, workers)));
  }

  private describe(queue: Queue): Promise<Description> {
    return this.client.workflowService.describeTaskQueue({
      namespace: this.client.options.namespace,
      taskQueue: { name: queue },
      taskQueueType: queue === 'workflows' ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
      reportStats: true,
    });
  }

  /** null when there is no answer: the rest of the picture is worth having without. */
  private async ask<T>(what: string, call: () => Promise<T>): Promise<T | null> {
    try {
      return await this.client.connection.withDeadline(Date.now() + this.config.timings.checkTimeoutMs, call);
    } catch (error) {
      this.log.debug({ err: error, what }, 'Temporal did not tell');
      return null;
    }
  }
}

function poolView(queue: Queue, description: Description | null, slots: Slots | null): PoolView {
  const stats = description?.stats ?? null;
  return {
    queue,
    pollers: description === null ? null : (description.pollers ?? []).map(pollerView),
    slots,
    backlog: stats === null ? null : numberOf(stats.approximateBacklogCount),
    backlogAgeSeconds: stats === null ? null : numberOf(stats.approximateBacklogAge?.seconds),
    tasksAddedPerSecond: stats === null ? null : numberOf(stats.tasksAddRate),
    tasksDispatchedPerSecond: stats === null ? null : numberOf(stats.tasksDispatchRate),
  };
}

function pollerView(poller: proto.temporal.api.taskqueue.v1.IPollerInfo): NonNullable<PoolView['pollers']>[number] {
  const seconds = numberOf(poller.lastAccessTime?.seconds);
  return { identity: poller.identity ?? '', lastAccessAt: seconds === 0 ? null : new Date(seconds * 1_000).toISOString() };
}

function slotsOf(queue: Queue, workers: Workers | null): Slots | null {
  const since = Date.now() / 1_000 - SILENT_SECONDS;
  const beats = (workers?.workersInfo ?? [])
    .map((info) => info.workerHeartbeat)
    .filter((beat) => beat?.taskQueue === queue && numberOf(beat.heartbeatTime?.seconds) > since);
  const known = beats.map((beat) => (queue === 'workflows' ? beat?.workflowTaskSlotsInfo : beat?.activityTaskSlotsInfo)).filter(Boolean);
  if (known.length === 0) return null;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + Math.max(0, value), 0);
  return {
    used: sum(known.map((info) => numberOf(info?.currentUsedSlots))),
    available: sum(known.map((info) => numberOf(info?.currentAvailableSlots))),
  };
}

/** Counts of the protocol are numbers, Longs or absent. */
function numberOf(value: unknown): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
}
