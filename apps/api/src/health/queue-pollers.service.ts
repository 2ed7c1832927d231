import { QUEUES, type Queue } from '@gleaner/domain';
import { Injectable } from '@nestjs/common';
import { Client } from '@temporalio/client';

/** A worker that waits for work polls at least once a minute; the server lists pollers for five minutes, so old ones are left out. */
const SEEN_WITHIN_MS = 70_000;
/** `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW = 1;
const ACTIVITY = 2;

/** Which task queues nobody serves. */
@Injectable()
export class QueuePollers {
  constructor(private readonly client: Client) {}

  async unserved(deadline: number): Promise<readonly Queue[]> {
    const served = await Promise.all(QUEUES.map((queue) => this.isServed(queue, deadline)));
    return QUEUES.filter((_, index) => !served[index]);
  }

  private async isServed(queue: Queue, deadline: number): Promise<boolean> {
    const { connection, options: { namespace } } = this.client;
    const taskQueueType = queue === 'workflows' ? WORKFLOW : ACTIVITY;
    const { pollers } = await connection.withDeadline(deadline, () => connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: queue }, taskQueueType }));
    const since = Date.now() - SEEN_WITHIN_MS;
    return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= since);
  }
}
