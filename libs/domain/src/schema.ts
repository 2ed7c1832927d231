/** Shapes of what clients send. Parsed at the edge, trusted inside; kept apart so that no workflow bundle carries zod. */
import { z } from 'zod';
import { CRAWL_DEFAULTS, CRAWL_LIMITS, CRAWL_SCOPES, SITEMAP_MODES } from './crawl/crawl.js';
import { WANTED_LIMITS, readWantedFields } from './fields/wanted-fields.js';
import { RETRY_FROM } from './readers.js';
import { urlPatternProblem } from './url-pattern.js';
import { urlProblem } from './url.js';

const pageUrl = z
  .string()
  .superRefine((value, context) => {
    const problem = urlProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ description: 'Absolute http or https URL', format: 'uri', maxLength: 8192, examples: ['https://example.com/news/1'] });

const render = z.enum(['auto', 'never', 'always']).meta({ description: 'auto: HTTP first, the browser where the page needs it' });

/** What a page is asked for: problems carry the path of the field that has them. */
function checkWanted(input: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const bytes = new TextEncoder().encode(JSON.stringify(input)).length;
  if (bytes > WANTED_LIMITS.bytes) {
    context.addIssue({ code: 'custom', message: `must have at most ${WANTED_LIMITS.bytes} bytes of JSON, and has ${bytes}` });
    return;
  }
  const read = readWantedFields(input);
  if (read.kind === 'invalid')
    context.addIssue({ code: 'custom', path: read.path === '' ? [] : read.path.split('.'), message: read.detail });
}

const wantedSchema = z
  .record(z.string(), z.unknown())
  .superRefine((schema, context) => {
    if (typeof schema['properties'] === 'object' && schema['properties'] !== null) checkWanted(schema, context);
    else context.addIssue({ code: 'custom', path: ['properties'], message: 'must be an object: a schema describes an object' });
  })
  .meta({
    description: `JSON Schema of an object that the \`fields\` of each document are to fit: at most ${WANTED_LIMITS.fields} properties, ${WANTED_LIMITS.depth} levels, ${WANTED_LIMITS.bytes} bytes`,
    examples: [
      { type: 'object', required: ['price'], properties: { price: { type: 'number' }, released: { type: 'string', format: 'date' } } },
    ],
  });

const wish = z.strictObject({
  description: z.string().max(500).optional().meta({ description: 'What it is, or what the page calls it' }),
  example: z.string().max(500).optional().meta({ description: 'A value as a page shows it' }),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'date', 'url', 'list']).optional(),
});

const wantedFields = z
  .record(z.string(), wish)
  .superRefine(checkWanted)
  .meta({
    description: `In place of a schema: at most ${WANTED_LIMITS.fields} fields by name`,
    examples: [{ price: { type: 'number' }, warranty: {} }],
  });

/** The same words for every kind of job that extracts. */
const asked = { schema: wantedSchema.optional(), fields: wantedFields.optional() };

function checkAsked({ schema, fields }: { readonly schema?: unknown; readonly fields?: unknown }, context: z.RefinementCtx): void {
  if (schema !== undefined && fields !== undefined)
    context.addIssue({ code: 'custom', path: ['fields'], message: 'cannot be given beside schema' });
}

export const ExtractInputSchema = z
  .strictObject({
    url: pageUrl,
    render: render.optional(),
    fresh: z.boolean().optional().meta({ description: 'Fetch anew, without conditional requests' }),
    embed: z.boolean().optional().meta({ description: 'false leaves out chunks and embeddings' }),
    ...asked,
  })
  .superRefine(checkAsked)
  .meta({ id: 'ExtractInput' });

export const LearnInputSchema = z
  .strictObject({
    url: pageUrl,
    render: render.optional(),
    fresh: z.boolean().optional().meta({ description: 'Learn again even when the template is known' }),
  })
  .meta({ id: 'LearnInput' });

