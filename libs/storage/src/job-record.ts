import { isFinal, type JobEvent, type JobRecord } from '@gleaner/domain';
import type { JobEntity } from './entities/job.entity.js';
import type { JobEventEntity } from './entities/job-event.entity.js';

export function jobRecord(job: JobEntity): JobRecord {
  return {
    id: job.id,
    ownerId: job.ownerId,
    kind: job.kind,
    state: job.state,
    input: job.input,
    options: job.options,
    priority: job.priority,
    labels: job.labels,
    counts: job.counts,
    usage: job.usage,
    error: job.error,
    result: isFinal(job.state) ? job.result : null,
    workflowId: job.workflowId,
    runId: job.runId,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    retryOf: job.retryOf,
    retriedAs: job.retriedAs,
  };
}

export function jobEvent(event: JobEventEntity): JobEvent {
  return {
    seq: event.seq,
    at: event.at.toISOString(),
    type: event.type,
    job: event.jobId,
    ...(event.stage === null ? {} : { stage: event.stage }),
    ...(event.url === null ? {} : { url: event.url }),
    ...(event.message === null ? {} : { message: event.message }),
    ...(event.error === null ? {} : { error: event.error }),
    counts: event.counts,
  };
}
