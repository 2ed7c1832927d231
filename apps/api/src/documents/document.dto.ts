import { z } from 'zod';

const milliseconds = z.number().min(0);
const time = z.iso.datetime();

const method = z.enum(['template', 'general', 'model']);

const EvidenceSchema = z
  .object({
    source: z.enum(['jsonld', 'microdata', 'meta', 'dom', 'text', 'url']),
    selector: z.string().optional(),
    verbatim: z.boolean(),
    method: method.optional().meta({ description: 'A rule of the template, the general extractor, or a model' }),
    version: z.int().optional().meta({ description: 'Of the template whose rule answered' }),
    model: z.string().optional().meta({ description: 'The model that answered' }),
    share: z.number().optional().meta({ description: 'Of content: the share of its text that is literally on the page' }),
  })
  .meta({ id: 'Evidence', description: 'Where a value came from, and whether it is literally on the page' });

const FieldReportSchema = z
  .object({
    asked: z
      .string()
      .optional()
      .meta({ description: 'Fingerprint of what was asked: documents with the same one answer the same question' }),
    methods: z.record(z.string(), method.nullable()).meta({ description: 'By path: who served the field; null: it has no value' }),
    missing: z.array(z.object({ path: z.string(), required: z.boolean(), reason: z.enum(['not_found', 'not_valid', 'complex']) })),
    valid: z.boolean().meta({ description: 'The fields fit the schema: nothing that is required is missing' }),
    modelCalls: z.int(),
    modelCallsAvoided: z.int().meta({ description: '1: rules served every field, no model had to be asked' }),
    model: z.string().nullable(),
    tokens: z.int(),
    costUsd: z.number(),
    problem: z
      .object({ code: z.string(), detail: z.string() })
      .optional()
      .meta({ description: 'Why a model that is set did not answer; the fields left for it are empty' }),
  })
  .meta({ id: 'FieldReport', description: 'How the fields that the job asked for were served' });

const SnapshotSchema = z
  .object({
    hash: z.string(),
    bytes: z.int().nullable(),
    contentType: z.string().nullable(),
    charset: z.string().nullable(),
  })
  .meta({ id: 'DocumentSnapshot' });

export const DocumentSchema = z
  .object({
    id: z.string().meta({ examples: ['doc_01KAJ6R3T4E5Q6W7X8Y9Z0A1B2'] }),
    job: z.string(),
    url: z.string(),
    finalUrl: z.string(),
    canonicalUrl: z.string().nullable(),
    status: z.int(),
    fetchedAt: time,
    contentHash: z.string(),
    type: z.enum(['article', 'documentation', 'forum', 'product', 'listing', 'collection', 'service', 'other']),
    title: z.string(),
    author: z.array(z.string()),
    publishedAt: z.string().nullable().meta({ description: 'ISO 8601, as precise as the page says' }),
    modifiedAt: z.string().nullable(),
    language: z.string().nullable(),
    siteName: z.string().nullable(),
    description: z.string().nullable(),
    markdown: z.string(),
    text: z.string(),
    links: z.array(z.object({ url: z.string(), text: z.string(), rel: z.string().optional() })),
    images: z.array(z.object({ url: z.string(), alt: z.string() })),
    wordCount: z.int(),
    tokenCount: z.int().meta({ description: 'Estimated' }),
    keywords: z.array(z.string()),
    fields: z
      .record(z.string(), z.unknown())
      .meta({ description: 'What the job asked for, in the types of its schema, and nothing else; unasked, what the page has' }),
    extraction: z.object({
      method,
      version: z.int().nullable(),
      confidence: z.number().min(0).max(1),
      fetch: z.enum(['http', 'browser']),
      timingsMs: z.object({
        fetch: milliseconds,
        learn: milliseconds,
        extract: milliseconds,
        embed: milliseconds,
        store: milliseconds,
        analyze: milliseconds,
      }),
      fields: FieldReportSchema.optional(),
      embedding: z.object({ mode: z.enum(['lexical', 'vector', 'none']), model: z.string().optional(), dimensions: z.int().optional() }),
    }),
    evidence: z.record(z.string(), EvidenceSchema),
    snapshot: SnapshotSchema.optional(),
    html: z.string().optional().meta({ description: 'With `include=html`: the page source, decoded, at most 2 MB' }),
    htmlTruncated: z.boolean().optional(),
  })
  .meta({ id: 'Document' });

export type DocumentView = z.infer<typeof DocumentSchema>;

const PARTS = ['html', 'snapshot', 'evidence'] as const;
export type DocumentPart = (typeof PARTS)[number];

export const DocumentQuerySchema = z.strictObject({
  include: z
    .string()
    .max(100)
    .transform((text, context) => {
      const parts = text.split(',').map((part) => part.trim());
      const unknown = parts.find((part) => !(PARTS as readonly string[]).includes(part));
      if (unknown === undefined) return parts as DocumentPart[];
      context.addIssue({ code: 'custom', message: `must be a list of ${PARTS.join(', ')}; "${unknown}" is none of them` });
      return z.NEVER;
    })
    .optional()
    .meta({ description: 'Comma-separated: html, snapshot, evidence (which is always there)', examples: ['html,snapshot'] }),
});

export type DocumentQuery = z.infer<typeof DocumentQuerySchema>;
