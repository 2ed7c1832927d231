import { JOB_STATES, LEDGER_STATES } from '@gleaner/domain';
import { z } from 'zod';
import { CountsSchema, UsageSchema } from './job.dto.js';

const milliseconds = z.number().min(0);

const LedgerPageSchema = z
  .object({
    url: z.string(),
    state: z.enum(LEDGER_STATES),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Why it is a duplicate, was skipped or failed', examples: ['robots'] }),
    detail: z.string().nullable().meta({ description: 'The rule, the error or the original in words' }),
    code: z.string().nullable().meta({ description: 'Code of the error table, for what failed and what was refused' }),
    duplicateOf: z.string().nullable().meta({ description: 'URL of the page that this one repeats' }),
    documentId: z.string().nullable(),
    depth: z.int().min(0),
    source: z.enum(['start', 'link', 'sitemap', 'redirect', 'canonical', 'known']).meta({ description: 'How it was found' }),
    attempts: z.int().min(0),
    status: z.int().nullable(),
    bytes: z.int().nullable(),
    method: z.enum(['http', 'browser']).nullable(),
    finalUrl: z.string().nullable(),
    timingsMs: z.object({
      fetch: milliseconds.optional(),
      extract: milliseconds.optional(),
      embed: milliseconds.optional(),
      store: milliseconds.optional(),
    }),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'LedgerPage', description: 'A URL of a crawl, and what became of it' });

export const LedgerPageListSchema = z
  .object({ items: z.array(LedgerPageSchema), next: z.string().nullable() })
  .meta({ id: 'LedgerPageList' });

export type LedgerPageList = z.infer<typeof LedgerPageListSchema>;

export const LedgerQuerySchema = z.strictObject({
  state: z.enum(LEDGER_STATES).optional(),
  reason: z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/, 'must be the name of a reason, like robots')
    .optional()
    .meta({ examples: ['robots'] }),
  cursor: z.string().min(1).max(512).optional().meta({ description: '`next` of the list before' }),
  limit: z.coerce.number<string>().int().min(1).max(1_000).default(100),
});

export type LedgerQuery = z.infer<typeof LedgerQuerySchema>;

export const CrawlResultSchema = z
  .object({
    job: z.string(),
    state: z.enum(JOB_STATES),
    pages: z.int().min(0).meta({ description: 'Pages that can be read: stored, and unchanged since an earlier crawl' }),
    counts: CountsSchema,
    usage: UsageSchema,
    incomplete: z.int().min(0).optional().meta({
      description: 'Pages that lack a required field; where the crawl asked for fields. `extraction.fields` of a document says which',
    }),
    links: z.object({
      pages: z.string().meta({ description: 'The ledger' }),
      documents: z.string().meta({ description: 'All documents: Accept application/x-ndjson or application/zip' }),
    }),
  })
  .meta({ id: 'CrawlResult' });

export type CrawlResult = z.infer<typeof CrawlResultSchema>;