const pattern = z
  .string()
  .superRefine((value, context) => {
    const problem = urlPatternProblem(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({ description: 'As in robots.txt: `*` is anything, a last `$` is the end', minLength: 1, maxLength: 1_000, examples: ['/blog/'] });

/** What a crawl is asked for and what can be changed of one that runs: the same words, the same bounds. */
const changeable = {
  limit: z
    .int()
    .min(1)
    .max(CRAWL_LIMITS.pages)
    .optional()
    .meta({ description: `Most pages that are kept; default ${CRAWL_DEFAULTS.limit}`, examples: [500] }),
  include: z
    .array(pattern)
    .max(CRAWL_LIMITS.patterns)
    .optional()
    .meta({ description: 'A page must match one of them, by its path and query, or by its whole URL where the pattern has a scheme' }),
  exclude: z
    .array(pattern)
    .max(CRAWL_LIMITS.patterns)
    .optional()
    .meta({ description: 'A page must match none of them', examples: [['/tag/', '*.pdf$']] }),
  concurrency: z
    .int()
    .min(1)
    .max(CRAWL_LIMITS.concurrency)
    .optional()
    .meta({ description: `Pages of one host at once, at most; the host's own limits hold besides; default ${CRAWL_DEFAULTS.concurrency}` }),
};

export const CrawlInputSchema = z
  .strictObject({
    url: pageUrl,
    depth: z
      .int()
      .min(0)
      .max(CRAWL_LIMITS.depth)
      .optional()
      .meta({ description: `Most links from the start page to a page; default ${CRAWL_DEFAULTS.depth}` }),
    scope: z
      .enum(CRAWL_SCOPES)
      .optional()
      .meta({ description: 'host (default), its whole registrable domain, or what is below the folder of the start page' }),
    sitemap: z
      .enum(SITEMAP_MODES)
      .optional()
      .meta({ description: 'auto (default): the pages of sitemaps besides those that links lead to; only: no links; skip: no sitemaps' }),
    render: render.optional(),
    refresh: z.boolean().optional().meta({ description: 'Visit the site again: what has not changed is kept as it is' }),
    embed: z.boolean().optional().meta({ description: 'false leaves out chunks and embeddings' }),
    deadlineSeconds: z
      .int()
      .min(1)
      .max(CRAWL_LIMITS.deadlineSeconds)
      .optional()
      .meta({ description: 'The job fails after so many seconds; what is stored then stays', examples: [3_600] }),
    ...asked,
    ...changeable,
  })
  .superRefine(checkAsked)
  .meta({ id: 'CrawlInput', examples: [{ url: 'https://example.com/', limit: 500, exclude: ['/tag/'] }] });

const label = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w.:-]+$/, 'may have letters, digits and _ . : -');

const common = {
  priority: z.int().min(1).max(5).optional().meta({ description: '1 is served first; default 2 for extract, 3 for learn, 4 for crawl' }),
  labels: z.array(label).max(20).optional(),
};

export const JobRequestSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('extract'), input: ExtractInputSchema, ...common }),
    z.strictObject({ kind: z.literal('learn'), input: LearnInputSchema, ...common }),
    z.strictObject({ kind: z.literal('crawl'), input: CrawlInputSchema, ...common }),
  ])
  .meta({ id: 'JobRequest' });

export const JobChangeSchema = z
  .strictObject({
    options: z.strictObject({ ...common, ...changeable }).meta({
      description:
        'What a running job can still change: the priority of the stages to come, and its labels (all of them); of a crawl also limit, include, exclude and concurrency',
    }),
  })
  .meta({ id: 'JobChange', examples: [{ options: { priority: 1, labels: ['news', 'urgent'] } }] });

/** An empty body is the default. */
export const RetryRequestSchema = z
  .strictObject({
    from: z
      .enum(RETRY_FROM)
      .optional()
      .meta({ description: 'failed (default): what failed is done again; extract: all stored pages of a crawl are extracted anew' }),
  })
  .meta({ id: 'RetryRequest', examples: [{ from: 'failed' }] });

export type RetryRequest = z.infer<typeof RetryRequestSchema>;

export type JobChangeRequest = z.infer<typeof JobChangeSchema>;

export type JobRequest = z.infer<typeof JobRequestSchema>;
