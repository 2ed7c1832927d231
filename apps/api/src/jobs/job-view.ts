import { type JobRecord, ZERO_COUNTS, ZERO_USAGE, donePages, isFinal } from '@gleaner/domain';
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
      ...(job.kind === 'crawl' ? { pages: `${self}/pages` } : {}),
      ...(document === undefined ? {} : { document: `/api/v1/documents/${document}` }),
    },
  };
}

/** Extract and learn jobs answer about one page, so their total is known from the start; that of a crawl when it has ended. */
function progressOf(job: JobRecord, now: number): JobView['progress'] {
  const counts = { ...ZERO_COUNTS, ...job.counts };
  const isOver = isFinal(job.state);
  const isCrawl = job.kind === 'crawl';
  const done = isCrawl ? donePages(counts) : isOver ? 1 : Math.min(1, donePages(counts));
  const total = isCrawl ? Math.max(counts.discovered, done) : 1;
  const rate = rateOf(done, job, now);
  const left = total - done;
  const etaSeconds = isOver || left === 0 ? 0 : isCrawl && rate > 0 ? Math.ceil(left / rate) : null;
  return { done, total, totalIsFinal: !isCrawl || isOver, rate: Math.round(rate * 100) / 100, etaSeconds };
}

/** Pages a second since the start. */
function rateOf(done: number, { startedAt, finishedAt }: JobRecord, now: number): number {
  if (startedAt === null) return 0;
  const seconds = ((finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt)) / 1_000;
  return seconds > 0 ? done / seconds : 0;
}

/** Address of the workflow in the Temporal Web UI; null when no UI is known. */
function uiUrlOf(job: JobRecord, { uiUrl, namespace }: ApiConfig['temporal']): string | null {
  if (uiUrl === undefined) return null;
  const workflow = `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(job.workflowId)}`;
  return job.runId === null ? workflow : `${workflow}/${encodeURIComponent(job.runId)}/history`;
}
