/** Shapes of jobs on the wire. The answers are typed by the same schemas that /openapi.json shows. */
import { JOB_KINDS, JOB_STATES } from '@gleaner/domain';
import { CrawlInputSchema, ExtractInputSchema, LearnInputSchema } from '@gleaner/domain/schema';
import { z } from 'zod';

const count = z.int().min(0);
const time = z.iso.datetime();

export const FailureSchema = z
  .object({ code: z.string().meta({ examples: ['HTTP_404'] }), detail: z.string(), retryable: z.boolean() })
  .meta({ id: 'Failure', description: 'Why it failed; the codes are explained at /docs/errors' });

export const CountsSchema = z
  .object({
    discovered: count,
    fetched: count,
    extracted: count,
    embedded: count,
    stored: count,
    unchanged: count.meta({ description: 'Visited again and found as they were' }),
    duplicate: count.meta({ description: 'The same as another page of the job' }),
    failed: count,
    skipped: count,
  })
  .meta({ id: 'JobCounts', description: 'Pages by what happened to them' });

export const UsageSchema = z
  .object({
    modelCalls: count.meta({ description: 'Calls that left for a provider, those that failed too' }),
    modelCallsAvoided: count.meta({ description: 'Pages and batches for which rules or earlier answers made a call needless' }),
    tokens: count,
    costUsd: z.number(),
  })
  .meta({ id: 'JobUsage', description: 'What the job took of models' });

export const JobSchema = z
  .object({
    id: z.string().meta({ examples: ['job_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2'] }),
    kind: z.enum(JOB_KINDS),
    state: z.enum(JOB_STATES),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    input: z.union([ExtractInputSchema, LearnInputSchema, CrawlInputSchema]),
    options: z.record(z.string(), z.unknown()),
    priority: z.int(),
    labels: z.array(z.string()),
    progress: z.object({
      done: count,
      total: count.meta({ description: 'Pages that are known; grows while a crawl finds more' }),
      totalIsFinal: z.boolean(),
      rate: z.number().meta({ description: 'Pages a second' }),
      etaSeconds: z.number().nullable(),
    }),
    counts: CountsSchema,
    usage: UsageSchema,
    error: FailureSchema.nullable(),
    retryOf: z.string().nullable().meta({ description: 'The failed or cancelled job that this one does again' }),
    retriedAs: z.string().nullable().meta({ description: 'The job that does this one again' }),
    workflow: z.object({
      id: z.string(),
      runId: z.string().nullable(),
      uiUrl: z.string().nullable().meta({ description: 'The job in the Temporal Web UI' }),
    }),
    links: z.object({
      self: z.string(),
      events: z.string(),
      result: z.string(),
      document: z.string().optional(),
      pages: z.string().optional().meta({ description: 'The ledger of a crawl' }),
    }),
  })
  .meta({ id: 'Job' });

export type JobView = z.infer<typeof JobSchema>;

export const JobListSchema = z.object({ items: z.array(JobSchema), next: z.string().nullable() }).meta({ id: 'JobList' });

export const JobListQuerySchema = z.strictObject({
  kind: z.enum(JOB_KINDS).optional(),
  state: z.enum(JOB_STATES).optional(),
  label: z
    .union([z.string().min(1).max(64), z.array(z.string().min(1).max(64)).min(1).max(20)])
    .optional()
    .meta({ description: 'Given several times: jobs that have all of them', examples: ['news'] }),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Created at or after this time', examples: ['2026-11-21T10:00:00Z'] }),
  cursor: z.string().min(1).max(512).optional().meta({ description: '`next` of the list before' }),
  limit: z.coerce.number<string>().int().min(1).max(200).default(50),
});

export type JobListQuery = z.infer<typeof JobListQuerySchema>;
