/** What clients may see of the workflows: names, queues, ids, how a job is started. */
import { type ExtractInput, type JobRecord, type Snapshot, type TemplateKey, learnWorkflowId } from '@gleaner/domain';
import { SearchAttributeType, type SearchAttributePair, defineSearchAttributeKey } from '@temporalio/common';

export const SEARCH_ATTRIBUTES = {
  jobKind: defineSearchAttributeKey('GleanerJobKind', SearchAttributeType.KEYWORD),
  site: defineSearchAttributeKey('GleanerSite', SearchAttributeType.KEYWORD),
  owner: defineSearchAttributeKey('GleanerOwner', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('GleanerStage', SearchAttributeType.KEYWORD),
} as const;

export const WORKFLOW_QUEUE = 'workflows';

/** Input of the workflow of a job: one object, so that it can grow. */
export interface JobWorkflowInput {
  readonly jobId: string;
  readonly ownerId: string;
  readonly input: JobRecord['input'];
  /** The job asks for fields. What they are stands in its row: a schema may be larger than a message may be. */
  readonly asksFields?: true;
  /** The job that this one does again: it goes on from the page that was stored then. */
  readonly retryOf?: string;
  /** Instead of a week; for tests. */
  readonly pauseLimitMs?: number;
}

/** Signals that the workflow of every job takes. The job waits between two stages; the last of pause and resume counts. */
export const PAUSE_JOB = 'pauseJob';
export const RESUME_JOB = 'resumeJob';
/** Changes the stages that have not been scheduled yet. */
export const STEER_JOB = 'steerJob';

export interface SteerJobInput {
  /** 1 is served first, 5 last. */
  readonly priority: number;
}

/** Update of the workflow of a crawl: changes its settings while it runs, and returns when they hold. */
export const CHANGE_CRAWL = 'changeCrawl';

export interface LearnSiteInput {
  readonly jobId: string;
  readonly ownerId: string;
  readonly template: TemplateKey;
  readonly snapshot: Snapshot;
  /** Further pages of the template that are stored already; without them some are looked for and fetched. */
  readonly samples?: readonly Snapshot[];
}

export interface JobStart {
  readonly workflowType: 'extractPage' | 'learnJob' | 'crawlSite';
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [JobWorkflowInput];
  readonly typedSearchAttributes: SearchAttributePair[];
  readonly memo: Record<string, unknown>;
  readonly staticSummary: string;
  readonly staticDetails: string;
  readonly priority: { readonly priorityKey: number };
  /** A crash between row and start repeats the start: it must find the same workflow, running or closed. */
  readonly workflowIdConflictPolicy: 'USE_EXISTING';
  readonly workflowIdReusePolicy: 'REJECT_DUPLICATE';
}

const WORKFLOW_TYPES = { extract: 'extractPage', learn: 'learnJob', crawl: 'crawlSite' } as const;
const SUMMARIES = { extract: 'Extract', learn: 'Learn the template of', crawl: 'Crawl' } as const;

function withoutFields(input: JobRecord['input']): Pick<JobWorkflowInput, 'input' | 'asksFields'> {
  const { schema, fields, ...rest } = input as ExtractInput;
  return schema === undefined && fields === undefined ? { input } : { input: rest, asksFields: true };
}

/** How the workflow of a job is started: everything that `client.workflow.start` needs besides the connection. */
export function jobStart(
  job: Pick<JobRecord, 'id' | 'ownerId' | 'kind' | 'input' | 'priority' | 'workflowId'> & Partial<Pick<JobRecord, 'retryOf'>>,
): JobStart {
  const site = new URL(job.input.url).host;
  return {
    workflowType: WORKFLOW_TYPES[job.kind],
    workflowId: job.workflowId,
    taskQueue: WORKFLOW_QUEUE,
    args: [{ jobId: job.id, ownerId: job.ownerId, ...withoutFields(job.input), ...(job.retryOf ? { retryOf: job.retryOf } : {}) }],
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.jobKind, value: job.kind },
      { key: SEARCH_ATTRIBUTES.site, value: site },
      { key: SEARCH_ATTRIBUTES.owner, value: job.ownerId },
    ],
    memo: { url: job.input.url.slice(0, 1_000) },
    staticSummary: `${SUMMARIES[job.kind]} ${job.input.url}`.slice(0, 200),
    staticDetails: `Job \`${job.id}\` asked for by \`${job.ownerId}\`.`,
    priority: { priorityKey: job.priority },
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
  };
}

export function learnSiteId(template: TemplateKey): string {
  return learnWorkflowId(template.site, template.templateId);
}
