import { QUEUES, type Queue } from '@gleaner/domain';
import { Injectable } from '@nestjs/common';
import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

/** A worker that waits for work polls at least once a minute; the server lists pollers for five minutes, so old ones are left out. */
const SEEN_WITHIN_MS = 70_000;

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** Whether the Temporal server answers, and which task queues nobody serves. */
@Injectable()
export class TemporalHealth {
  constructor(private readonly client: Client) {}

  async answers(deadline: number): Promise<void> {
    const {
      connection,
      options: { namespace },
    } = this.client;
    await connection.withDeadline(deadline, () => connection.workflowService.describeNamespace({ namespace }));
  }

  /** `deadline` in milliseconds since the epoch. */
  async unserved(deadline: number): Promise<readonly Queue[]> {
    const served = await Promise.all(QUEUES.map((queue) => this.isServed(queue, deadline)));
    return QUEUES.filter((_, index) => !served[index]);
  }

  private async isServed(queue: Queue, deadline: number): Promise<boolean> {
    const {
      connection,
      options: { namespace },
    } = this.client;
    const request = {
      namespace,
      taskQueue: { name: queue },
      taskQueueType: queue === 'workflows' ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    };
    const { pollers } = await connection.withDeadline(deadline, () => connection.workflowService.describeTaskQueue(request));
    const since = Date.now() - SEEN_WITHIN_MS;
    return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  }
}
