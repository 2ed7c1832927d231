import { type JobRecord, ZERO_COUNTS, ZERO_USAGE, isFinal } from '@gleaner/domain';
import type { ApiConfig } from '../config.js';
import type { JobView } from './job.dto.js';

/** A job as the API shows it. `now` in milliseconds since the epoch. */
export function jobView(job: JobRecord, temporal: ApiConfig['temporal'], now: number): JobView {
  const self = `/api/v1/jobs/${job.id}`;
  const document = job.result?.documentId;
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    input: job.input,
    options: job.options,
    priority: job.priority,
    labels: [...job.labels],
    progress: progressOf(job, now),
    counts: { ...ZERO_COUNTS, ...job.counts },
    usage: { ...ZERO_USAGE, ...job.usage },
    error: job.error,
    retryOf: job.retryOf,
    retriedAs: job.retriedAs,
    workflow: { id: job.workflowId, runId: job.runId, uiUrl: uiUrlOf(job, temporal) },
    links: {
      self,
      events: `${self}/events`,
      result: `${self}/result`,
      ...(document === undefined ? {} : { document: `/api/v1/documents/${document}` }),
    },
  };
}

/** Jobs of both kinds answer about one page, so the total is known from the start. */
function progressOf(job: JobRecord, now: number): JobView['progress'] {
  const total = 1;
  const { stored, failed, skipped } = job.counts;
  const done = isFinal(job.state) ? total : Math.min(total, stored + failed + skipped);
  const seconds =
    job.startedAt === null
      ? 0
      : Math.max(0, (job.finishedAt === null ? now : Date.parse(job.finishedAt)) - Date.parse(job.startedAt)) / 1_000;
  const rate = done === 0 || seconds === 0 ? 0 : Math.round((done / seconds) * 100) / 100;
  return { done, total, totalIsFinal: true, rate, etaSeconds: done === total ? 0 : null };
}

/** Address of the workflow in the Temporal Web UI; null when no UI is known. */
function uiUrlOf(job: JobRecord, { uiUrl, namespace }: ApiConfig['temporal']): string | null {
  if (uiUrl === undefined) return null;
  const workflow = `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(job.workflowId)}`;
  return job.runId === null ? workflow : `${workflow}/${encodeURIComponent(job.runId)}/history`;
}
